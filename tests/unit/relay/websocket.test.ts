import { describe, expect, it } from 'vitest'
import { decodeClientFrame, encodeServerFrame, type ClientFrame, type ServerFrame } from '../../../src/relay/wire.ts'
import { createWebSocketRelay, type WebSocketLike, type WebSocketRelayOptions } from '../../../src/relay/websocket.ts'
import { createFakeClock } from '../../../src/testkit/fake-clock.ts'

const mailbox = new Uint8Array(32).fill(1)
const body = Uint8Array.of(1, 2, 3)

type Listener = Parameters<WebSocketLike['addEventListener']>[1]

/** Sockets whose far end is the test. `answer` is asked for each frame. */
function network(answer: (frame: ClientFrame, socket: FakeSocket) => void, options: Partial<WebSocketRelayOptions> = {}) {
  const clock = createFakeClock()
  const sockets: FakeSocket[] = []
  const state = { isDown: false, opens: true }
  const connect = (): WebSocketLike => {
    const listeners = new Map<string, Listener[]>()
    const emit = (type: string, event: Parameters<Listener>[0] = {}) => {
      for (const listener of listeners.get(type) ?? []) listener(event)
    }
    let isClosed = false
    const socket: FakeSocket = {
      binaryType: 'blob',
      bufferedAmount: 0,
      frames: [],
      send(data) {
        const frame = decodeClientFrame(data)
        socket.frames.push(frame)
        answer(frame, socket)
      },
      close() {
        socket.drop(1005)
      },
      addEventListener: (type, listener) => void listeners.set(type, [...(listeners.get(type) ?? []), listener]),
      tell: (frame) => emit('message', { data: encodeServerFrame(frame).buffer }),
      raw: (data) => emit('message', { data }),
      drop(code) {
        if (isClosed) return
        isClosed = true
        emit('close', { code })
      },
    }
    sockets.push(socket)
    queueMicrotask(() => (state.isDown ? socket.drop(1006) : state.opens && emit('open')))
    return socket
  }
  const relay = createWebSocketRelay({ url: 'wss://relay.test/path', connect, clock, ...options })
  return { relay, clock, sockets, state }
}

type FakeSocket = WebSocketLike & {
  readonly frames: ClientFrame[]
  tell(frame: ServerFrame): void
  raw(data: unknown): void
  drop(code: number): void
}

const agree = ({ request }: ClientFrame, socket: FakeSocket) => socket.tell({ type: 'ok', request })

/** Lets time pass in small steps, as long as `task` is not settled. */
async function settled<T>(clock: ReturnType<typeof createFakeClock>, task: Promise<T>): Promise<PromiseSettledResult<T>> {
  const outcomes: PromiseSettledResult<T>[] = []
  void Promise.allSettled([task]).then(([first]) => outcomes.push(first))
  for (let i = 0; i < 1_000 && outcomes.length === 0; i++) await clock.advance(250)
  const [outcome] = outcomes
  if (outcome === undefined) throw new Error('still unsettled')
  return outcome
}

const rejected = (code: string) => ({ status: 'rejected', reason: { code } })

describe('createWebSocketRelay', () => {
  it('says relay/unreachable when no connection was made within its time', async () => {
    const { relay, clock, state, sockets } = network(agree)
    state.isDown = true
    const startedAtMs = clock.nowMs()
    expect(await settled(clock, relay.send(mailbox, body))).toMatchObject(rejected('relay/unreachable'))
    expect(clock.nowMs() - startedAtMs).toBeLessThanOrEqual(30_000)
    expect(sockets.length).toBeGreaterThan(5)
    const first = relay.receive(mailbox)[Symbol.asyncIterator]().next()
    expect(await settled(clock, first)).toMatchObject(rejected('relay/unreachable'))
  })

  it('says relay/unreachable of a server that never finishes the handshake', async () => {
    const { relay, clock, state } = network(agree)
    state.opens = false
    expect(await settled(clock, relay.send(mailbox, body))).toMatchObject(rejected('relay/unreachable'))
  })

  it('says relay/timeout of a server that does not answer, and takes such a connection for dead', async () => {
    const { relay, clock, sockets } = network(() => {})
    expect(await settled(clock, relay.send(mailbox, body))).toMatchObject(rejected('relay/timeout'))
    expect(sockets.length).toBeGreaterThan(1)
  })

  it('says relay/closed when every connection breaks before the answer', async () => {
    const { relay, clock } = network((_frame, socket) => socket.drop(1006))
    expect(await settled(clock, relay.send(mailbox, body))).toMatchObject(rejected('relay/closed'))
  })

  it('sends again over the next connection what a broken one did not answer', async () => {
    let breaks = 2
    const { relay, clock, sockets } = network((frame, socket) => (breaks-- > 0 ? socket.drop(1006) : agree(frame, socket)))
    expect(await settled(clock, relay.send(mailbox, body))).toMatchObject({ status: 'fulfilled' })
    expect(sockets.flatMap(({ frames }) => frames).map(({ type }) => type)).toEqual(['send', 'send', 'send'])
  })

  it.each([
    ['text', 'hello'],
    ['a frame of another protocol', Uint8Array.of(99, 0, 0, 0, 1).buffer],
    ['half a frame', Uint8Array.of(0x82, 0, 0).buffer],
  ])('says relay/corrupt of a server that answers with %s', async (_what, data) => {
    const { relay, clock } = network((_frame, socket) => socket.raw(data))
    expect(await settled(clock, relay.send(mailbox, body))).toMatchObject(rejected('relay/corrupt'))
  })

  it('says relay/refused with reason and wait', async () => {
    const { relay, clock } = network(({ request }, socket) => socket.tell({ type: 'refused', request, reason: 'rate', afterMs: 1_000 }))
    expect(await settled(clock, relay.send(mailbox, body))).toMatchObject({
      reason: { code: 'relay/refused', details: { reason: 'rate', afterMs: 1_000 } },
    })
  })

  it('says relay/oversize when the server does, or ends the connection over it', async () => {
    const told = network(({ request }, socket) => socket.tell({ type: 'refused', request, reason: 'oversize', afterMs: 0 }))
    expect(await settled(told.clock, told.relay.send(mailbox, body))).toMatchObject(rejected('relay/oversize'))
    const ended = network((_frame, socket) => socket.drop(1009))
    expect(await settled(ended.clock, ended.relay.send(mailbox, body))).toMatchObject(rejected('relay/oversize'))
  })

  it('shows its admission first, on every connection', async () => {
    const { relay, clock, sockets } = network(agree, { admission: 'open sesame' })
    await settled(clock, relay.send(mailbox, body))
    sockets[0]?.drop(1006)
    await settled(clock, relay.send(mailbox, body))
    for (const { frames } of sockets) expect(frames[0]).toMatchObject({ type: 'hello', admission: 'open sesame' })
    expect(sockets).toHaveLength(2)
  })

  it('stops reading for good when it is not admitted', async () => {
    const { relay, clock } = network((_frame, socket) => socket.tell({ type: 'refused', request: 0, reason: 'admission', afterMs: 0 }))
    expect(await settled(clock, relay.receive(mailbox)[Symbol.asyncIterator]().next())).toMatchObject({
      reason: { code: 'relay/refused', details: { reason: 'admission' } },
    })
  })

  it('grants more deliveries as they are taken, and resumes after the last that arrived', async () => {
    const handle = (n: number) => new Uint8Array(16).fill(n)
    const { relay, clock, sockets } = network(agree)
    const iterator = relay.receive(mailbox)[Symbol.asyncIterator]()
    const first = iterator.next()
    await clock.advance(0)
    const [socket] = sockets as [FakeSocket]
    const open = socket.frames[0] as Extract<ClientFrame, { type: 'open' }>
    expect(open).toMatchObject({ type: 'open', credit: 32, after: handle(0) })
    for (let n = 1; n <= 20; n++) socket.tell({ type: 'delivery', request: open.request, handle: handle(n), body: Uint8Array.of(n) })
    await first
    for (let n = 2; n <= 16; n++) await iterator.next()
    expect(socket.frames.filter(({ type }) => type === 'credit')).toEqual([{ type: 'credit', request: open.request, credit: 16 }])
    socket.drop(1006)
    await clock.advance(0)
    await clock.advance(1_000)
    expect(sockets[1]?.frames[0]).toMatchObject({ type: 'open', credit: 28, after: handle(20) })
    await iterator.return?.()
    expect(sockets[1]?.frames.at(-1)).toMatchObject({ type: 'leave' })
  })

  it('does not let a server fill memory beyond what was asked for', async () => {
    const { relay, clock, sockets } = network(agree)
    const iterator = relay.receive(mailbox)[Symbol.asyncIterator]()
    const first = iterator.next()
    await clock.advance(0)
    const [socket] = sockets as [FakeSocket]
    const { request } = socket.frames[0] as ClientFrame
    for (let n = 0; n < 100; n++) socket.tell({ type: 'delivery', request, handle: new Uint8Array(16), body: Uint8Array.of(n) })
    await first
    await clock.advance(0)
    await expect(iterator.next()).rejects.toMatchObject({ code: 'relay/corrupt' })
  })

  it('asks an idle connection for a sign of life', async () => {
    const { relay, clock, sockets } = network(agree)
    await settled(clock, relay.send(mailbox, body))
    await clock.advance(60_000)
    expect(sockets[0]?.frames.filter(({ type }) => type === 'ping')).toHaveLength(2)
    await relay.close()
  })

  it('rejects what is under way when it is closed', async () => {
    const { relay, clock } = network(() => {})
    const sending = relay.send(mailbox, body)
    await clock.advance(0)
    await relay.close()
    expect(await settled(clock, sending)).toMatchObject(rejected('usage/closed'))
  })

  it('gives one mailbox different tokens at two servers, the same whatever the scheme', async () => {
    const tokens: string[] = []
    for (const url of ['wss://a.test/', 'wss://b.test/', 'ws://a.test/', 'wss://a.test/other']) {
      const { relay, clock, sockets } = network(agree, { url })
      await settled(clock, relay.send(mailbox, body))
      const frame = sockets[0]?.frames[0] as Extract<ClientFrame, { type: 'send' }>
      tokens.push(Buffer.from(frame.token).toString('hex'))
    }
    expect(new Set(tokens).size).toBe(3)
    expect(tokens[0]).toBe(tokens[2])
    expect(tokens).not.toContain(Buffer.from(mailbox).toString('hex'))
  })

  it('needs a WebSocket and the address of one', async () => {
    expect(() => createWebSocketRelay({ url: 'https://relay.test' })).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
    const { WebSocket } = globalThis as { WebSocket?: unknown }
    // Node before 22 has none.
    if (WebSocket !== undefined) return
    await expect(createWebSocketRelay({ url: 'wss://relay.test' }).send(mailbox, body)).rejects.toMatchObject({ code: 'usage/unsupported' })
  })
})
