import { describe, expect, it } from 'vitest'
import { fromHex } from '../../../src/core/bytes.ts'
import { LocketError } from '../../../src/core/errors.ts'
import { mailboxToken, tokenAddress } from '../../../src/relay/address.ts'
import { messageId } from '../../../src/relay/message-id.ts'
import { createQuota, DEFAULT_RELAY_LIMITS, type RelayLimits } from '../../../src/relay/server/limits.ts'
import { openMailboxes } from '../../../src/relay/server/mailboxes.ts'
import { createSession, type RelayEvent, type SessionContext } from '../../../src/relay/server/session.ts'
import { decodeServerFrame, encodeClientFrame, HANDLE_BYTES, type ClientFrame, type ServerFrame } from '../../../src/relay/wire.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { createFakeClock } from '../../../src/testkit/fake-clock.ts'
import { withFaults, type Fault } from '../../../src/testkit/faults/with-faults.ts'
import { createSeededEntropy } from '../../../src/testkit/seeded-entropy.ts'

const token = (n: number) => mailboxToken(new Uint8Array(32).fill(n), 'relay.test')
const START = new Uint8Array(HANDLE_BYTES)

/** A server without sockets. */
async function server(limitsGiven: Partial<RelayLimits> = {}, admissions?: readonly string[]) {
  const limits = { ...DEFAULT_RELAY_LIMITS, ...limitsGiven }
  const clock = createFakeClock()
  const state: { fault: Fault | undefined } = { fault: undefined }
  const inner = createMemoryStore()
  const store = withFaults(inner, () => state.fault)
  const mailboxes = await openMailboxes({ store, clock, entropy: createSeededEntropy(1), limits })
  const quota = createQuota(clock)
  const events: RelayEvent[] = []
  const lastUsedMs = new Map<string, number>()
  const context: SessionContext = {
    mailboxes,
    quota,
    limits,
    lastUsedMs,
    admissions,
    nowMs: () => clock.nowMs(),
    onEvent: (event) => events.push(event),
  }
  const connect = (networkAddress = '192.0.2.1') => {
    const frames: ServerFrame[] = []
    const peer = { buffered: 0, isEnded: false }
    const session = createSession(context, {
      networkAddress,
      write: (bytes) => void frames.push(decodeServerFrame(bytes)),
      bufferedBytes: () => peer.buffered,
      end: () => void (peer.isEnded = true),
    })
    /** Sends a frame and gives what came back until it was answered. */
    const ask = async (frame: ClientFrame): Promise<ServerFrame[]> => {
      const from = frames.length
      await session.receive(encodeClientFrame(frame))
      await clock.advance(0)
      return frames.slice(from)
    }
    const send = (n: number, ...bytes: number[]) =>
      ask({ type: 'send', request: 1000 + n, token: token(n), ttlSeconds: 3_600, body: Uint8Array.from(bytes) })
    const open = (n: number, request: number, credit = 10, after = START) => ask({ type: 'open', request, token: token(n), credit, after })
    const bodies = (answers: readonly ServerFrame[]) => answers.flatMap((frame) => (frame.type === 'delivery' ? [frame.body[0]] : []))
    return { session, peer, frames, ask, send, open, bodies }
  }
  return { clock, store, inner, state, mailboxes, quota, events, connect, limits, lastUsedMs }
}

const ok = (request: number) => [{ type: 'ok', request }]
const refused = (reason: string) => [expect.objectContaining({ type: 'refused', reason })]

describe('a relay session', () => {
  it('delivers what was sent, in credit, and more when there is more credit', async () => {
    const { connect } = await server()
    const { send, open, ask, bodies } = connect()
    for (let i = 1; i <= 5; i++) expect(await send(1, i)).toEqual(ok(1001))
    expect(bodies(await open(1, 7, 2))).toEqual([1, 2])
    expect(bodies(await ask({ type: 'credit', request: 7, credit: 2 }))).toEqual([3, 4])
    expect(bodies(await ask({ type: 'credit', request: 7, credit: 2 }))).toEqual([5])
    expect(bodies(await send(1, 6))).toEqual([6])
    expect(bodies(await send(1, 7))).toEqual([])
  })

  it('waits while the socket is full, and goes on when it has room', async () => {
    const { connect } = await server({ bufferedBytes: 100 })
    const { peer, session, ask, send, open, bodies } = connect()
    peer.buffered = 100
    await send(1, 1)
    expect(bodies(await open(1, 7))).toEqual([])
    peer.buffered = 0
    session.drained()
    expect(bodies(await ask({ type: 'ping', request: 9 }))).toEqual([1])
  })

  it('resumes after a place of this run, and from the start after one of another', async () => {
    const { connect } = await server()
    const { send, open, bodies } = connect()
    for (let i = 1; i <= 3; i++) await send(1, i)
    const answers = await open(1, 7, 2)
    const last = answers.at(-1) as Extract<ServerFrame, { type: 'delivery' }>
    const again = connect()
    expect(bodies(await again.open(1, 7, 10, last.handle))).toEqual([3])
    const other = last.handle.slice()
    other[0] = (other[0] as number) ^ 1
    expect(bodies(await connect().open(1, 7, 10, other))).toEqual([1, 2, 3])
  })

  it('forgets what was acknowledged, by whoever has the mailbox', async () => {
    const { connect, mailboxes } = await server()
    const { send, ask, open, bodies } = connect()
    await send(1, 1)
    await send(1, 2)
    const id = fromHex(messageId(Uint8Array.of(1)))
    expect(await ask({ type: 'acknowledge', request: 3, token: token(1), id })).toEqual(ok(3))
    expect(await ask({ type: 'acknowledge', request: 4, token: token(1), id })).toEqual(ok(4))
    expect(bodies(await open(1, 7))).toEqual([2])
    expect(mailboxes.totalBytes).toBe(1)
  })

  it('delivers nothing more once a reading is left', async () => {
    const { connect } = await server()
    const { ask, open, send } = connect()
    await open(1, 7)
    expect(await ask({ type: 'leave', request: 7 })).toEqual([])
    expect(await ask({ type: 'credit', request: 7, credit: 1 })).toEqual([])
    expect(await send(1, 1)).toEqual(ok(1001))
  })

  it('gives nothing to who knows an address, which is all that lies on its disk', async () => {
    const { connect, inner } = await server()
    const { send, ask, bodies } = connect()
    await send(1, 42)
    const keys: string[] = []
    for await (const key of inner.list('')) keys.push(key)
    const [address] = /[0-9a-f]{64}/.exec(keys.join()) as unknown as [string]
    expect(address).toBe(Buffer.from(tokenAddress(token(1))).toString('hex'))
    const thief = { token: fromHex(address), credit: 10, after: START }
    expect(bodies(await ask({ type: 'open', request: 7, ...thief }))).toEqual([])
    await ask({ type: 'acknowledge', request: 8, token: fromHex(address), id: fromHex(messageId(Uint8Array.of(42))) })
    expect(bodies(await connect().open(1, 7))).toEqual([42])
  })

  it('does nothing for who was not admitted', async () => {
    const { connect, mailboxes } = await server({}, ['open sesame', 'other'])
    const stranger = connect()
    expect(await stranger.send(1, 1)).toEqual(refused('admission'))
    expect(stranger.peer.isEnded).toBe(true)
    const guesser = connect()
    expect(await guesser.ask({ type: 'hello', request: 1, admission: 'open sesam' })).toEqual(refused('admission'))
    expect(await guesser.send(1, 1)).toEqual([])
    expect(mailboxes.totalBytes).toBe(0)
    const guest = connect()
    expect(await guest.ask({ type: 'hello', request: 1, admission: 'other' })).toEqual(ok(1))
    expect(await guest.send(1, 1)).toEqual(ok(1001))
  })

  it('tells its operator addresses, sizes and times, and nothing else', async () => {
    const { connect, events, clock } = await server()
    const { send, open } = connect()
    await send(1, 1, 2, 3)
    await open(1, 7)
    const subject = Buffer.from(tokenAddress(token(1))).toString('hex')
    const atMs = clock.nowMs()
    expect(events).toEqual([
      { type: 'send', subject, sizeBytes: 3, atMs },
      { type: 'open', subject, sizeBytes: 0, atMs },
      { type: 'deliver', subject, sizeBytes: 3, atMs },
    ])
  })

  it('ends a connection whose frame is malformed or whose reading is opened twice', async () => {
    const { connect } = await server()
    const one = connect()
    await one.session.receive(Uint8Array.of(1, 2, 3))
    expect(one.frames).toEqual([{ type: 'refused', request: 0, reason: 'malformed', afterMs: 0 }])
    expect(one.peer.isEnded).toBe(true)
    const two = connect()
    await two.open(1, 7)
    expect(await two.open(1, 7)).toEqual(refused('malformed'))
  })

  it('says that it cannot when its store fails, and takes nothing over', async () => {
    const { connect, state } = await server()
    const { send, open, bodies } = connect()
    state.fault = { when: 'before', error: new LocketError('store/quota', { operation: 'test' }) }
    expect(await send(1, 1)).toEqual(refused('unavailable'))
    state.fault = undefined
    expect(bodies(await open(1, 7))).toEqual([])
    expect(await send(1, 1)).toContainEqual({ type: 'ok', request: 1001 })
  })
})

describe('the limits of a relay', () => {
  it('holds so many messages for a mailbox', async () => {
    const { connect } = await server({ messagesPerMailbox: 2 })
    const { send } = connect()
    await send(1, 1)
    await send(1, 2)
    expect(await send(1, 3)).toEqual(refused('mailbox-full'))
    expect(await send(1, 2)).toEqual(ok(1001))
    expect(await send(2, 3)).toEqual(ok(1002))
  })

  it('holds so many bytes in all', async () => {
    const { connect } = await server({ totalBytes: 4 })
    const { send } = connect()
    await send(1, 1, 2, 3)
    expect(await send(2, 1, 2)).toEqual(refused('relay-full'))
    expect(await send(2, 1)).toEqual(ok(1002))
  })

  it('takes no body above its size', async () => {
    const { connect } = await server({ maxBodyBytes: 3 })
    expect(await connect().send(1, 1, 2, 3, 4)).toEqual(refused('oversize'))
    expect(await connect().send(1, 1, 2, 3)).toEqual(ok(1001))
  })

  it('holds no message longer than its time, whatever the sender wishes', async () => {
    const { connect, clock, mailboxes, inner } = await server({ maxTtlMs: 10_000 })
    const { send, open, bodies } = connect()
    await send(1, 1)
    await clock.advance(9_999)
    expect(bodies(await connect().open(1, 7))).toEqual([1])
    await clock.advance(1)
    expect(bodies(await open(1, 7))).toEqual([])
    await mailboxes.sweep()
    const keys: string[] = []
    for await (const key of inner.list('')) keys.push(key)
    expect(keys).toEqual([])
    expect(mailboxes.totalBytes).toBe(0)
  })

  it('counts requests and messages per minute for each network address, and says how long to wait', async () => {
    const { connect, clock } = await server({ requestsPerMinute: 2, messagesPerMinute: 2 })
    const { send, open } = connect()
    await send(1, 1)
    await send(1, 2)
    expect(await send(1, 3)).toEqual([{ type: 'refused', request: 1001, reason: 'rate', afterMs: 30_000 }])
    await open(1, 1)
    await open(1, 2)
    expect(await open(1, 3)).toEqual([{ type: 'refused', request: 3, reason: 'rate', afterMs: 30_000 }])
    expect(await connect('192.0.2.2').send(1, 3)).toEqual(ok(1001))
    await clock.advance(29_999)
    expect(await connect().send(1, 4)).toEqual(refused('rate'))
    await clock.advance(1)
    expect(await connect().send(1, 4)).toEqual(ok(1001))
  })

  it('lets a network address make so many mailboxes a day', async () => {
    const { connect, clock } = await server({ mailboxesPerDay: 2 })
    const { send } = connect()
    await send(1, 1)
    await connect().open(2, 1)
    expect(await send(3, 1)).toEqual([{ type: 'refused', request: 1003, reason: 'too-many-mailboxes', afterMs: 43_200_000 }])
    expect(await send(1, 2)).toEqual(ok(1001))
    expect(await connect('192.0.2.2').send(3, 1)).toEqual(ok(1003))
    await clock.advance(43_200_000)
    expect(await send(4, 1)).toEqual(ok(1004))
  })

  it('lets a connection read so many mailboxes at once', async () => {
    const { connect } = await server({ readersPerConnection: 2 })
    const { open, ask } = connect()
    await open(1, 1)
    await open(2, 2)
    expect(await open(3, 3)).toEqual(refused('too-many-readers'))
    await ask({ type: 'leave', request: 1 })
    expect(await open(3, 4)).toEqual(ok(4))
  })

  it('forgets who took what once everything is back', async () => {
    const { quota, clock } = await server()
    expect(quota.take('a', 'x', 2, 1_000)).toBe(0)
    expect(quota.take('b', 'x', 2, 1_000)).toBe(0)
    quota.sweep()
    expect(quota.size).toBe(2)
    await clock.advance(500)
    quota.sweep()
    expect(quota.size).toBe(0)
  })
})

it('opens with what its store holds, in order, and does not start with a record it cannot read', async () => {
  const { connect, inner, clock, limits } = await server()
  const { send } = connect()
  for (let i = 1; i <= 3; i++) await send(1, i)
  const options = { store: inner, clock, entropy: createSeededEntropy(2), limits }
  const again = await openMailboxes(options)
  const address = Buffer.from(tokenAddress(token(1))).toString('hex')
  const first = again.after(address, -1)
  expect(await again.read(address, first as NonNullable<typeof first>)).toEqual(Uint8Array.of(1))
  expect(again.totalBytes).toBe(3)
  await inner.put(`message/${address}/zzz`, Uint8Array.of(1))
  await expect(openMailboxes(options)).rejects.toMatchObject({ code: 'store/corrupt' })
})
