// Two of three key servers must answer. One may fail; with two down nothing is lost, it waits.
import { memoryStorage, openLocket } from '@locket/sdk'
import { localnet } from '@locket/sdk/localnet'

const network = await localnet({ keyServers: { n: 3, threshold: 2 } })
const writer = await openLocket({ network })
await writer.remember('Call the notary on Tuesday')
await writer.flush()
await writer.close()

const reader = await openLocket({ network, storage: memoryStorage() })
network.faults.set('key-server/0', { kind: 'down' })
network.faults.set('key-server/1', { kind: 'status', status: 503 })
const servers = await reader.checkKeyServers()
console.log('healthy servers:', servers.filter(({ state }) => state === 'ok').length)

const { restored, failedSpaces } = await reader.restore()
const [{ error }] = failedSpaces
console.log(`restored ${restored}: ${error.code}, retry: ${error.retry}`)

network.faults.clear('key-server/1') // one is still down
const again = await reader.restore()
console.log(`restored ${again.restored} with one server down`)
await reader.close()
