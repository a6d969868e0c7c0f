/**
 * The process that is killed: keeps memories and uploads them for ever, telling
 * the witness after each acknowledgement. Armed with a boundary, it dies there.
 */
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { connectLocalnet } from '../../../src/localnet/http/client.ts'
import { openLocket } from '../../../src/locket/open-locket.ts'
import { nodeStorage } from '../../../src/locket/storage-node.ts'
import type { LocketStorage } from '../../../src/locket/storage.ts'
import type { BlobStore, StoreOp } from '../../../src/store/port.ts'

const [url = '', witnessUrl = '', directory = '', secretKey = '', boundary = '', round = ''] = process.argv.slice(2)

/** Dies, as by a power cut to this process, before or after a write that `name` says is done. */
async function passing<T>(names: readonly string[], write: () => Promise<T>): Promise<T> {
  const die = (when: string) => {
    if (names.some((name) => `${name}-${when}` === boundary)) process.kill(process.pid, 'SIGKILL')
  }
  die('before')
  const result = await write()
  die('after')
  return result
}

let uploadSteps = 0
function namesOf(ops: readonly StoreOp[], place: 'vault' | 'cache'): string[] {
  const puts = (prefix: string) => ops.some(({ type, key }) => type === 'put' && key.startsWith(prefix))
  const deletes = (prefix: string) => ops.some(({ type, key }) => type === 'delete' && key.startsWith(prefix))
  const names: string[] = []
  if (place === 'cache' && puts('q/')) names.push('settle-cache')
  if (place === 'vault') {
    if (puts('m/')) names.push('write')
    if (puts('b/plan/')) names.push('plan')
    if (puts('b/upload/')) names.push(`upload-${++uploadSteps}`)
    if (deletes('b/plan/')) names.push('settle-vault')
  }
  return names
}

function armed(store: BlobStore, place: 'vault' | 'cache'): BlobStore {
  return {
    ...store,
    put: (key, value, options) => passing(namesOf([{ type: 'put', key, value }], place), () => store.put(key, value, options)),
    batch: (ops, options) => passing(namesOf(ops, place), () => store.batch(ops, options)),
  }
}

const inner = nodeStorage({ directory })
const storage: LocketStorage = {
  ...inner,
  async open(options) {
    const opened = await inner.open(options)
    return { ...opened, vault: armed(opened.vault, 'vault'), cache: armed(opened.cache, 'cache') }
  },
}

const network = await connectLocalnet(url, { signer: Ed25519Keypair.fromSecretKey(secretKey) })
const locket = await openLocket({ network, storage })
for (let i = 0; ; i++) {
  const { id } = await locket.remember(`memory ${round}/${i}`)
  await fetch(witnessUrl, { method: 'POST', body: id })
  if (i % 3 === 2) await locket.flush()
}
