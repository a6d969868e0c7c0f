// Remember something, find it at once, upload it encrypted. No server, no wallet, no key: the localnet runs in this process.
import { openLocket } from '@locket/sdk'
import { localnet } from '@locket/sdk/localnet'

const locket = await openLocket({ network: await localnet() })

await locket.remember('Allergic to peanuts since 2019', { category: 'medical' })
const [hit] = await locket.recall('which food am I allergic to?')
console.log('recalled before any upload:', hit.memory.text)

const quote = await locket.cost()
const receipt = await locket.flush()
console.log('uploaded memories:', receipt.memories, 'in quilts:', receipt.quilts.length)
console.log('paid what was quoted:', receipt.costFrost === quote.totalFrost)

await locket.close()
