import { describe, expect, it } from 'vitest'
import { systemClock, type Clock } from '../../../src/core/capabilities.ts'
import { backOff } from '../../../src/walrus/backoff.ts'
import { decodeBlobObject } from '../../../src/walrus/blob-object.ts'
import { createBoundedFetch } from '../../../src/walrus/bounded-fetch.ts'
import { certificateEpoch, formatCertificate, parseCertificate } from '../../../src/walrus/certificate.ts'
import { chainError, isFinalChainError } from '../../../src/walrus/chain-error.ts'
import { withDeadline } from '../../../src/walrus/deadline.ts'
import { createLimiter } from '../../../src/walrus/limiter.ts'
import { createSourceHealth } from '../../../src/walrus/source-health.ts'
import { codeOf } from './helpers.ts'

/** A clock whose sleepers wake when the test says so. */
function handClock() {
  let now = 0
  const sleepers: { at: number; wake: () => void }[] = []
  const clock: Clock = {
    nowMs: () => now,
    sleep: (ms, { signal } = {}) =>
      new Promise((resolve, reject) => {
        sleepers.push({ at: now + ms, wake: resolve })
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      }),
  }
  const advance = (ms: number) => {
    now += ms
    for (const sleeper of sleepers) if (sleeper.at <= now) sleeper.wake()
  }
  return { clock, advance, asleep: () => sleepers.length }
}

const never = () => new Promise<never>(() => {})
const step = { operation: 'test', code: 'walrus/unavailable', timeoutMs: 1_000 } as const

describe('withDeadline', () => {
  it('settles what never settles, and tells it to stop', async () => {
    const { clock, advance } = handClock()
    let stopped: AbortSignal | undefined
    const pending = withDeadline((signal) => ((stopped = signal), never()), { ...step, clock })
    advance(999)
    expect(stopped?.aborted).toBe(false)
    advance(1)
    await expect(pending).rejects.toMatchObject({ code: 'walrus/unavailable', details: { timeoutMs: 1_000 } })
    expect(stopped?.aborted).toBe(true)
  })

  it('gives the outcome that comes in time, and the abort reason unwrapped', async () => {
    const { clock } = handClock()
    expect(await withDeadline(async () => 7, { ...step, clock })).toBe(7)
    const controller = new AbortController()
    const reason = new Error('enough')
    const pending = withDeadline(never, { ...step, clock, signal: controller.signal })
    controller.abort(reason)
    await expect(pending).rejects.toBe(reason)
    await expect(withDeadline(async () => 1, { ...step, clock, signal: controller.signal })).rejects.toBe(reason)
  })
})

describe('createLimiter', () => {
  it('runs so many at once, the rest in order, and survives failures', async () => {
    const limit = createLimiter(2)
    let running = 0
    let most = 0
    const order: number[] = []
    const tasks = Array.from({ length: 8 }, (_, i) =>
      limit(async () => {
        most = Math.max(most, ++running)
        await Promise.resolve()
        running--
        order.push(i)
        if (i % 3 === 0) throw new Error('task')
      }),
    )
    await Promise.allSettled(tasks)
    expect(most).toBe(2)
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('lets a waiting task leave the line', async () => {
    const limit = createLimiter(1)
    let release!: () => void
    const first = limit(() => new Promise<void>((resolve) => (release = resolve)))
    const controller = new AbortController()
    const second = limit(async () => 'second', controller.signal)
    const third = limit(async () => 'third')
    controller.abort(new Error('left'))
    await expect(second).rejects.toThrow('left')
    release()
    await first
    expect(await third).toBe('third')
  })
})

const entropy = (byte: number) => ({ fill: (out: Uint8Array) => void out.fill(byte) })

describe('backOff', () => {
  it('pauses a random share of a doubling time', async () => {
    const slept: number[] = []
    const clock: Clock = { nowMs: () => 0, sleep: async (ms) => void slept.push(ms) }
    for (const attempt of [1, 2, 3]) await backOff(attempt, { clock, entropy: entropy(255), baseMs: 100 })
    await backOff(3, { clock, entropy: entropy(0), baseMs: 100 })
    await backOff(1, { clock, entropy: entropy(128), baseMs: 100 })
    expect(slept).toEqual([100, 200, 400, 0, 50])
  })
})

const dripping = () => new Response(new ReadableStream({ pull: never }))

describe('createBoundedFetch', () => {
  const options = { clock: systemClock(), timeoutMs: 60_000, limitBytes: 10, perOrigin: 2, restMs: 0 }
  const fetching = (answer: () => Response | Promise<Response>, change = {}) =>
    createBoundedFetch({ ...options, ...change, fetch: async () => answer() }).fetch

  const at = (bytes: number, headers = {}) => fetching(() => new Response(new Uint8Array(bytes), { headers }))('https://a.test/')

  it('hands on bodies up to the cap and refuses larger ones, declared or not', async () => {
    expect(new Uint8Array(await (await at(10)).arrayBuffer())).toHaveLength(10)
    await expect(at(11)).rejects.toMatchObject({ code: 'codec/too-large' })
    await expect(at(1, { 'content-length': '4294967295' })).rejects.toMatchObject({ code: 'codec/too-large' })
  })

  it('keeps status and headers', async () => {
    const response = await fetching(() => new Response('no', { status: 404, headers: { etag: 'x' } }))('https://a.test/')
    expect(response.status).toBe(404)
    expect(response.headers.get('etag')).toBe('x')
    expect((await fetching(() => new Response(null, { status: 204 }))('https://a.test/')).status).toBe(204)
  })

  it('gives up on a body that drips, and lets the host rest', async () => {
    const { clock, advance } = handClock()
    const fetch = fetching(dripping, { clock, restMs: 5_000 })
    const pending = fetch('https://a.test/')
    await new Promise((resolve) => setImmediate(resolve))
    advance(60_000)
    await expect(pending).rejects.toMatchObject({ code: 'walrus/unavailable' })
    await expect(fetch('https://a.test/other')).rejects.toMatchObject({ code: 'walrus/unavailable', details: { source: 'https://a.test' } })
    advance(5_000)
    const again = fetch('https://a.test/')
    await new Promise((resolve) => setImmediate(resolve))
    advance(60_000)
    await expect(again).rejects.toMatchObject({ details: { timeoutMs: 60_000 } })
  })

  it('asks one host so often at once, other hosts besides', async () => {
    const open = new Map<string, number>()
    let most = 0
    const { fetch, traffic } = createBoundedFetch({
      ...options,
      fetch: async (input) => {
        const { host } = new URL(input as string)
        open.set(host, (open.get(host) ?? 0) + 1)
        most = Math.max(most, open.get(host)!)
        await Promise.resolve()
        open.set(host, open.get(host)! - 1)
        return new Response('x')
      },
    })
    await Promise.all(Array.from({ length: 12 }, (_, i) => fetch(`https://${i % 2 ? 'a' : 'b'}.test/`)))
    expect(most).toBe(2)
    expect(traffic()).toEqual({ made: 12, open: 0 })
  })
})

describe('createSourceHealth', () => {
  it('puts those that failed last, until they are forgiven', () => {
    const { clock, advance } = handClock()
    const health = createSourceHealth(clock)
    const sources = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
    const order = () =>
      health
        .order(sources)
        .map(({ name }) => name)
        .join('')
    expect(order()).toBe('abc')
    health.failed('a')
    expect(order()).toBe('bca')
    health.failed('b')
    health.failed('b')
    expect(order()).toBe('cab')
    health.succeeded('a', 10)
    expect(order()).toBe('acb')
    advance(6 * 60_000)
    expect(order()).toBe('abc')
    health.succeeded('a', 10_000)
    // Slow, but nobody knows that the others are faster.
    expect(order()).toBe('abc')
    health.succeeded('b', 10)
    expect(order()).toBe('bac')
  })
})

const code = (error: unknown) => chainError(error, 'test').code

describe('chainError', () => {
  it.each([
    ['Insufficient balance of 0x1::wal::WAL for owner 0x2. Required: 5, Available: 1', 'chain/insufficient-wal'],
    ['Insufficient balance of 0x2::sui::SUI for owner 0x2. Required: 5, Available: 1', 'chain/insufficient-gas'],
    ['No valid gas coins found for the transaction.', 'chain/insufficient-gas'],
    ['Transaction needs to be rebuilt because object 0x1 version 0x2 is unavailable for consumption', 'chain/stale-object'],
    ['Could not find the referenced object 0x1 at version Some(SequenceNumber(3))', 'chain/stale-object'],
    ['Transaction Expired', 'chain/stale-object'],
    ['fetch failed', 'chain/unreachable'],
    ['Object 0x1 not found', 'chain/not-found'],
    ['something nobody foresaw', 'chain/unreachable'],
  ])('reads "%s"', (message, expected) => {
    expect(code(new Error(message))).toBe(expected)
  })

  it('reads refusals by their status code, and only those are final', () => {
    const refused = Object.assign(new Error('bad signature'), { code: 'INVALID_ARGUMENT' })
    expect(code(refused)).toBe('chain/rejected')
    expect(code(Object.assign(new Error('overloaded'), { code: 'UNAVAILABLE' }))).toBe('chain/unreachable')
    expect(isFinalChainError(chainError(refused, 'test'))).toBe(true)
    expect(isFinalChainError(chainError(new Error('something nobody foresaw'), 'test'))).toBe(false)
    expect(isFinalChainError(refused)).toBe(false)
  })

  it('keeps what a Move abort says', () => {
    const abort = {
      $kind: 'MoveAbort',
      message: 'aborted',
      MoveAbort: { abortCode: '7', location: { package: '0x1', module: 'space', functionName: 'set_head' } },
    }
    expect(chainError(abort, 'test')).toMatchObject({
      code: 'chain/rejected',
      details: { abortCode: 7, module: 'space', function: 'set_head', package: '0x1' },
    })
  })
})

describe('certificates and blob objects', () => {
  it('round-trip as text and name their epoch', () => {
    const certificate = {
      signers: [0, 3, 65_535],
      serializedMessage: new Uint8Array([1, 0, 3, 42, 0, 0, 0, 9]),
      signature: new Uint8Array([7, 8]),
    }
    expect(parseCertificate(formatCertificate(certificate))).toEqual(certificate)
    expect(certificateEpoch(certificate)).toBe(42)
  })

  it('are refused when they are something else', () => {
    for (const text of [
      '',
      'null',
      '{}',
      '{"signers":[70000],"message":"","signature":""}',
      '{"signers":[1],"message":"+","signature":""}',
    ]) {
      expect(codeOf(() => parseCertificate(text))).toBe('codec/invalid')
    }
    const blob = new Uint8Array(32 + 4 + 32 + 8 + 1 + 1 + 32 + 4 + 4 + 8 + 1)
    expect(decodeBlobObject(blob)).toMatchObject({ certifiedEpoch: undefined, deletable: false })
    for (let length = 0; length < blob.length; length++)
      expect(codeOf(() => decodeBlobObject(blob.subarray(0, length)))).toBe('codec/truncated')
    expect(codeOf(() => decodeBlobObject(new Uint8Array(blob.length + 1)))).toBe('codec/trailing-bytes')
    expect(codeOf(() => decodeBlobObject(blob.with(blob.length - 1, 2)))).toBe('codec/invalid')
  })
})
