import { describe, expect, it } from 'vitest'
import { isLocketError } from '../../../src/core/errors.ts'
import { flush } from '../../../src/memory/flush.ts'
import { forget } from '../../../src/memory/forget.ts'
import { getMemory, historyOf } from '../../../src/memory/list.ts'
import { recall } from '../../../src/memory/recall.ts'
import { rememberAll } from '../../../src/memory/remember.ts'
import { restore } from '../../../src/memory/restore.ts'
import type { MemoryState } from '../../../src/memory/state.ts'
import { statusOf } from '../../../src/memory/status.ts'
import type { Memory, MemoryInput } from '../../../src/memory/types.ts'
import { updateMemory } from '../../../src/memory/update.ts'
import { createFakeNetwork } from '../../helpers/fake-network.ts'
import { emptyDisk, openDevice } from '../../helpers/memory-device.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'

const FLUSH = { epochs: 5, deletable: true }

async function keep(state: MemoryState, ...inputs: (string | MemoryInput)[]): Promise<Memory[]> {
  const outcomes = await rememberAll(
    state,
    inputs.map((input) => (typeof input === 'string' ? { text: input } : input)),
  )
  return outcomes.map((outcome) => {
    if (!outcome.ok) throw outcome.error
    return outcome.value
  })
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (isLocketError(error)) return error.code
    throw error
  }
  return 'resolved'
}

function world() {
  const entropy = seededEntropy('memory')
  const network = createFakeNetwork(entropy)
  return { entropy, network, device: (disk = emptyDisk(), address?: string) => openDevice(network, entropy, disk, address) }
}

const notes = (count: number) => Array.from({ length: count }, (_, i) => `note number ${i} about subject ${i % 7}`)

describe('flush', () => {
  it('moves memories from local to certified and leaves the vault empty of them', async () => {
    const { device } = world()
    const disk = emptyDisk()
    const state = await device(disk)
    const [memory] = await keep(state, 'Allergic to peanuts since 2019')
    expect(memory?.state).toBe('local')
    const receipt = await flush(state, FLUSH)
    expect(receipt).toMatchObject({ memories: 1, signatures: 2, quilts: [{ category: 'personal' }] })
    expect((await getMemory(state, memory?.id as string)).state).toBe('certified')
    const left: string[] = []
    for await (const key of disk.vault.list('m/')) left.push(key)
    expect(left).toEqual([])
  })

  it('writes nothing and pays nothing when there is nothing to write', async () => {
    const { device, network } = world()
    const receipt = await flush(await device(), FLUSH)
    expect(receipt).toMatchObject({ quilts: [], memories: 0, signatures: 0 })
    expect(network.paid).toEqual([])
  })

  it('splits what does not fit one quilt and chains the heads', async () => {
    const { device, network } = world()
    const state = await device()
    await keep(state, ...notes(150))
    const receipt = await flush(state, FLUSH)
    expect(receipt.quilts.map(({ memories }) => memories)).toEqual([65, 65, 20])
    expect([...network.spaces.values()][0]?.state.headVersion).toBe(3n)
  })

  it('keeps categories in spaces of their own', async () => {
    const { device, network } = world()
    const state = await device()
    await keep(state, { text: 'blood type', category: 'medical' }, { text: 'rent', category: 'financial' })
    const receipt = await flush(state, FLUSH)
    expect(receipt.quilts.map(({ category }) => category).sort()).toEqual(['financial', 'medical'])
    expect(network.spaces.size).toBe(2)
  })

  it('resumes after a crash at every boundary without paying twice or losing anything', async () => {
    const steps = ['encoded', 'registered', 'uploaded', 'certified'].flatMap((step) => [
      `before-${step}`,
      `executed-${step}`,
      `after-${step}`,
    ])
    for (const at of steps) {
      const { device, network } = world()
      const disk = emptyDisk()
      const state = await device(disk)
      await keep(state, ...notes(5))
      network.failpoint = (name) => {
        if (name === at) throw new Error('crash')
      }
      await expect(flush(state, FLUSH)).rejects.toThrow('crash')
      network.failpoint = () => undefined

      const again = await device(disk)
      expect(again.catalog.size, at).toBe(5)
      await flush(again, FLUSH)
      expect(statusOf(again).byState.certified, at).toBe(5)
      expect(network.paid.length, at).toBe(1)

      const fresh = await device()
      const report = await restore(fresh)
      expect(report, at).toMatchObject({ found: 5, restored: 5, failed: [] })
    }
  })

  it('yields to another device that moved the head, keeps everything, and succeeds the next time', async () => {
    const { device } = world()
    const one = await device()
    await keep(one, 'from one')
    await flush(one, FLUSH)
    const two = await device()
    await restore(two)

    await keep(one, 'one again')
    await keep(two, 'two meanwhile')
    await flush(two, FLUSH)
    const plan = one.network.quilts.upload
    let raced = false
    const racing = {
      ...one,
      network: {
        ...one.network,
        quilts: {
          ...one.network.quilts,
          upload: async (options: Parameters<typeof plan>[0]) => {
            if (!raced) {
              raced = true
              await keep(two, 'two once more')
              await flush(two, FLUSH)
            }
            return plan(options)
          },
        },
      },
    }
    expect(await codeOf(flush(racing, FLUSH))).toBe('memory/conflict')
    await flush(one, FLUSH)
    const three = await device()
    await restore(three)
    expect(three.catalog.size).toBe(4)
  })
})

describe('restore', () => {
  it('rebuilds an empty device from the wallet alone, with one decryption per space', async () => {
    const { device, network } = world()
    const state = await device()
    const kept = await keep(state, ...notes(130), { text: 'insulin', category: 'medical', tags: ['dose'], occurredAtMs: -9.7e12 })
    await flush(state, FLUSH)
    network.counts.sealDecryptions = 0

    const fresh = await device()
    const report = await restore(fresh)
    expect(report).toMatchObject({ spaces: 2, found: 131, restored: 131, present: 0, failed: [], failedSpaces: [] })
    expect(network.counts.sealDecryptions).toBe(2)
    const { id } = kept.at(-1) as Memory
    expect(await getMemory(fresh, id)).toMatchObject({
      text: 'insulin',
      category: 'medical',
      tags: ['dose'],
      occurredAtMs: -9.7e12,
      state: 'certified',
    })
    expect((await recall(fresh, 'insulin'))[0]?.memory.id).toBe(id)
  })

  it('counts what cannot be read with its reason, and brings it with the next call', async () => {
    const { device, network } = world()
    const state = await device()
    await keep(state, ...notes(10))
    await flush(state, FLUSH)
    const fresh = await device()
    let reads = 0
    network.tamper = (_identifier, bytes) => {
      // The manifest is read first; spoil three of the items behind it.
      reads += 1
      if (reads === 1 || reads > 4) return bytes
      const copy = new Uint8Array(bytes)
      copy[60] = (copy[60] as number) ^ 1
      return copy
    }
    const report = await restore(fresh)
    expect(report.failed.map(({ error }) => error.code)).toEqual(['crypto/open-failed', 'crypto/open-failed', 'crypto/open-failed'])
    expect(report.restored).toBe(7)
    network.tamper = (_identifier, bytes) => bytes
    expect(await restore(fresh)).toMatchObject({ found: 10, restored: 3, present: 7, failed: [] })
  })

  it('refuses a chain that shows an older head than this device has seen', async () => {
    const { device, network } = world()
    const state = await device()
    await keep(state, 'first')
    await flush(state, FLUSH)
    const [space] = [...network.spaces.values()]
    const old = space?.state
    await keep(state, 'second')
    await flush(state, FLUSH)
    if (space !== undefined && old !== undefined) space.state = old
    const report = await restore(state)
    expect(report.failedSpaces.map(({ error }) => error.code)).toEqual(['memory/rollback'])
  })

  it('says that a head cannot be found, not that it was rolled back, when its quilt has expired', async () => {
    const { device, network } = world()
    const state = await device()
    await keep(state, 'first')
    await flush(state, FLUSH)
    network.blobs.clear()
    const report = await restore(await device())
    expect(report.failedSpaces.map(({ error }) => error.code)).toEqual(['walrus/not-found'])
  })

  it('refuses an older manifest served as the newest', async () => {
    const { device, network } = world()
    const state = await device()
    await keep(state, 'first')
    const first = await flush(state, FLUSH)
    await keep(state, 'second')
    await flush(state, FLUSH)
    const [space] = [...network.spaces.values()]
    if (space !== undefined) space.state = { ...space.state, headBlobId: first.quilts[0]?.blobId }
    const report = await restore(await device())
    expect(report.failedSpaces.map(({ error }) => error.code)).toEqual(['memory/rollback'])
  })
})

describe('forget', () => {
  it('destroys key and quilt, and no device brings the memory back', async () => {
    const { device, network } = world()
    const disk = emptyDisk()
    const state = await device(disk)
    const [secret] = await keep(state, 'the secret')
    await flush(state, FLUSH)
    await keep(state, 'the rest')
    await flush(state, FLUSH)
    const id = secret?.id as string
    const blobId = state.catalog.get(id)?.versions[0]?.placement?.blobId as string

    const [receipt] = await forget(state, [id], FLUSH)
    expect(receipt).toMatchObject({ id, keyDestroyed: true, remaining: [], removedBlobIds: [blobId], pending: undefined })
    expect(network.blobs.has(blobId)).toBe(false)
    expect(await codeOf(getMemory(state, id))).toBe('memory/forgotten')
    expect(await recall(state, 'secret')).not.toContainEqual(expect.objectContaining({ memory: expect.objectContaining({ id }) }))

    const reopened = await device(disk)
    expect(await codeOf(getMemory(reopened, id))).toBe('memory/forgotten')
    const fresh = await device()
    expect(await restore(fresh)).toMatchObject({ found: 1, restored: 1 })
    expect(fresh.catalog.get(id)).toBeUndefined()
  })

  it('says what ciphertext remains and until when if the quilt holds other memories', async () => {
    const { device } = world()
    const state = await device()
    const [one] = await keep(state, ...notes(3))
    await flush(state, FLUSH)
    const [receipt] = await forget(state, [one?.id as string], FLUSH)
    expect(receipt).toMatchObject({ keyDestroyed: true, removedBlobIds: [], remaining: [{ untilEpoch: 15 }] })
    expect(await restore(await device())).toMatchObject({ found: 2, restored: 2 })
  })

  it('stands on the device when the network fails, says what is pending, and finishes later', async () => {
    const { device, network } = world()
    const state = await device()
    const [one] = await keep(state, 'one', 'two')
    await flush(state, FLUSH)
    network.failpoint = () => {
      throw new Error('offline')
    }
    const [receipt] = await forget(state, [one?.id as string], FLUSH)
    expect(receipt).toMatchObject({ keyDestroyed: false })
    expect(receipt?.pending).toBeDefined()
    expect(statusOf(state).pendingErasures).toBe(1)
    network.failpoint = () => undefined
    const [two] = await keep(state, 'three')
    await flush(state, FLUSH)
    await forget(state, [two?.id as string], FLUSH)
    expect(statusOf(state).pendingErasures).toBe(0)
  })

  it('works on a device that has everything although an older manifest has expired', async () => {
    const { device, network } = world()
    const state = await device()
    const [one] = await keep(state, 'one')
    await flush(state, FLUSH)
    const [two] = await keep(state, 'two')
    await flush(state, FLUSH)
    network.blobs.delete(state.catalog.get(one?.id as string)?.versions[0]?.placement?.blobId as string)
    const [receipt] = await forget(state, [one?.id as string], FLUSH)
    expect(receipt).toMatchObject({ keyDestroyed: true, pending: undefined })
    const fresh = await device()
    expect(await restore(fresh)).toMatchObject({ found: 1, restored: 1 })
    expect([...fresh.catalog.values()].map(({ id }) => id)).toEqual([two?.id])
  })

  it('reaches other devices', async () => {
    const { device } = world()
    const one = await device()
    const [memory] = await keep(one, 'shared fate', 'other')
    await flush(one, FLUSH)
    const two = await device()
    await restore(two)
    await forget(one, [memory?.id as string], FLUSH)
    await restore(two)
    expect(await codeOf(getMemory(two, memory?.id as string))).toBe('memory/forgotten')
    expect(two.catalog.size).toBe(1)
  })

  it('refuses an unknown id before anything is removed', async () => {
    const { device } = world()
    const state = await device()
    const [memory] = await keep(state, 'stays')
    expect(await codeOf(forget(state, [memory?.id as string, 'AAAAAAAAAAAAAAAAAAAAAA'], FLUSH))).toBe('memory/unknown-id')
    expect((await getMemory(state, memory?.id as string)).text).toBe('stays')
  })
})

describe('update', () => {
  it('keeps the older versions, through upload and restore', async () => {
    const { device } = world()
    const state = await device()
    const [memory] = await keep(state, 'lives in Axe Yard')
    await flush(state, FLUSH)
    const id = memory?.id as string
    const changed = await updateMemory(state, id, { text: 'lives in Seething Lane' })
    expect(changed).toMatchObject({ id, version: 2, state: 'local' })
    expect((await recall(state, 'Seething Lane'))[0]?.memory.version).toBe(2)
    await flush(state, FLUSH)

    const fresh = await device()
    await restore(fresh)
    expect((await historyOf(fresh, id)).map(({ text }) => text)).toEqual(['lives in Axe Yard', 'lives in Seething Lane'])
    expect(fresh.catalog.size).toBe(1)
  })
})

describe('a long chain of heads', () => {
  it('is cut by a snapshot that stands alone', async () => {
    const { device, network } = world()
    const state = await device()
    for (let i = 0; i < 27; i++) {
      await keep(state, `entry ${i}`)
      await flush(state, FLUSH)
    }
    network.counts.blobReads = 0
    const fresh = await device()
    expect(await restore(fresh)).toMatchObject({ found: 27, restored: 27 })
    expect([...fresh.spaces.values()][0]?.chainLength).toBeLessThan(5)
  })
})
