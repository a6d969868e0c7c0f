import { SessionKey } from '@mysten/seal'
import { Transaction } from '@mysten/sui/transactions'
import { fromHex } from '@mysten/sui/utils'
import type { Network } from '../../src/network.ts'
import { createSpace, identityOf, sealBytes, sealClient } from '../helpers/localnet/use-network.ts'
import { cpuMsPerCall } from './cpu.ts'

/** CPU of doing with Seal, once per memory, what Locket does once per space. */
export type SealBaseline = { readonly encryptMs: number; readonly decryptMs: number }

/**
 * One `SealClient.encrypt` and one `SealClient.decrypt` of `sizeBytes`, as an
 * application without data keys would call them for each memory. Keys are
 * fetched before the decryptions are measured, so that they are the client's
 * own work alone.
 */
export async function measureSeal(net: Network, sizeBytes: number): Promise<SealBaseline> {
  const { policyPackageId: packageId, threshold } = net.seal
  const spaceId = await createSpace(net)
  const id = identityOf(spaceId)
  const data = new Uint8Array(sizeBytes).fill(7)
  const client = sealClient(net)
  const encryptMs = await cpuMsPerCall(() => client.encrypt({ threshold, packageId, id, data }), { rounds: 5, calls: 4 })

  const sealed = await sealBytes(net, id, data)
  const tx = new Transaction()
  tx.moveCall({
    target: `${packageId}::space::seal_approve_owner`,
    arguments: [tx.pure.vector('u8', fromHex(id)), tx.object(spaceId)],
  })
  const txBytes = await tx.build({ client: net.client, onlyTransactionKind: true })
  const { signer } = net
  const sessionKey = await SessionKey.create({ address: signer.toSuiAddress(), packageId, ttlMin: 10, suiClient: net.client, signer })
  await client.fetchKeys({ ids: [id], txBytes, sessionKey, threshold })
  const decryptMs = await cpuMsPerCall(() => client.decrypt({ data: sealed, sessionKey, txBytes }), { rounds: 5, calls: 4 })
  return { encryptMs, decryptMs }
}
