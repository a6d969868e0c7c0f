import { describe, expect, it } from 'vitest'
import { LocketError } from '../../../src/core/errors.ts'
import { flush } from '../../../src/memory/flush.ts'
import { forget } from '../../../src/memory/forget.ts'
import { getMemory, historyOf } from '../../../src/memory/list.ts'
import { rememberAll } from '../../../src/memory/remember.ts'
import { restore } from '../../../src/memory/restore.ts'
import { ensureSpace } from '../../../src/memory/spaces.ts'
import type { MemoryState } from '../../../src/memory/state.ts'
import { statusOf } from '../../../src/memory/status.ts'
import { updateMemory } from '../../../src/memory/update.ts'
import { codeOf } from '../../helpers/code-of.ts'
import { createFakeNetwork } from '../../helpers/fake-network.ts'
import { emptyDisk, openDevice } from '../../helpers/memory-device.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'

const FLUSH = { epochs: 5, deletable: true }

function world() {
  const entropy = seededEntropy('races')
  const network = createFakeNetwork(entropy)
  return { network, device: (disk = emptyDisk(), address?: string) => openDevice(network, entropy, disk, address) }
}

async function keep(state: MemoryState, text: string, category?: string): Promise<string> {
  const [outcome] = await rememberAll(state, [{ text, category }])
  if (!outcome?.ok) throw outcome?.error
  return outcome.value.id
}

/** A device whose first write to the cache waits until `meanwhile` has run as far as it can. */
function holdingCache(state: MemoryState, meanwhile: () => void): MemoryState {
  let isFirst = true
  const cache = {
    ...state.cache,
    async batch(...parameters: Parameters<typeof state.cache.batch>) {
      if (isFirst) {
        isFirst = false
        meanwhile()
        for (let turn = 0; turn < 500; turn++) await Promise.resolve()
      }
      return state.cache.batch(...parameters)
    },
  }
  return { ...state, cache }
}

const textsOf = async (state: MemoryState, id: string) => (await historyOf(state, id)).map(({ text }) => text)

describe('while a flush settles', () => {
  it('a memory forgotten stays forgotten, and its key is destroyed', async () => {
    const { device } = world()
    const disk = emptyDisk()
    const state = await device(disk)
    const id = await keep(state, 'the secret')
    let forgetting: ReturnType<typeof forget> | undefined
    await flush(
      holdingCache(state, () => (forgetting = forget(state, [id], FLUSH))),
      FLUSH,
    )
    expect((await forgetting)?.[0]).toMatchObject({ keyDestroyed: true, pending: undefined })
    expect(await codeOf(getMemory(state, id))).toBe('memory/forgotten')
    expect(await codeOf(getMemory(await device(disk), id))).toBe('memory/forgotten')
    expect(await restore(await device())).toMatchObject({ found: 0 })
  })

  it('an update is neither lost nor taken for uploaded', async () => {
    const { device } = world()
    const state = await device()
    const id = await keep(state, 'old')
    let updating: ReturnType<typeof updateMemory> | undefined
    await flush(
      holdingCache(state, () => (updating = updateMemory(state, id, { text: 'new' }))),
      FLUSH,
    )
    expect(await updating).toMatchObject({ version: 2, state: 'local' })
    await flush(state, FLUSH)
    const fresh = await device()
    await restore(fresh)
    expect(await textsOf(fresh, id)).toEqual(['old', 'new'])
  })
})

describe('while a restore reads', () => {
  /** Two devices with one memory, of which the second has yet to hear of version 2; `meanwhile` runs before what was read is kept. */
  async function behind(meanwhile: (two: MemoryState, id: string) => Promise<unknown>) {
    const { device } = world()
    const one = await device()
    const id = await keep(one, 'first')
    await flush(one, FLUSH)
    const two = await device()
    await restore(two)
    await updateMemory(one, id, { text: 'by one' })
    await flush(one, FLUSH)
    let running: Promise<unknown> = Promise.resolve()
    const read: MemoryState['network']['quilts']['read'] = async (...parameters) => {
      const outcomes = await two.network.quilts.read(...parameters)
      running = meanwhile(two, id)
      for (let turn = 0; turn < 500; turn++) await Promise.resolve()
      return outcomes
    }
    await restore({ ...two, network: { ...two.network, quilts: { ...two.network.quilts, read } } })
    await running
    return { one, two, id, device }
  }

  it('a memory forgotten stays forgotten', async () => {
    let isAsked = false
    const { two, id, device } = await behind(async (state, known) => {
      if (isAsked) return
      isAsked = true
      await forget(state, [known], FLUSH)
    })
    expect(await codeOf(getMemory(two, id))).toBe('memory/forgotten')
    expect(await restore(await device())).toMatchObject({ found: 0 })
  })

  it('an update keeps its place after what arrives', async () => {
    let isAsked = false
    const { one, two, id } = await behind(async (state, known) => {
      if (isAsked) return
      isAsked = true
      await updateMemory(state, known, { text: 'by two' })
    })
    expect(await textsOf(two, id)).toEqual(['first', 'by one', 'by two'])
    await flush(two, FLUSH)
    await restore(one)
    expect(await textsOf(one, id)).toEqual(['first', 'by one', 'by two'])
  })
})

describe('forget', () => {
  it('of one memory twice at once gives one receipt and one refusal', async () => {
    const { device } = world()
    const state = await device()
    const id = await keep(state, 'once')
    const both = await Promise.allSettled([forget(state, [id], FLUSH), forget(state, [id], FLUSH)])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await codeOf(Promise.reject((both[1] as PromiseRejectedResult).reason))).toBe('memory/forgotten')
  })

  it('does not call a key destroyed that an interrupted upload is still to carry', async () => {
    const { device, network } = world()
    const disk = emptyDisk()
    const state = await device(disk)
    const id = await keep(state, 'in the middle')
    network.failpoint = (name) => {
      if (name === 'before-certified') throw new Error('offline')
    }
    await expect(flush(state, FLUSH)).rejects.toThrow('offline')
    const again = await device(disk)
    const [receipt] = await forget(again, [id], FLUSH)
    expect(receipt).toMatchObject({ keyDestroyed: false })
    expect(receipt?.pending).toBeDefined()
    network.failpoint = () => undefined
    await forget(again, [], FLUSH)
    expect(statusOf(again).pendingErasures).toBe(0)
    expect(await restore(await device())).toMatchObject({ found: 0 })
  })

  it('on one device overtakes an update that waits on another, and does not stop its uploads', async () => {
    const { device } = world()
    const one = await device()
    const id = await keep(one, 'shared')
    await flush(one, FLUSH)
    const two = await device()
    await restore(two)
    await forget(one, [id], FLUSH)
    await updateMemory(two, id, { text: 'too late' })
    await keep(two, 'other')
    expect(await flush(two, FLUSH)).toMatchObject({ memories: 1 })
    expect(await codeOf(getMemory(two, id))).toBe('memory/forgotten')
  })
})

describe('two devices', () => {
  it('that update one memory at the same time keep both versions, in the order they were certified', async () => {
    const { device } = world()
    const one = await device()
    const id = await keep(one, 'first')
    await flush(one, FLUSH)
    const two = await device()
    await restore(two)
    await updateMemory(one, id, { text: 'by one' })
    await updateMemory(two, id, { text: 'by two' })
    await updateMemory(two, id, { text: 'by two again' })
    await flush(one, FLUSH)
    await flush(two, FLUSH)
    await restore(one)
    const fresh = await device()
    await restore(fresh)
    for (const state of [one, two, fresh]) expect(await textsOf(state, id)).toEqual(['first', 'by one', 'by two', 'by two again'])
  })

  it('do not share a space that one of them made for another category', async () => {
    const { device } = world()
    const one = await device()
    const medical = await ensureSpace(one, 'medical', {})
    const two = await device()
    const financial = await ensureSpace(two, 'financial', {})
    expect(financial.spaceId).not.toBe(medical.spaceId)
    expect((await ensureSpace(two, 'medical', {})).spaceId).toBe(medical.spaceId)
  })

  it('of which one flushes before it ever restored: what it lacks still comes', async () => {
    const { device } = world()
    const one = await device()
    await keep(one, 'early')
    await flush(one, FLUSH)
    const two = await device()
    await keep(two, 'late')
    await flush(two, FLUSH)
    await restore(two)
    expect(two.catalog.size).toBe(2)
  })

  it('of which one could not read everything: a flush does not make it forget what it lacks', async () => {
    const { device, network } = world()
    const one = await device()
    await keep(one, 'early')
    const receipt = await flush(one, FLUSH)
    const two = await device()
    const lost = network.blobs.get(receipt.quilts[0]?.blobId as string)
    let reads = 0
    network.tamper = (_identifier, bytes) => (++reads === 1 ? bytes : new Uint8Array(bytes.length))
    expect((await restore(two)).failed).toHaveLength(1)
    network.tamper = (_identifier, bytes) => bytes
    await keep(two, 'late')
    await flush(two, FLUSH)
    expect(lost).toBeDefined()
    expect(await restore(two)).toMatchObject({ restored: 1, failed: [] })
    expect(two.catalog.size).toBe(2)
  })
})

describe('a key epoch that ends while an upload is interrupted', () => {
  it('voids the plan: nothing is certified under a key that a removed member holds', async () => {
    const { device, network } = world()
    const disk = emptyDisk()
    const state = await device(disk)
    await keep(state, 'before')
    await flush(state, FLUSH)
    await keep(state, 'after')
    network.failpoint = (name) => {
      if (name === 'before-uploaded') throw new Error('offline')
    }
    await expect(flush(state, FLUSH)).rejects.toThrow('offline')
    network.failpoint = () => undefined
    const [space] = [...network.spaces.values()]
    if (space === undefined) throw new Error('no space')
    space.keys.set(1, new Uint8Array(32).fill(1))
    space.state = { ...space.state, epoch: 1 }
    const again = await device(disk)
    expect(await codeOf(flush(again, FLUSH))).toBe('memory/conflict')
    const { quilts } = await flush(again, FLUSH)
    expect(space.state.headBlobId).toBe(quilts[0]?.blobId)
    expect(statusOf(again).byState.certified).toBe(2)
  })
})

describe('a category that the chain refuses', () => {
  it('does not keep the others here, and is reported', async () => {
    const { device, network } = world()
    const disk = emptyDisk()
    const state = await device(disk)
    await keep(state, 'seen', 'shared')
    await flush(state, FLUSH)
    const appendSetHead: typeof state.network.spaces.appendSetHead = async (transaction, head) => {
      if (head.spaceId === [...network.spaces.keys()][0]) throw new LocketError('seal/no-access', { operation: 'test' })
      return state.network.spaces.appendSetHead(transaction, head)
    }
    const reader = { ...state, network: { ...state.network, spaces: { ...state.network.spaces, appendSetHead } } }
    await keep(reader, 'refused', 'shared')
    const own = await keep(reader, 'own')
    expect(await codeOf(flush(reader, FLUSH))).toBe('seal/no-access')
    expect((await getMemory(reader, own)).state).toBe('certified')
    // Also from then on, when the refused upload is the first to be resumed.
    const more = await keep(reader, 'more')
    expect(await codeOf(flush(reader, FLUSH))).toBe('seal/no-access')
    expect((await getMemory(reader, more)).state).toBe('certified')
  })

  it('stops everything where the wallet would only be asked again', async () => {
    const { device } = world()
    const state = await device()
    await keep(state, 'one', 'medical')
    await keep(state, 'two', 'financial')
    let asked = 0
    const upload = async () => {
      asked += 1
      throw new LocketError('chain/signature-refused', { operation: 'test' })
    }
    const quilts = { ...state.network.quilts, upload }
    expect(await codeOf(flush({ ...state, network: { ...state.network, quilts } }, FLUSH))).toBe('chain/signature-refused')
    expect(asked).toBe(1)
  })
})

describe('a damaged record that waits for upload', () => {
  it('is reported and does not keep the others here', async () => {
    const { device } = world()
    const disk = emptyDisk()
    const state = await device(disk)
    const id = await keep(state, 'damaged')
    await keep(state, 'sound')
    const warnings: string[] = []
    state.events.on('warning', ({ error }) => warnings.push(error.code))
    await disk.vault.delete(`m/${id}/00000001`)
    expect(await flush(state, FLUSH)).toMatchObject({ memories: 1 })
    expect([...new Set(warnings)]).toEqual(['store/corrupt'])
  })
})

describe('a full node that lies', () => {
  async function seen() {
    const { device, network } = world()
    const state = await device()
    await keep(state, 'first')
    await flush(state, FLUSH)
    const [space] = [...network.spaces.values()]
    if (space === undefined) throw new Error('no space')
    return { state, space, network }
  }
  const codes = async (state: MemoryState) => (await restore(state)).failedSpaces.map(({ error }) => error.code)

  it('cannot show a space as never written to', async () => {
    const { state, space } = await seen()
    space.state = { ...space.state, headVersion: 0n, headBlobId: undefined }
    expect(await codes(state)).toEqual(['memory/rollback'])
  })

  it('cannot show another head under the version that was seen', async () => {
    const { state, space } = await seen()
    space.state = { ...space.state, headBlobId: 'A'.repeat(43) }
    expect(await codes(state)).toEqual(['memory/rollback'])
  })

  it('cannot leave a space out of the list', async () => {
    const { state, network } = await seen()
    const [id] = [...network.spaces.keys()]
    network.spaces.delete(id as string)
    expect(await codes(state)).toEqual(['chain/not-found'])
  })
})
