import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openNodeJournal } from '../../src/store/node-fs.ts'
import { blobStoreContract } from '../../src/testkit/contract/blob-store.ts'

blobStoreContract('journal on disk', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'locket-journal-'))
  return { open: () => openNodeJournal({ directory }), dispose: () => rm(directory, { recursive: true }) }
})
