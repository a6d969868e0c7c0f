import { describe, expect, it } from 'vitest'
import { createFaults } from '../../../src/localnet/faults.ts'
import { playHostFault } from '../../../src/localnet/host-fault.ts'

describe('createFaults', () => {
  it('does nothing until a switch is set, and nothing after it is cleared', () => {
    const faults = createFaults()
    expect(faults.take('relay')).toBeUndefined()
    faults.set('relay', { kind: 'down' })
    faults.set('aggregator/3', { kind: 'tampered' })
    expect(faults.take('relay')).toEqual({ kind: 'down' })
    expect(faults.take('relay')).toEqual({ kind: 'down' })
    expect(faults.take('aggregator/2')).toBeUndefined()
    faults.clear('relay')
    expect([faults.take('relay'), faults.take('aggregator/3')?.kind]).toEqual([undefined, 'tampered'])
    faults.clear()
    expect(faults.list()).toEqual([])
  })

  it('counts down the times of a fault when it is taken, not when it is looked at', () => {
    const faults = createFaults()
    faults.set('aggregator/0', { kind: 'not-found' }, { times: 2 })
    expect(faults.peek('aggregator/0')).toEqual({ kind: 'not-found' })
    expect(faults.list()).toEqual([{ target: 'aggregator/0', fault: { kind: 'not-found' }, timesLeft: 2 }])
    expect([0, 1, 2].map(() => faults.take('aggregator/0')?.kind)).toEqual(['not-found', 'not-found', undefined])
  })
})

describe('playHostFault', () => {
  const slept: number[] = []
  const clock = { nowMs: () => 0, sleep: async (ms: number) => void slept.push(ms) }

  it('goes on without a fault, with one it does not know, and after a delay', async () => {
    expect(await playHostFault(undefined, clock)).toBeUndefined()
    expect(await playHostFault({ kind: 'tampered' }, clock)).toBeUndefined()
    expect(await playHostFault({ kind: 'slow', delayMs: 250 }, clock)).toBeUndefined()
    expect(slept).toEqual([250])
  })

  it('refuses a connection like fetch, and answers with a status', async () => {
    await expect(playHostFault({ kind: 'down' }, clock)).rejects.toBeInstanceOf(TypeError)
    const answer = await playHostFault({ kind: 'status', status: 429, retryAfterSeconds: 3 }, clock)
    expect([answer?.status, answer?.headers.get('retry-after'), answer?.headers.get('access-control-allow-origin')]).toEqual([
      429,
      '3',
      '*',
    ])
    const stop = new AbortController()
    const hanging = playHostFault({ kind: 'hang' }, clock, stop.signal)
    stop.abort('enough')
    await expect(hanging).rejects.toBe('enough')
  })
})
