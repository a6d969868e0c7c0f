import { NoAccessError } from '@mysten/seal'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { Transaction } from '@mysten/sui/transactions'
import { WalrusFile } from '@mysten/walrus'
import { describe, expect, it } from 'vitest'
import { localnet } from '../../../src/localnet/localnet.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'
import type { Network } from '../../../src/network.ts'
import { createSpace, identityOf, openBytes, sealBytes, walrusClient } from '../../helpers/localnet/use-network.ts'

const secret = new TextEncoder().encode('allergic to peanuts')
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const fileOf = (identifier: string) => WalrusFile.from({ contents: new TextEncoder().encode(`file ${identifier}`), identifier })

async function keysOf(seed: number) {
  await using net = await localnet({ entropy: seededEntropy(`net ${seed}`) })
  const { committee } = await walrusClient(net).systemState()
  const nodes = committee.members.map((member) => Buffer.from(member.public_key.bytes).toString('hex'))
  return [net.signer.toSuiAddress(), net.seal.pinnedPublicKeys, nodes]
}

describe('localnet', () => {
  it('runs the real Seal client against the compiled policy', async () => {
    await using net = await localnet()
    const spaceId = await createSpace(net)
    const sealed = await sealBytes(net, identityOf(spaceId), secret)
    expect(text(await openBytes(net, spaceId, sealed))).toBe('allergic to peanuts')
    await expect(openBytes(net, spaceId, sealed, await net.createWallet())).rejects.toBeInstanceOf(NoAccessError)
  })

  it('runs the real Walrus client: write through the relay, read back', async () => {
    await using net = await localnet()
    const walrus = walrusClient(net)
    const [written] = await walrus.writeFiles({ files: ['b', 'a'].map(fileOf), epochs: 2, deletable: true, signer: net.signer })
    const [file] = await walrus.getFiles({ ids: [written?.id as string] })
    expect(await file?.text()).toBe('file a')
    const viaAggregator = await net.fetch(`${net.walrus.aggregators[0]}/v1/blobs/by-quilt-patch-id/${written?.id}`)
    expect(await viaAggregator.text()).toBe('file a')
  })

  it('has the same keys again from the same entropy, and others from another', async () => {
    expect(await keysOf(1)).toEqual(await keysOf(1))
    expect(await keysOf(1)).not.toEqual(await keysOf(2))
  })

  it('has the real network’s limits with 1000 shards', async () => {
    await using net = await localnet({ nShards: 1000 })
    expect(net.walrus.nShards).toBe(1000)
    expect((await walrusClient(net).systemState()).committee.n_shards).toBe(1000)
  })

  it('is a Network', async () => {
    await using net = await localnet()
    const network: Network = net
    expect(network.name).toBe('localnet')
    expect(network.seal).toMatchObject({ threshold: 2 })
    expect(network.seal.servers).toHaveLength(3)
    expect(Object.keys(network.seal.pinnedPublicKeys ?? {})).toHaveLength(3)
    expect(network.walrus).toMatchObject({ nShards: 100, maxEpochs: 53 })
  })

  it('funds the wallet it is given and those it makes', async () => {
    const signer = Ed25519Keypair.generate()
    await using net = await localnet({ signer })
    expect(net.signer).toBe(signer)
    const other = await net.createWallet({ sui: 2, wal: 0.5 })
    const balance = async (owner: string, coinType?: string) =>
      (await net.client.getBalance(coinType ? { owner, coinType } : { owner })).balance.balance
    expect(await balance(signer.toSuiAddress())).toBe('1000000000000')
    expect(await balance(other.toSuiAddress())).toBe('2000000000')
    expect(await balance(other.toSuiAddress(), net.walType)).toBe('500000000')
  })

  it('logs every request that leaves, and none tells the secret', async () => {
    await using net = await localnet()
    const spaceId = await createSpace(net)
    await openBytes(net, spaceId, await sealBytes(net, identityOf(spaceId), secret))
    const urls = net.requests.entries().map(({ url }) => url)
    expect(urls).toContain('http://fullnode.localnet/executeTransaction')
    expect(urls.filter((url) => url.endsWith('/v1/fetch_key'))).toHaveLength(3)
    const everything = net.requests
      .entries()
      .map(({ url, headers, body }) => `${url} ${JSON.stringify(headers)} ${Buffer.from(body).toString('latin1')}`)
    expect(everything.filter((entry) => entry.includes('peanuts'))).toEqual([])
  })

  it('reaches no host of its own outside, and nothing after it is closed', async () => {
    const net = await localnet()
    await expect(net.fetch('https://example.com/')).rejects.toBeInstanceOf(TypeError)
    await net.close()
    await net.close()
    await expect(net.client.getReferenceGasPrice()).rejects.toMatchObject({ code: 'usage/closed' })
    await expect(net.fetch(`${net.walrus.aggregators[0]}/v1/api`)).rejects.toMatchObject({ code: 'usage/closed' })
  })

  it('moves time and epochs when told', async () => {
    let nowMs = 1_900_000_000_000
    const clock = { nowMs: () => nowMs, sleep: async (ms: number) => void (nowMs += ms) }
    await using net = await localnet({ clock })
    await net.advance(60_000)
    expect(net.clock.nowMs()).toBe(1_900_000_060_000)
    const { object } = await net.client.getObject({ objectId: '0x6', include: { content: true } })
    expect(new DataView(object.content.buffer, object.content.byteOffset + 32).getBigUint64(0, true)).toBe(1_900_000_060_000n)
    const before = Number((await net.client.getCurrentSystemState()).systemState.epoch)
    await net.advanceEpoch(2)
    expect(Number((await net.client.getCurrentSystemState()).systemState.epoch)).toBe(before + 2)
    expect((await walrusClient(net).systemState()).committee.epoch).toBe(before + 2)
  })

  it('comes back from a snapshot with its objects, keys and blobs', async () => {
    const signer = Ed25519Keypair.generate()
    await using first = await localnet({ signer })
    const spaceId = await createSpace(first)
    const sealed = await sealBytes(first, identityOf(spaceId), secret)
    const files = [WalrusFile.from({ contents: sealed, identifier: 'a' })]
    const [written] = await walrusClient(first).writeFiles({ files, epochs: 2, deletable: true, signer })
    const snapshot = structuredClone(await first.snapshot())

    await using second = await localnet({ signer, snapshot })
    const [file] = await walrusClient(second).getFiles({ ids: [written?.id as string] })
    expect(text(await openBytes(second, spaceId, (await file?.bytes()) as Uint8Array))).toBe('allergic to peanuts')
    expect(second.seal.pinnedPublicKeys).toEqual(first.seal.pinnedPublicKeys)
    const again = await walrusClient(second).writeFiles({ files: [fileOf('z')], epochs: 1, deletable: true, signer })
    expect(again).toHaveLength(1)
  })
})

describe('faults', () => {
  it('tolerates one key server that is down and refuses to open with two', async () => {
    await using net = await localnet()
    const spaceId = await createSpace(net)
    const sealed = await sealBytes(net, identityOf(spaceId), secret)
    net.faults.set('key-server/0', { kind: 'status', status: 503 })
    expect(text(await openBytes(net, spaceId, sealed))).toBe('allergic to peanuts')
    net.faults.set('key-server/1', { kind: 'status', status: 503 })
    await expect(openBytes(net, spaceId, sealed)).rejects.toThrow()
    net.faults.clear()
    expect(text(await openBytes(net, spaceId, sealed))).toBe('allergic to peanuts')
  })

  it('lets a full node lag behind, go silent and come back', async () => {
    await using net = await localnet()
    const spaceId = await createSpace(net)
    net.faults.set('full-node', { kind: 'stale', transactions: 1 })
    await expect(net.client.getObject({ objectId: spaceId })).rejects.toMatchObject({ reason: 'notFound' })
    net.faults.set('full-node', { kind: 'down' }, { times: 1 })
    await expect(net.client.getObject({ objectId: spaceId })).rejects.toBeInstanceOf(TypeError)
    expect((await net.client.getObject({ objectId: spaceId })).object.objectId).toBe(spaceId)
  })

  it('hides the coins of an empty wallet', async () => {
    await using net = await localnet()
    net.faults.set('wallet', { kind: 'no-wal' })
    const write = () => walrusClient(net).writeFiles({ files: [fileOf('a')], epochs: 1, deletable: true, signer: net.signer })
    await expect(write()).rejects.toThrow(/WAL/)
    net.faults.set('wallet', { kind: 'no-sui' })
    const tx = new Transaction()
    tx.setSender(net.signer.toSuiAddress())
    await expect(tx.build({ client: net.client })).rejects.toThrow('No valid gas coins found')
    net.faults.clear('wallet')
    expect(await write()).toHaveLength(1)
  })

  it('serves an aggregator 404 the given number of times', async () => {
    await using net = await localnet()
    const [written] = await walrusClient(net).writeFiles({ files: [fileOf('a')], epochs: 1, deletable: true, signer: net.signer })
    net.faults.set('aggregator/0', { kind: 'not-found' }, { times: 2 })
    const read = async () => (await net.fetch(`${net.walrus.aggregators[0]}/v1/blobs/by-quilt-patch-id/${written?.id}`)).status
    expect([await read(), await read(), await read()]).toEqual([404, 404, 200])
  })

  it('makes a write fail when the epoch changes under it', async () => {
    await using net = await localnet()
    net.faults.set('epoch', { kind: 'after-upload' }, { times: 1 })
    const write = () => walrusClient(net).writeFiles({ files: [fileOf('a')], epochs: 1, deletable: true, signer: net.signer })
    await expect(write()).rejects.toThrow()
    expect(await write()).toHaveLength(1)
  })
})

describe('the compiled modules', () => {
  it('forbid to transfer what lacks store, whoever owns it', async () => {
    await using net = await localnet()
    const spaceId = await createSpace(net)
    const owner = net.signer.toSuiAddress()
    const markers = await net.client.listOwnedObjects({ owner, type: `${net.seal.policyPackageId}::space::SpaceKey` })
    const marker = markers.objects[0]?.objectId as string
    const give = new Transaction()
    give.transferObjects([give.object(marker)], (await net.createWallet()).toSuiAddress())
    give.setGasBudget(10_000_000)
    const result = await net.client.signAndExecuteTransaction({ transaction: give, signer: net.signer })
    expect(result.FailedTransaction?.status.error).toMatchObject({ CommandArgumentError: { argument: 0, name: 'InvalidTransferObject' } })
    expect((await net.client.getObject({ objectId: spaceId })).object.owner.$kind).toBe('Shared')
  })

  it('accept a set of key servers only as strong as it was asked to be', async () => {
    await using weak = await localnet({ keyServers: { n: 1, threshold: 1 } })
    expect(weak.seal.acceptRisk).toEqual(['single-server-can-decrypt', 'no-server-may-fail'])
    await using strong = await localnet()
    expect(strong.seal.acceptRisk).toEqual([])
  })
})
