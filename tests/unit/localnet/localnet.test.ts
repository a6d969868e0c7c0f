import { SealClient, SessionKey } from '@mysten/seal'
import { Transaction } from '@mysten/sui/transactions'
import { fromHex } from '@mysten/sui/utils'
import { WalrusClient, WalrusFile } from '@mysten/walrus'
import { describe, expect, it } from 'vitest'
import { localnet } from '../../../src/localnet/localnet.ts'
import type { Localnet } from '../../../src/localnet/types.ts'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

function sealClient(net: Localnet) {
  return new SealClient({
    suiClient: net.client,
    serverConfigs: [...net.seal.servers],
    verifyKeyServers: true,
    fetch: net.seal.fetch as typeof fetch,
  })
}

function walrusClient(net: Localnet) {
  const { systemObjectId, stakingPoolId, upload } = net.walrus
  if (upload.via !== 'relay') throw new Error('the default is a relay')
  return new WalrusClient({
    packageConfig: { systemObjectId, stakingPoolId },
    suiClient: net.client,
    storageNodeClientOptions: { fetch: net.fetch },
    uploadRelay: { host: upload.host, fetch: net.fetch, sendTip: { max: upload.maxTipMist } },
  })
}

async function createSpace(net: Localnet) {
  const tx = new Transaction()
  tx.moveCall({ target: `${net.seal.policyPackageId}::space::create`, arguments: [tx.object.clock()] })
  const result = await net.client.signAndExecuteTransaction({
    transaction: tx,
    signer: net.signer,
    include: { effects: true, objectTypes: true },
  })
  const done = result.Transaction
  const id = Object.entries(done?.objectTypes ?? {}).find(([, type]) => type.endsWith('::space::Space'))?.[0]
  if (id === undefined) throw new Error('no space was created')
  return id
}

describe('localnet', () => {
  it('runs the real Seal client against the compiled policy', async () => {
    await using net = await localnet()
    const spaceId = await createSpace(net)
    const seal = sealClient(net)
    const id = `${spaceId.slice(2)}00000000${'ab'.repeat(16)}`
    const data = new TextEncoder().encode('allergic to peanuts')
    const { encryptedObject } = await seal.encrypt({ threshold: net.seal.threshold, packageId: net.seal.policyPackageId, id, data })
    const approve = new Transaction()
    approve.moveCall({
      target: `${net.seal.policyPackageId}::space::seal_approve_owner`,
      arguments: [approve.pure.vector('u8', fromHex(id)), approve.object(spaceId)],
    })
    const txBytes = await approve.build({ client: net.client, onlyTransactionKind: true })
    const session = async (signer: typeof net.signer) =>
      SessionKey.create({ address: signer.toSuiAddress(), packageId: net.seal.policyPackageId, ttlMin: 10, suiClient: net.client, signer })
    expect(text(await seal.decrypt({ data: encryptedObject, sessionKey: await session(net.signer), txBytes }))).toBe('allergic to peanuts')
    const stranger = await session(await net.createWallet())
    await expect(sealClient(net).decrypt({ data: encryptedObject, sessionKey: stranger, txBytes })).rejects.toThrow(/does not have access/)
    expect(net.requests.entries().some(({ url }) => url.endsWith('/v1/fetch_key'))).toBe(true)
  })

  it('runs the real Walrus client: write through the relay, read back', async () => {
    await using net = await localnet()
    const walrus = walrusClient(net)
    const files = ['b', 'a'].map((identifier) => WalrusFile.from({ contents: new TextEncoder().encode(`file ${identifier}`), identifier }))
    const [written] = await walrus.writeFiles({ files, epochs: 2, deletable: true, signer: net.signer })
    const [file] = await walrus.getFiles({ ids: [written?.id as string] })
    expect(await file?.text()).toBe('file a')
    const viaAggregator = await net.fetch(`${net.walrus.aggregators[0]}/v1/blobs/by-quilt-patch-id/${written?.id}`)
    expect(await viaAggregator.text()).toBe('file a')
  })
})
