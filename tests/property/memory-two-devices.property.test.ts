import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLocketError } from '../../src/core/errors.ts'
import { flush } from '../../src/memory/flush.ts'
import { forget } from '../../src/memory/forget.ts'
import { historyOf } from '../../src/memory/list.ts'
import { recall } from '../../src/memory/recall.ts'
import { rememberAll } from '../../src/memory/remember.ts'
import { restore } from '../../src/memory/restore.ts'
import type { MemoryState } from '../../src/memory/state.ts'
import { statusOf } from '../../src/memory/status.ts'
import { updateMemory } from '../../src/memory/update.ts'
import { createFakeNetwork } from '../helpers/fake-network.ts'
import { emptyDisk, openDevice } from '../helpers/memory-device.ts'
import { seededEntropy } from '../helpers/seeded-entropy.ts'
import { withTurns } from '../helpers/with-turns.ts'

const FLUSH = { epochs: 5, deletable: true }
const CATEGORIES = ['personal', 'medical'] as const

const action = fc.record({
  device: fc.integer({ min: 0, max: 1 }),
  verb: fc.constantFrom('remember', 'remember', 'update', 'update', 'forget', 'flush', 'flush', 'restore', 'recall', 'reopen'),
  pick: fc.nat(100),
})
/** Actions of one step run at the same time. */
const steps = fc.array(fc.array(action, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 })

type Model = { readonly texts: Map<string, string[]>; readonly forgotten: Set<string>; counter: number }

/** What a caller has to expect of two devices at once, and no other error. */
const EXPECTED = ['memory/conflict', 'memory/unknown-id', 'memory/forgotten'] as const

async function attempt<T>(task: Promise<T>): Promise<T | undefined> {
  try {
    return await task
  } catch (error) {
    if (EXPECTED.some((code) => isLocketError(error, code))) return undefined
    throw error
  }
}

async function act(state: MemoryState, verb: string, pick: number, model: Model): Promise<void> {
  const known = [...state.catalog.values()].map(({ id }) => id)
  const id = known[pick % Math.max(known.length, 1)]
  switch (verb) {
    case 'remember': {
      const text = `note ${model.counter++}`
      const [outcome] = await rememberAll(state, [{ text, category: CATEGORIES[pick % 2] }])
      if (!outcome?.ok) throw outcome?.error
      model.texts.set(outcome.value.id, [text])
      return
    }
    case 'update': {
      if (id === undefined) return
      const text = `changed ${model.counter++}`
      if ((await attempt(updateMemory(state, id, { text }))) !== undefined) model.texts.get(id)?.push(text)
      return
    }
    case 'forget': {
      if (id === undefined) return
      const receipts = await attempt(forget(state, [id], FLUSH))
      if (receipts === undefined) return
      expect(receipts.map((receipt) => receipt.id)).toEqual([id])
      expect(['memory/conflict', undefined]).toContain(receipts[0]?.pending?.code)
      model.forgotten.add(id)
      return
    }
    case 'recall': {
      for (const { memory } of await recall(state, 'note changed')) expect(model.texts.get(memory.id)).toContain(memory.text)
      return
    }
    case 'restore':
      expect(await restore(state)).toMatchObject({ failed: [], failedSpaces: [] })
      return
    default:
      await attempt(flush(state, FLUSH))
  }
}

/** A conflict says to try again: a few times must do, since the other device is quiet now. */
async function settle(state: MemoryState): Promise<void> {
  for (let tries = 0; tries < 4; tries++) await attempt(flush(state, FLUSH))
  for (let tries = 0; tries < 4 && statusOf(state).pendingErasures > 0; tries++) await forget(state, [], FLUSH)
  await flush(state, FLUSH)
}

async function contentsOf(state: MemoryState): Promise<Map<string, string[]>> {
  const contents = new Map<string, string[]>()
  for (const { id } of [...state.catalog.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    contents.set(
      id,
      (await historyOf(state, id)).map(({ text }) => text),
    )
  }
  return contents
}

describe('two devices of one wallet', () => {
  it('converge whatever they do at once: nothing acknowledged is lost or repeated, nothing forgotten comes back', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const entropy = seededEntropy(`two-devices/${run++}`)
        const network = createFakeNetwork(entropy)
        const disks = [emptyDisk(), emptyDisk()]
        const open = async (disk = emptyDisk()) => {
          const turned = { vault: withTurns({ ...disk.vault }, entropy), cache: withTurns({ ...disk.cache }, entropy) }
          const state = await openDevice(network, entropy, turned)
          const { spaces, quilts } = state.network
          return { ...state, network: { spaces: withTurns(spaces, entropy), quilts: withTurns(quilts, entropy) } }
        }
        const devices = await Promise.all(disks.map((disk) => open(disk)))
        const model: Model = { texts: new Map(), forgotten: new Set(), counter: 0 }
        for (const step of plan) {
          for (const { device } of step.filter(({ verb }) => verb === 'reopen')) {
            devices[device] = await open(disks[device])
          }
          await Promise.all(
            step
              .filter(({ verb }) => verb !== 'reopen')
              .map(({ device, verb, pick }) => act(devices[device] as MemoryState, verb, pick, model)),
          )
        }
        for (const device of devices) await settle(device)
        for (const device of devices) await restore(device)
        const fresh = await openDevice(network, entropy)
        expect(await restore(fresh)).toMatchObject({ failed: [], failedSpaces: [] })

        const [first, second, third] = await Promise.all([...devices, fresh].map(contentsOf))
        expect(second).toEqual(first)
        expect(third).toEqual(first)
        for (const [id, texts] of model.texts) {
          // An update that another device's `forget` overtook is gone with the rest.
          if (model.forgotten.has(id)) expect(first?.get(id)).toBeUndefined()
          else expect([...(first?.get(id) ?? [])].sort()).toEqual([...texts].sort())
        }
        expect([...model.texts.keys()].filter((id) => !model.forgotten.has(id)).sort()).toEqual([...(first?.keys() ?? [])])
        for (const device of devices) {
          expect(statusOf(device)).toMatchObject({ pendingErasures: 0, pendingBytes: 0, byState: { local: 0, queued: 0, stored: 0 } })
        }
      }),
      { numRuns: 200, seed: 20_260_731 },
    )
  })
})
