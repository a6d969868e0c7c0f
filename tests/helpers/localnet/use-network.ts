import { SealClient, SessionKey } from '@mysten/seal'
import type { Signer } from '@mysten/sui/cryptography'
import { Transaction } from '@mysten/sui/transactions'
import { fromHex } from '@mysten/sui/utils'
import { WalrusClient } from '@mysten/walrus'
import type { Network } from '../../../src/network.ts'

/**
 * A Seal client made as an application would. Verifying the servers is asked of
 * every server, so a client that is to tolerate one that is down cannot do it.
 */
export function sealClient(net: Network, verifyKeyServers = false): SealClient {
  const { servers, fetch } = net.seal
  return new SealClient({ suiClient: net.client, serverConfigs: [...servers], verifyKeyServers, ...(fetch ? { fetch } : {}) })
}

export function walrusClient(net: Network): WalrusClient {
  const { systemObjectId, stakingPoolId, upload, fetch } = net.walrus
  if (upload.via !== 'relay' || fetch === undefined) throw new Error('made for a relay')
  return new WalrusClient({
    packageConfig: { systemObjectId, stakingPoolId },
    suiClient: net.client,
    storageNodeClientOptions: { fetch },
    uploadRelay: { host: upload.host, fetch, sendTip: { max: upload.maxTipMist } },
  })
}

/** Creates a space with the real policy package; its id. */
export async function createSpace(net: Network): Promise<string> {
  const tx = new Transaction()
  tx.moveCall({ target: `${net.seal.policyPackageId}::space::create`, arguments: [tx.object.clock()] })
  const result = await net.client.core.signAndExecuteTransaction({ transaction: tx, signer: net.signer, include: { objectTypes: true } })
  const id = Object.entries(result.Transaction?.objectTypes ?? {}).find(([, type]) => type.endsWith('::space::Space'))?.[0]
  if (id === undefined) throw new Error('no space was created')
  return id
}

/** A Seal identity of epoch 0 of a space. */
export const identityOf = (spaceId: string): string => `${spaceId.slice(2)}00000000${'ab'.repeat(16)}`

export async function sealBytes(net: Network, id: string, data: Uint8Array): Promise<Uint8Array> {
  const { threshold, policyPackageId } = net.seal
  return (await sealClient(net, true).encrypt({ threshold, packageId: policyPackageId, id, data })).encryptedObject
}

/** Decrypts with a fresh client and session, as the owner of the space. */
export async function openBytes(net: Network, spaceId: string, sealed: Uint8Array, signer: Signer = net.signer): Promise<Uint8Array> {
  const { policyPackageId: packageId } = net.seal
  const tx = new Transaction()
  const id = tx.pure.vector('u8', fromHex(identityOf(spaceId)))
  tx.moveCall({ target: `${packageId}::space::seal_approve_owner`, arguments: [id, tx.object(spaceId)] })
  const txBytes = await tx.build({ client: net.client, onlyTransactionKind: true })
  const sessionKey = await SessionKey.create({ address: signer.toSuiAddress(), packageId, ttlMin: 10, suiClient: net.client, signer })
  return sealClient(net).decrypt({ data: sealed, sessionKey, txBytes })
}
