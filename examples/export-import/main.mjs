// All memories in one encrypted file, for keeping or for moving to another wallet. No network is asked.
import { isLocketError, openLocket } from '@locket/sdk'
import { localnet } from '@locket/sdk/localnet'

const old = await openLocket({ network: await localnet() })
await old.remember('Grandmother was born in Turku', { tags: ['family'] })
await old.remember('The boat is called Aurora', { tags: ['family'] })
const bundle = await old.export({ passphrase: 'correct horse battery staple' })
await old.close()
console.log('the file holds readable text:', Buffer.from(bundle).includes('Aurora'))

const next = await openLocket({ network: await localnet() }) // another wallet, another network
try {
  await next.import(bundle, { passphrase: 'a guess' })
} catch (error) {
  if (!isLocketError(error)) throw error
  console.log('wrong passphrase:', error.code)
}

const { imported } = await next.import(bundle, { passphrase: 'correct horse battery staple' })
const again = await next.import(bundle, { passphrase: 'correct horse battery staple' })
console.log(`imported ${imported}, then ${again.imported} and ${again.present} present`)
const [hit] = await next.recall('what is the name of the boat?')
console.log(hit.memory.text)
await next.close()
