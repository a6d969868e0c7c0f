/**
 * The process that is killed: keeps memories and uploads them for ever, telling
 * the witness after each acknowledgement. Armed with a boundary, it dies there.
 */
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { connectLocalnet } from '../../../src/localnet/http/client.ts'
import { openLocket } from '../../../src/locket/open-locket.ts'
import { nodeStorage } from '../../../src/locket/storage-node.ts'
import { createFailpoints } from './failpoints.ts'

const [url = '', witnessUrl = '', directory = '', secretKey = '', boundary = '', round = ''] = process.argv.slice(2)

/** Dies, as by a power cut to this process. */
const points = createFailpoints((reached) => {
  if (reached === boundary) process.kill(process.pid, 'SIGKILL')
})
const send = points.fetch((input, init) => fetch(input, init))
/** A space is made once: to die there takes a category of its own. */
const BOUNDARY_OF_A_SPACE = /^(create|set-key)/

const network = await connectLocalnet(url, { signer: Ed25519Keypair.fromSecretKey(secretKey), fetch: send })
const locket = await openLocket({ network, storage: points.storage(nodeStorage({ directory })) })
for (let i = 0; ; i++) {
  const category = BOUNDARY_OF_A_SPACE.test(boundary) ? `${round} ${i}` : 'memories'
  const { id } = await locket.remember(`memory ${round}/${i}`, { category })
  await fetch(witnessUrl, { method: 'POST', body: id })
  if (i % 3 === 2) await locket.flush()
}
