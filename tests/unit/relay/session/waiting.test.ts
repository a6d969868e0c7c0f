import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../../src/core/capabilities.ts'
import { createAlarm } from '../../../../src/relay/alarm.ts'
import { byDeadline } from '../../../../src/relay/session/waiting.ts'
import { createFakeClock } from '../../../../src/testkit/fake-clock.ts'

const DAY_MS = 86_400_000
const late = () => new Error('late')
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

describe('byDeadline', () => {
  it('gives what the task gives, and aborts what it started', async () => {
    const clock = createFakeClock()
    let given: AbortSignal | undefined
    const limit = { clock, atMs: clock.nowMs() + 1_000, late }
    expect(await byDeadline(limit, undefined, async (signal) => ((given = signal), 7))).toBe(7)
    expect(given?.aborted).toBe(true)
  })

  it('aborts the task at its time, however far that is, and sleeps no longer than a timer holds', async () => {
    const inner = createFakeClock()
    const sleeps: number[] = []
    const clock: Clock = {
      nowMs: () => inner.nowMs(),
      sleep: (ms, options) => {
        sleeps.push(ms)
        return inner.sleep(ms, options)
      },
    }
    const waited = expect(byDeadline({ clock, atMs: inner.nowMs() + 40 * DAY_MS, late }, undefined, untilAborted)).rejects.toThrow('late')
    for (let day = 0; day < 40; day++) await inner.advance(DAY_MS)
    await waited
    expect(Math.max(...sleeps)).toBeLessThan(2 ** 31)
  })

  it('aborts the task with the reason of its caller', async () => {
    const caller = new AbortController()
    const limit = { clock: createFakeClock(), atMs: Number.MAX_SAFE_INTEGER, late }
    const waited = byDeadline(limit, { signal: caller.signal }, untilAborted)
    caller.abort(new Error('enough'))
    await expect(waited).rejects.toThrow('enough')
    await expect(byDeadline(limit, { signal: caller.signal }, untilAborted)).rejects.toThrow('enough')
  })
})

describe('createAlarm', () => {
  it('rings once, at the earliest time it was set to, until it is stopped', async () => {
    const clock = createFakeClock()
    let rings = 0
    const alarm = createAlarm(clock, () => void rings++)
    for (const ms of [500, 300, 400]) alarm.ringBy(clock.nowMs() + ms)
    await clock.advance(299)
    expect(rings).toBe(0)
    await clock.advance(1_000)
    expect(rings).toBe(1)
    alarm.ringBy(clock.nowMs() + 100)
    alarm.ringBy(Number.POSITIVE_INFINITY)
    await clock.advance(1_000)
    alarm.ringBy(clock.nowMs() - 5)
    alarm.stop()
    await clock.advance(1_000)
    expect(rings).toBe(1)
    alarm.ringBy(clock.nowMs() - 5)
    await clock.advance(0)
    expect(rings).toBe(2)
  })
})
