// The device is gone. The wallet alone brings everything back from the network.
import { memoryStorage, openLocket } from '@locket/sdk'
import { localnet } from '@locket/sdk/localnet'

const network = await localnet()

const lost = await openLocket({ network })
await lost.remember('The spare key hangs behind the boiler', { tags: ['house'] })
await lost.remember('Blood group 0 negative', { category: 'medical' })
await lost.flush()
await lost.close()

const found = await openLocket({ network, storage: memoryStorage() }) // an empty device
console.log('memories before:', found.status().memories)

const report = await found.restore()
console.log(`restored ${report.restored} of ${report.found} from ${report.spaces} spaces, ${report.failed.length} failed`)

for await (const memory of found.all()) console.log(`${memory.category}: ${memory.text}`)
const [hit] = await found.recall('where is the spare key?')
console.log('recalled:', hit.memory.text)
await found.close()
