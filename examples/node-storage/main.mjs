// Kept in a directory: the second run finds what the first remembered. Usage: node main.mjs [directory]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isLocketError, openLocket } from '@locket/sdk'
import { localnet } from '@locket/sdk/localnet'
import { nodeStorage } from '@locket/sdk/storage/node'

const directory = process.argv[2] ?? (await mkdtemp(join(tmpdir(), 'locket-')))
const storage = nodeStorage({ directory })
const network = await localnet() // the wallet unlocks the vault: the same wallet must open it again

const first = await openLocket({ network, storage })
await first.remember('The meter reading was 48213')

const second = await openLocket({ network, storage }).catch((error) => {
  if (!isLocketError(error, 'store/locked')) throw error
  console.log(`while it is open: ${error.code}`)
})
await second?.close()
await first.close()

const reopened = await openLocket({ network, storage })
const [hit] = await reopened.recall('meter reading')
console.log('after reopening:', hit.memory.text)
console.log('durable:', reopened.status().isDurable)
await reopened.close()

if (process.argv[2] === undefined) await rm(directory, { recursive: true })
