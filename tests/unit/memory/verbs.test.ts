import { describe, expect, it } from 'vitest'
import { createAead } from '../../../src/crypto/aead.ts'
import { canonicalCategory, localCategory } from '../../../src/memory/category-names.ts'
import { flush } from '../../../src/memory/flush.ts'
import { forget } from '../../../src/memory/forget.ts'
import { getMemory, historyOf, listMemories } from '../../../src/memory/list.ts'
import { rememberAll } from '../../../src/memory/remember.ts'
import { renewQuilts } from '../../../src/memory/renew.ts'
import { restore } from '../../../src/memory/restore.ts'
import { assertShareable } from '../../../src/memory/spaces.ts'
import type { MemoryState } from '../../../src/memory/state.ts'
import { statusOf } from '../../../src/memory/status.ts'
import { exportBundle, importBundle } from '../../../src/memory/transfer.ts'
import type { Memory, MemoryInput } from '../../../src/memory/types.ts'
import { updateMemory } from '../../../src/memory/update.ts'
import { codeOf } from '../../helpers/code-of.ts'
import { createFakeNetwork } from '../../helpers/fake-network.ts'
import { emptyDisk, openDevice } from '../../helpers/memory-device.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'

const FLUSH = { epochs: 5, deletable: true }
const ANN = `0x${'c'.repeat(64)}`

function world() {
  const entropy = seededEntropy('verbs')
  const network = createFakeNetwork(entropy)
  return { network, device: (disk = emptyDisk(), address?: string) => openDevice(network, entropy, disk, address) }
}

async function keep(state: MemoryState, input: MemoryInput): Promise<Memory> {
  const [outcome] = await rememberAll(state, [input])
  if (!outcome?.ok) throw outcome?.error
  return outcome.value
}

describe('a vector of the caller’s own', () => {
  it('that no search could use is refused before anything is stored', async () => {
    const { device } = world()
    const state = await device()
    const { dimensions } = state.embedder
    for (const [vector, code] of [
      [new Float32Array(3).fill(1), 'index/dimension-mismatch'],
      [new Float32Array(dimensions), 'index/invalid-vector'],
      [new Float32Array(dimensions).fill(Number.NaN), 'index/invalid-vector'],
      [new Float32Array(dimensions).fill(1e-44), 'index/invalid-vector'],
    ] as const) {
      expect(await codeOf(keep(state, { text: 'text', vector }))).toBe(code)
    }
    expect(state.catalog.size).toBe(0)
    const { id } = await keep(state, { text: 'text' })
    expect(await codeOf(updateMemory(state, id, { vector: new Float32Array(3) }))).toBe('index/dimension-mismatch')
  })

  it('without a direction from an embedder does not make the memory unreadable', async () => {
    const { device } = world()
    const state = await device()
    const embedder = {
      ...state.embedder,
      embed: async (texts: readonly string[]) => texts.map(() => new Float32Array(state.embedder.dimensions)),
    }
    const { id } = await keep({ ...state, embedder }, { text: 'no direction' })
    expect((await getMemory(state, id)).text).toBe('no direction')
  })
})

describe('history', () => {
  it('says of each version where that version stands', async () => {
    const { device } = world()
    const state = await device()
    const { id } = await keep(state, { text: 'old' })
    await flush(state, FLUSH)
    await updateMemory(state, id, { text: 'new' })
    expect((await historyOf(state, id)).map(({ state: stands }) => stands)).toEqual(['certified', 'local'])
  })
})

describe('list', () => {
  it('gives the rest of a page when a memory on it is forgotten or damaged meanwhile', async () => {
    const { device } = world()
    const disk = emptyDisk()
    const state = await device(disk)
    const ids: string[] = []
    for (let i = 0; i < 5; i++) ids.push((await keep(state, { text: `note ${i}`, occurredAtMs: i })).id)
    await disk.vault.delete(`m/${ids[2]}/00000001`)
    const warnings: string[] = []
    state.events.on('warning', ({ error }) => warnings.push(error.code))
    const vault = {
      ...disk.vault,
      get: async (key: string) => {
        if (key.includes(ids[4] as string)) await forget(state, [ids[4] as string], FLUSH)
        return disk.vault.get(key)
      },
    }
    const first = await listMemories({ ...state, vault }, { limit: 3 })
    expect(first.memories.map(({ text }) => text)).toEqual(['note 3'])
    const second = await listMemories(state, { limit: 3, cursor: first.cursor })
    expect(second.memories.map(({ text }) => text)).toEqual(['note 1', 'note 0'])
    expect(warnings).toEqual(['store/corrupt'])
  })
})

describe('renew', () => {
  it('keeps the quilts alive that hold only manifests, without which nothing is found', async () => {
    const { device, network } = world()
    const state = await device()
    const secret = await keep(state, { text: 'secret' })
    await keep(state, { text: 'stays' })
    await flush(state, FLUSH)
    await forget(state, [secret.id], FLUSH)
    await keep(state, { text: 'later' })
    await flush(state, FLUSH)
    const renewals = await renewQuilts(state, { epochs: 10, beforeEpoch: 100 })
    expect(renewals.map((renewal) => renewal.ok && [renewal.endEpoch, renewal.memories])).toEqual([
      [25, 1],
      [25, 1],
      [25, 0],
    ])
    for (const [blobId, { endEpoch }] of network.blobs) if (endEpoch < 25) network.blobs.delete(blobId)
    expect(await restore(await device())).toMatchObject({ found: 2, restored: 2, failedSpaces: [] })
  })

  it('does not call a renewal failed that was paid for', async () => {
    const { device } = world()
    const state = await device()
    await keep(state, { text: 'one' })
    await flush(state, FLUSH)
    const cache = { ...state.cache, batch: () => Promise.reject(new Error('disk full')) }
    const [renewal] = await renewQuilts({ ...state, cache }, { epochs: 10, beforeEpoch: 100 })
    expect(renewal).toMatchObject({ ok: true, endEpoch: 25 })
    expect(await renewQuilts(state, { epochs: 10, beforeEpoch: 20 })).toEqual([])
  })

  it('rejects with the reason of an abort', async () => {
    const { device } = world()
    const state = await device()
    await keep(state, { text: 'one' })
    await flush(state, FLUSH)
    const stop = new AbortController()
    const quilts = { ...state.network.quilts, renew: () => Promise.reject(stop.signal.reason) }
    stop.abort(new Error('enough'))
    const renewing = renewQuilts({ ...state, network: { ...state.network, quilts } }, { epochs: 1, beforeEpoch: 99, signal: stop.signal })
    await expect(renewing).rejects.toBe(stop.signal.reason)
  })
})

describe('import', () => {
  it('gives an outcome for each new version with its place in the bundle, and says so when it is aborted', async () => {
    const { device } = world()
    const secret = { secretKey: new Uint8Array(32).fill(9) }
    const aead = createAead()
    const source = await device()
    const first = await keep(source, { text: 'first' })
    const here = await device()
    await importBundle(here, aead, await exportBundle(source, aead, secret), secret)
    await keep(source, { text: 'second' })
    const bundle = await exportBundle(source, aead, secret)
    const vault = { ...here.vault, batch: () => Promise.reject(new Error('disk full')) }
    const failed = await importBundle({ ...here, vault }, aead, bundle, secret)
    expect(failed).toMatchObject({ imported: 0, present: 1, outcomes: [{ ok: false, index: 1 }] })
    expect(await importBundle(here, aead, bundle, secret)).toMatchObject({ imported: 1, present: 1 })
    expect((await getMemory(here, first.id)).text).toBe('first')

    const stop = new AbortController()
    const aborting = {
      ...here.vault,
      batch: async () => {
        stop.abort(new Error('enough'))
        stop.signal.throwIfAborted()
      },
    }
    await keep(source, { text: 'third' })
    const third = await exportBundle(source, aead, secret)
    await expect(importBundle({ ...here, vault: aborting }, aead, third, secret, { signal: stop.signal })).rejects.toThrow('enough')
  })
})

describe('export', () => {
  it('leaves out what is forgotten while it runs', async () => {
    const { device } = world()
    const state = await device()
    const secret = { secretKey: new Uint8Array(32).fill(9) }
    const aead = createAead()
    const ids = [(await keep(state, { text: 'one' })).id, (await keep(state, { text: 'two' })).id]
    const vault = {
      ...state.vault,
      get: async (key: string) => {
        if (key.includes(ids[0] as string)) await forget(state, [ids[0] as string], FLUSH)
        return state.vault.get(key)
      },
    }
    const bundle = await exportBundle({ ...state, vault }, aead, secret)
    expect(await importBundle(await device(), aead, bundle, secret)).toMatchObject({ imported: 1 })
  })
})

describe('names of categories', () => {
  it.each(['a@b', 'x#y', 'ü'.repeat(64), '健康 🩺', `work@${ANN}`, 'personal#12345678', '__proto__', 'constructor'])(
    '%s comes back as it was given',
    async (category) => {
      const { device } = world()
      const state = await device()
      const { id } = await keep(state, { text: 'text', category })
      await keep(state, { text: 'other', category: 'other' })
      await flush(state, FLUSH)
      const fresh = await device()
      await restore(fresh)
      expect((await getMemory(fresh, id)).category).toBe(category)
      expect(Object.entries(statusOf(fresh).byCategory).sort()).toEqual(Object.entries({ other: 1, [category]: 1 }).sort())
      await keep(fresh, { text: 'more', category })
      await flush(fresh, FLUSH)
      await restore(state)
      expect([...state.catalog.values()].filter((entry) => entry.category === category)).toHaveLength(2)
    },
  )

  it('go round: a space has one name on the network whatever a device calls it', () => {
    const space = { id: `0x12345678${'e'.repeat(56)}`, owner: ANN }
    const taken = new Set<string>()
    for (const address of [ANN, `0x${'a'.repeat(64)}`]) {
      taken.clear()
      for (let i = 0; i < 3; i++) {
        const local = localCategory('work', space, address, (name) => taken.has(name))
        expect(taken.has(local)).toBe(false)
        taken.add(local)
        expect(canonicalCategory(local, space, address)).toBe('work')
      }
    }
    expect(canonicalCategory('a@b', space, ANN)).toBe('a@b')
    expect(canonicalCategory('x#y', space, ANN)).toBe('x#y')
  })

  it('are the owner’s, whoever writes into the space', async () => {
    const { device, network } = world()
    const ann = await device(emptyDisk(), ANN)
    await keep(ann, { text: 'from ann', category: 'work' })
    await flush(ann, FLUSH)
    const bob = await device()
    const list = async () => [...network.spaces.values()].map(({ state }) => state)
    const shared = { ...bob, network: { ...bob.network, spaces: { ...bob.network.spaces, list } } }
    // His own category of that name is not hers, and is not published into her space.
    const own = await keep(shared, { text: 'his own', category: `work@${ANN}` })
    await restore(shared)
    expect((await getMemory(shared, own.id)).state).toBe('local')
    const [category] = [...shared.spaces.keys()]
    expect(category).toBe(`work@${ANN}#${[...network.spaces.keys()][0]?.slice(2, 10)}`)
    await keep(shared, { text: 'from bob', category })
    await flush(shared, { ...FLUSH, category })
    const fresh = await device(emptyDisk(), ANN)
    await restore(fresh)
    expect(statusOf(fresh).byCategory).toEqual({ work: 2 })
  })

  it('a second space of a private category is as private as the first', () => {
    expect(() => assertShareable('medical')).not.toThrow()
    expect(() => assertShareable('personal')).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
    expect(() => assertShareable('personal#12345678')).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
  })
})

describe('restore', () => {
  it('counts its progress over all spaces together', async () => {
    const { device } = world()
    const state = await device()
    for (const category of ['medical', 'financial', 'public']) await keep(state, { text: category, category })
    await flush(state, FLUSH)
    const fresh = await device()
    const steps: [number, number][] = []
    fresh.events.on('progress', ({ task, done, total }) => task === 'restore' && steps.push([done, total]))
    await restore(fresh)
    expect(steps).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ])
  })
})
