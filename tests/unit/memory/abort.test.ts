import { expect, it } from 'vitest'
import { flush } from '../../../src/memory/flush.ts'
import { forget } from '../../../src/memory/forget.ts'
import { rememberAll } from '../../../src/memory/remember.ts'
import { restore } from '../../../src/memory/restore.ts'
import { statusOf } from '../../../src/memory/status.ts'
import { withFaults } from '../../../src/testkit/faults/with-faults.ts'
import { createFakeNetwork } from '../../helpers/fake-network.ts'
import { emptyDisk, openDevice } from '../../helpers/memory-device.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'

const FLUSH = { epochs: 5, deletable: true }

it('an abort at any call of a flush, a forget or a restore rejects with its reason and leaves all of it resumable', async () => {
  for (let at = 0; ; at++) {
    const entropy = seededEntropy(`abort/${at}`)
    const network = createFakeNetwork(entropy)
    const disk = emptyDisk()
    const stop = new AbortController()
    const reason = new Error('enough')
    let calls = 0
    let isArmed = false
    const count = () => {
      if (isArmed && calls++ === at) stop.abort(reason)
      return undefined
    }
    network.failpoint = () => {
      count()
      stop.signal.throwIfAborted()
    }
    const state = await openDevice(network, entropy, { vault: withFaults(disk.vault, count), cache: withFaults(disk.cache, count) })
    const [one] = await rememberAll(state, [{ text: 'one' }, { text: 'two' }])
    if (!one?.ok) throw new Error('not kept')
    isArmed = true
    const options = { ...FLUSH, signal: stop.signal }
    const fresh = await openDevice(network, entropy, emptyDisk())
    const outcome = await flush(state, options)
      .then(() => forget(state, [one.value.id], options))
      .then(() => restore(fresh, options))
      .then(
        () => undefined,
        (error: unknown) => error,
      )
    expect([reason, undefined], `${at}`).toContain(outcome)
    isArmed = false
    network.failpoint = () => undefined

    const wasForgotten = state.tombstones.has(one.value.id)
    await flush(state, FLUSH)
    await forget(state, [], FLUSH)
    expect(statusOf(state), `${at}`).toMatchObject({ pendingErasures: 0, pendingBytes: 0 })
    expect(network.paid.length, `${at}`).toBe(wasForgotten ? 2 : 1)
    await restore(fresh)
    expect(fresh.catalog.size, `${at}`).toBe(wasForgotten ? 1 : 2)
    if (!stop.signal.aborted) break
    expect(at).toBeLessThan(500)
  }
})
