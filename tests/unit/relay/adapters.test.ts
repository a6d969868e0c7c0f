import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createBroadcastChannelRelay, type BroadcastChannelLike } from '../../../src/relay/broadcast-channel.ts'
import { createNatsRelay } from '../../../src/relay/nats.ts'
import { createNostrRelay } from '../../../src/relay/nostr.ts'

const mailbox = new Uint8Array(32).fill(1)
const body = Uint8Array.of(1, 2, 3)
const secretKey = new Uint8Array(32).fill(7)

/** An address where nobody listens. */
async function deadUrl(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `ws://127.0.0.1:${port}/`
}

/** A Nostr relay that answers each message with what `answer` gives. */
async function nostrRelay(answer: (message: [string, ...unknown[]]) => unknown[][]): Promise<{ readonly url: string; close(): void }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) =>
    socket.on('message', (data: Buffer) => {
      for (const reply of answer(JSON.parse(data.toString()) as [string, ...unknown[]])) socket.send(JSON.stringify(reply))
    }),
  )
  await new Promise((resolve) => server.once('listening', resolve))
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() }
}

describe('createNostrRelay', () => {
  it('says relay/unreachable when nobody listens', async () => {
    const relay = createNostrRelay({ url: await deadUrl(), webSocket: WebSocket, secretKey, timeoutMs: 1 })
    await expect(relay.send(mailbox, body)).rejects.toMatchObject({ code: 'relay/unreachable' })
    await expect(relay.receive(mailbox)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'relay/unreachable' })
    await relay.close()
  })

  it('gives the word with which a relay refuses', async () => {
    const server = await nostrRelay(([type, value]) =>
      type === 'EVENT'
        ? [['OK', (value as { id: string }).id, false, 'rate-limited: slow down']]
        : [['CLOSED', value, 'auth-required: no']],
    )
    const relay = createNostrRelay({ url: server.url, webSocket: WebSocket, secretKey })
    await expect(relay.send(mailbox, body)).rejects.toMatchObject({ code: 'relay/refused', details: { reason: 'rate-limited' } })
    const first = relay.receive(mailbox)[Symbol.asyncIterator]().next()
    await expect(first).rejects.toMatchObject({ code: 'relay/refused', details: { reason: 'auth-required' } })
    await relay.close()
    server.close()
  })

  it('sends events that any relay takes, with an address and without the mailbox', async () => {
    const events: { kind: number; content: string; tags: string[][]; pubkey: string }[] = []
    const server = await nostrRelay(([type, value]) => {
      if (type === 'EVENT') events.push(value as (typeof events)[number])
      return [['OK', (value as { id: string }).id, true, '']]
    })
    const relay = createNostrRelay({ url: server.url, webSocket: WebSocket, secretKey })
    await relay.send(mailbox, body)
    await relay.send(mailbox, body)
    const { verifyEvent } = await import('nostr-tools/pure')
    for (const event of events) expect(verifyEvent(event as never)).toBe(true)
    expect(events[0]).toMatchObject({
      kind: 4573,
      content: 'AQID',
      tags: [
        ['m', expect.stringMatching(/^[0-9a-f]{64}$/)],
        ['expiration', expect.stringMatching(/^\d+$/)],
        ['n', '0'],
      ],
    })
    expect(JSON.stringify(events)).not.toContain(Buffer.from(mailbox).toString('hex'))
    await relay.close()
    server.close()
  })

  it('passes over events that carry no message', async () => {
    const { sha256 } = await import('@noble/hashes/sha2.js')
    const server = await nostrRelay(([type, sub, filter]) => {
      if (type !== 'REQ') return []
      const address = (filter as { '#m': string[] })['#m'][0] as string
      const event = (content: string, ...tags: string[][]) => {
        const id = Buffer.from(sha256(Buffer.from(content + JSON.stringify(tags)))).toString('hex')
        return [
          'EVENT',
          sub,
          { id, kind: 4573, created_at: 1, pubkey: 'ab'.repeat(32), sig: 'cd'.repeat(64), tags: [['m', address], ...tags], content },
        ]
      }
      return [event(''), event('%%%'), event('AQID', ['expiration', '1']), event('A'.repeat(100_000)), event('CQ==')]
    })
    const relay = createNostrRelay({ url: server.url, webSocket: WebSocket, secretKey })
    const iterator = relay.receive(mailbox)[Symbol.asyncIterator]()
    expect((await iterator.next()).value.body).toEqual(Uint8Array.of(9))
    await iterator.return?.()
    await relay.close()
    server.close()
  })

  it('needs an address and a key', () => {
    const invalid = expect.objectContaining({ code: 'usage/invalid-argument' })
    expect(() => createNostrRelay({ url: 'https://relay.test', secretKey })).toThrow(invalid)
    expect(() => createNostrRelay({ url: 'wss://relay.test', secretKey: secretKey.subarray(1) })).toThrow(invalid)
  })
})

describe('createNatsRelay', () => {
  it('says relay/unreachable when nobody listens', async () => {
    const wsFactory = async (url: string) => ({ socket: new WebSocket(url.replace('wss:', 'ws:')), encrypted: false })
    const relay = createNatsRelay({ url: await deadUrl(), connection: { wsFactory }, timeoutMs: 1 })
    await expect(relay.send(mailbox, body)).rejects.toMatchObject({ code: 'relay/unreachable' })
    await expect(relay.receive(mailbox)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'relay/unreachable' })
    await relay.close()
  })

  it('needs an address', () => {
    expect(() => createNatsRelay({ url: 'nats://relay.test' })).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
  })
})

describe('createBroadcastChannelRelay', () => {
  it('passes over what other scripts post, and takes no more than it was told to hold', async () => {
    let deliver: (data: unknown) => void = () => {}
    const posted: { type?: string; address?: string }[] = []
    const channel: BroadcastChannelLike = {
      postMessage: (message) => void posted.push(message as (typeof posted)[number]),
      close() {},
      addEventListener: (_type, listener) => void (deliver = (data) => listener({ data })),
    }
    const relay = createBroadcastChannelRelay({ connect: () => channel, maxBodyBytes: 10, maxMessagesPerMailbox: 2 })
    const iterator = relay.receive(mailbox)[Symbol.asyncIterator]()
    const first = iterator.next()
    const address = posted.find(({ type }) => type === 'wanted')?.address
    const expiresAtMs = Number.MAX_SAFE_INTEGER
    const message = { type: 'message', address, body, expiresAtMs }
    const junk = [undefined, null, 'text', 7, {}, { ...message, type: 'other' }, { ...message, address: 'x' }, { ...message, body: 'text' }]
    const wrong = [
      { ...message, body: new Uint8Array() },
      { ...message, body: new Uint8Array(11) },
      { ...message, expiresAtMs: 0 },
      { ...message, address: 'ab'.repeat(32) },
      { type: 'acknowledged', address },
    ]
    for (const data of [...junk, ...wrong, message]) deliver(data)
    expect((await first).value.body).toEqual(body)
    for (let n = 0; n < 5; n++) deliver({ ...message, body: Uint8Array.of(n) })
    await iterator.return?.()
    posted.length = 0
    deliver({ type: 'wanted', address })
    expect(posted).toHaveLength(2)
    await relay.close()
  })
})
