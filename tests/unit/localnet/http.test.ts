import { WalrusFile } from '@mysten/walrus'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectLocalnet } from '../../../src/localnet/http/client.ts'
import { openLocalnetServer, type LocalnetServer } from '../../../src/localnet/http/server.ts'
import type { Network } from '../../../src/network.ts'
import { createSpace, identityOf, openBytes, sealBytes, walrusClient } from '../../helpers/localnet/use-network.ts'

let server: LocalnetServer
beforeAll(async () => {
  server = await openLocalnetServer()
})
afterAll(() => server.close())

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('a served localnet', () => {
  it('runs the real Seal and Walrus clients at the other end of a connection', async () => {
    const net: Network = await connectLocalnet(server.url)
    const spaceId = await createSpace(net)
    const sealed = await sealBytes(net, identityOf(spaceId), new TextEncoder().encode('over http'))
    const files = [WalrusFile.from({ contents: sealed, identifier: 'a' })]
    const [written] = await walrusClient(net).writeFiles({ files, epochs: 2, deletable: true, signer: net.signer })
    const [file] = await walrusClient(net).getFiles({ ids: [written?.id as string] })
    expect(text(await openBytes(net, spaceId, (await file?.bytes()) as Uint8Array))).toBe('over http')
    // The aggregator can be used by path, with nothing but the platform's fetch.
    const answer = await fetch(`${net.walrus.aggregators[0]}/v1/blobs/by-quilt-patch-id/${written?.id}`)
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(sealed)
  })

  it('is shared: one connection sees what another did', async () => {
    const [a, b] = await Promise.all([connectLocalnet(server.url), connectLocalnet(server.url)])
    const wallet = await a.createWallet({ sui: 3 })
    expect((await b.client.getBalance({ owner: wallet.toSuiAddress() })).balance.balance).toBe('3000000000')
  })

  it('hands errors over as the SDK’s own', async () => {
    const net = await connectLocalnet(server.url)
    await expect(net.client.getObject({ objectId: '0xdead' })).rejects.toMatchObject({ reason: 'notFound', code: 'notFound' })
    await expect(net.client.getTransaction({ digest: '1'.repeat(32) })).rejects.toMatchObject({ reason: 'notFound' })
    await expect(net.client.executeTransaction({ transaction: new Uint8Array(3), signatures: [] })).rejects.toMatchObject({
      name: 'TransactionRejection',
      reason: 'malformed',
    })
  })

  it('breaks and mends parts, and moves time, for everybody', async () => {
    const net = await connectLocalnet(server.url)
    await net.setFault('full-node', { kind: 'down' }, { times: 1 })
    await expect(net.client.getReferenceGasPrice()).rejects.toBeInstanceOf(TypeError)
    expect((await net.client.getReferenceGasPrice()).referenceGasPrice).toBe('1000')
    await net.setFault('aggregator/0', { kind: 'status', status: 429, retryAfterSeconds: 7 })
    const refused = await net.fetch(`${net.walrus.aggregators[0]}/v1/blobs/x`)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7'])
    await net.clearFaults()
    expect(server.net.faults.list()).toEqual([])
    const epoch = server.net.ledger.epoch()
    await net.advanceEpoch()
    expect(server.net.ledger.epoch()).toBe(epoch + 1)
    await net.advance(3_600_000)
    expect(Math.abs(net.clock.nowMs() - server.net.clock.nowMs())).toBeLessThan(60_000)
  })

  it('lets any page use it', async () => {
    const preflight = await fetch(`${server.url}/rpc/getObjects`, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:5173', 'access-control-request-method': 'POST', 'access-control-request-headers': 'request-id' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    expect(preflight.headers.get('access-control-allow-headers')).toBe('request-id')
    const answer = await fetch(`${server.url}/`)
    expect(answer.headers.get('access-control-expose-headers')).toBe('*')
  })

  it('refuses paths, methods and parameters it does not know', async () => {
    const post = async (path: string, body: string) => (await fetch(`${server.url}${path}`, { method: 'POST', body })).status
    expect(await post('/rpc/constructor', '{}')).toBe(404)
    expect(await post('/rpc/resolveTransactionPlugin', '{}')).toBe(404)
    expect(await post('/control/faucet', '{"address":1}')).toBe(400)
    expect(await post('/control/advance', '{"ms":"1"}')).toBe(400)
    expect(await post('/rpc/getObjects', 'no json')).toBe(400)
    expect((await fetch(`${server.url}/rpc/getObjects`)).status).toBe(404)
  })

  it('says so when nothing answers, and when the port is taken', async () => {
    const other = await openLocalnetServer()
    await other.close()
    await expect(connectLocalnet(other.url)).rejects.toMatchObject({ code: 'chain/unreachable' })
    const port = Number(new URL(server.url).port)
    await expect(openLocalnetServer({ port })).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })
})
