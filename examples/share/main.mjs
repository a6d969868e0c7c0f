// Ann lets Ben read one category, then stops. Ben keeps what he could read, and cannot read what she writes after.
import { openLocket } from '@locket/sdk'
import { localnet } from '@locket/sdk/localnet'

const network = await localnet()
const ann = await openLocket({ network })
const ben = await openLocket({ network: { ...network, signer: await network.createWallet() } })

await ann.remember('Penicillin is safe, codeine is not', { category: 'medical' })
await ann.remember('Nobody else reads this', { category: 'personal' })
await ann.share('medical', { address: ben.address })
await ann.flush()

await ben.restore()
for await (const { category, text } of ben.all()) console.log(`Ben reads ${category.split('@')[0]}: ${text}`)

await ann.unshare('medical', ben.address)
await ann.remember('A second opinion is booked', { category: 'medical' })
await ann.flush()

const { restored, failedSpaces } = await ben.restore()
console.log('Ben brings', restored, 'more;', failedSpaces.map(({ error }) => error.code).join(), 'from', failedSpaces.length, 'space')

await ann.close()
await ben.close()
