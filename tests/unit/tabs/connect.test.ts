import { describe, expect, it } from 'vitest'
import { createEmitter } from '../../../src/core/emitter.ts'
import type { MemoryEvents } from '../../../src/memory/events.ts'
import { acquireLock } from '../../../src/store/web-lock.ts'
import { connect } from '../../../src/tabs/connect.ts'
import { tabNames, type LobbyMessage } from '../../../src/tabs/messages.ts'
import { PROTOCOL } from '../../../src/tabs/terms.ts'
import { createFakeClock } from '../../../src/testkit/fake-clock.ts'
import { codeOf } from '../../helpers/code-of.ts'
import { createFakeOrigin } from '../../helpers/fake-origin.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'

const names = tabNames('locket')

function attempt() {
  const origin = createFakeOrigin()
  const clock = createFakeClock()
  const { tabs } = origin.tab()
  const other = origin.tab().tabs.openChannel(names.lobby)
  const say = async (message: LobbyMessage) => {
    other.postMessage(message)
    await clock.advance(0)
  }
  const abort = new AbortController()
  const connecting = connect({
    tabs,
    names,
    lobby: tabs.openChannel(names.lobby),
    terms: { protocol: PROTOCOL, address: '0x1', network: 'test', policyPackageId: '0x2', embedder: 'e' },
    clock,
    entropy: seededEntropy('connect'),
    events: createEmitter<MemoryEvents>(),
    onBroken: () => undefined,
    signal: abort.signal,
  })
  const isAsked = () => origin.posted.filter((message) => (message as LobbyMessage).lobby === 'hello').length
  return { origin, clock, say, abort, connecting, isAsked, other }
}

describe('asking to be let in', () => {
  it('gives up on whoever holds the lock and never answers', async () => {
    const { origin, clock, connecting } = attempt()
    const code = codeOf(connecting)
    await clock.advance(0)
    await clock.advance(4_999)
    expect(origin.channelCount()).toBe(3)
    await clock.advance(1)
    expect(await code).toBe('store/locked')
    // Its line and the lock of it are gone.
    expect(origin.channelCount()).toBe(2)
    expect(clock.sleeperCount).toBe(0)
  })

  it('waits for as long as a person takes to unlock, and asks again when somebody leads', async () => {
    const { clock, say, connecting, isAsked } = attempt()
    const code = codeOf(connecting)
    await clock.advance(0)
    expect(isAsked()).toBe(1)
    await say({ lobby: 'opening' })
    await clock.advance(3_600_000)
    await say({ lobby: 'leading', leader: 'x' })
    expect(isAsked()).toBe(2)
    await clock.advance(5_000)
    expect(await code).toBe('store/locked')
  })

  it('ends with the reason it is aborted with, and does not mind refusals of others', async () => {
    const { origin, clock, say, abort, connecting } = attempt()
    const code = codeOf(connecting)
    await clock.advance(0)
    const error = { name: 'LocketError', code: 'unlock/failed', operation: 'x', message: 'y', details: {} } as const
    await say({ lobby: 'refused', connection: 'of somebody else', error })
    abort.abort(new Error('enough'))
    expect(await code).toBe('enough')
    expect(origin.channelCount()).toBe(2)
    expect(clock.sleeperCount).toBe(0)
  })
})

describe('acquireLock', () => {
  it('without a limit waits until it is let in or aborted', async () => {
    const { tabs } = createFakeOrigin().tab()
    const clock = createFakeClock()
    const wait = (signal?: AbortSignal) => acquireLock({ locks: tabs.locks, name: 'l', waitMs: undefined, clock, signal })
    const first = await wait()
    const abort = new AbortController()
    const second = codeOf(wait(abort.signal))
    const third = wait()
    await clock.advance(3_600_000)
    abort.abort(new Error('enough'))
    expect(await second).toBe('enough')
    first.release()
    ;(await third).release()
    expect(clock.sleeperCount).toBe(0)
  })
})
