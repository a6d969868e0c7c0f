import { describe, expect, it } from 'vitest'
import { flush } from '../../../src/memory/flush.ts'
import { forget } from '../../../src/memory/forget.ts'
import { getMemory, historyOf } from '../../../src/memory/list.ts'
import { rememberAll } from '../../../src/memory/remember.ts'
import { restore } from '../../../src/memory/restore.ts'
import type { MemoryState } from '../../../src/memory/state.ts'
import { statusOf } from '../../../src/memory/status.ts'
import { updateMemory } from '../../../src/memory/update.ts'
import { withFaults, type StoreCall } from '../../../src/testkit/faults/with-faults.ts'
import { createFakeNetwork } from '../../helpers/fake-network.ts'
import { emptyDisk, openDevice } from '../../helpers/memory-device.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'

const FLUSH = { epochs: 5, deletable: true }
const POWER_CUT = new Error('power cut')

/** What the caller was told: a text is either acknowledged, or possible because an answer never came. */
type Told = { readonly acknowledged: Map<string, string[]>; readonly possible: Map<string, string[]>; readonly forgotten: Set<string> }

/** remember, flush, update, flush, forget, flush; stops at the first failure like a process that dies. */
async function live(state: MemoryState, told: Told): Promise<void> {
  const ids: string[] = []
  for (const outcome of await rememberAll(state, [{ text: 'one' }, { text: 'two' }, { text: 'three' }])) {
    if (!outcome.ok) throw outcome.error
    told.acknowledged.set(outcome.value.id, [outcome.value.text])
    ids.push(outcome.value.id)
  }
  const [one, two, three] = ids as [string, string, string]
  await flush(state, FLUSH)
  told.possible.set(one, ['one', 'one, changed'])
  await updateMemory(state, one, { text: 'one, changed' })
  told.acknowledged.set(one, ['one', 'one, changed'])
  await flush(state, FLUSH)
  told.possible.set(two, [])
  const [receipt] = await forget(state, [two], FLUSH)
  told.forgotten.add(two)
  if (receipt?.pending !== undefined) throw receipt.pending
  told.possible.set(three, ['three', 'three, changed'])
  await updateMemory(state, three, { text: 'three, changed' })
  told.acknowledged.set(three, ['three', 'three, changed'])
  await flush(state, FLUSH)
}

async function textsOf(state: MemoryState): Promise<Map<string, string[]>> {
  const texts = new Map<string, string[]>()
  for (const { id, versions } of state.catalog.values()) {
    expect(versions.map(({ version }) => version)).toEqual(versions.map((_version, i) => i + 1))
    texts.set(
      id,
      (await historyOf(state, id)).map(({ text }) => text),
    )
    expect((await getMemory(state, id)).text).toBe(texts.get(id)?.at(-1))
  }
  return texts
}

describe.each([
  ['vault', 'crash'],
  ['vault', 'failure'],
  ['cache', 'crash'],
  ['cache', 'failure'],
] as const)('at any call of the %s, a %s', (side, kind) => {
  it.each(['before', 'after'] as const)(
    '(%s it took effect) loses nothing, repeats nothing, pays once and leaves nothing stuck',
    async (when) => {
      for (let at = 0; ; at++) {
        const entropy = seededEntropy(`crash/${side}/${when}/${at}`)
        const network = createFakeNetwork(entropy)
        const disk = emptyDisk()
        const told: Told = { acknowledged: new Map(), possible: new Map(), forgotten: new Set() }
        let isDead = false
        let isOver = false
        // From the fatal call on nothing reaches either store or the network: the process is gone.
        const dies = (call: StoreCall) => {
          if (isDead) return { when: 'before' as const, error: POWER_CUT }
          if (call.index !== at || isOver) return undefined
          isOver = true
          isDead = kind === 'crash'
          return { when, error: POWER_CUT }
        }
        const dead = () => (isDead ? { when: 'before' as const, error: POWER_CUT } : undefined)
        network.failpoint = () => {
          if (isDead) throw POWER_CUT
        }
        const wired = {
          vault: withFaults(disk.vault, side === 'vault' ? dies : dead),
          cache: withFaults(disk.cache, side === 'cache' ? dies : dead),
        }
        const first = await openDevice(network, entropy, wired).catch(() => undefined)
        if (first !== undefined) await live(first, told).catch(() => undefined)
        const isComplete = !isOver

        isOver = true
        network.failpoint = () => undefined
        // After a failure the same process goes on. Whatever it rejected and kept all the same is met when it is next opened.
        if (kind === 'failure' && first !== undefined) {
          await flush(first, FLUSH)
          await forget(first, [], FLUSH)
        }
        const reopened = await openDevice(network, entropy, disk)
        await flush(reopened, FLUSH)
        await forget(reopened, [], FLUSH)
        const restored = await openDevice(network, entropy)
        expect(await restore(restored)).toMatchObject({ failed: [], failedSpaces: [] })
        await restore(reopened)

        for (const state of [reopened, restored]) {
          const texts = await textsOf(state)
          for (const [id, acknowledged] of told.acknowledged) {
            if (told.forgotten.has(id)) expect(texts.get(id), `${at}`).toBeUndefined()
            else
              expect([acknowledged, told.possible.get(id)?.length === 0 ? undefined : told.possible.get(id)], `${at}`).toContainEqual(
                texts.get(id),
              )
          }
          expect(statusOf(state)).toMatchObject({ pendingErasures: 0, pendingBytes: 0, byState: { local: 0, queued: 0, stored: 0 } })
        }
        expect(await textsOf(restored), `${at}`).toEqual(await textsOf(reopened))
        // One quilt for each flush and one for the forgetting, however often they had to be taken up again.
        expect(network.paid.length, `${at}`).toBeLessThanOrEqual(4)
        const left: string[] = []
        for (const prefix of ['b/', 'm/']) for await (const key of disk.vault.list(prefix)) left.push(key)
        expect(left, `${at}`).toEqual([])
        if (isComplete) break
        expect(at).toBeLessThan(500)
      }
    },
  )
})
