import { describe, expect, it } from 'vitest'
import { decodeGroup, encodeGroup, GROUP_PREFIX } from '../../../src/memory/certified.ts'
import { flush } from '../../../src/memory/flush.ts'
import { forget } from '../../../src/memory/forget.ts'
import { getMemory } from '../../../src/memory/list.ts'
import { rememberAll } from '../../../src/memory/remember.ts'
import { renewQuilts } from '../../../src/memory/renew.ts'
import { restore } from '../../../src/memory/restore.ts'
import type { MemoryState } from '../../../src/memory/state.ts'
import { collectKeys } from '../../../src/store/keys.ts'
import type { BlobStore } from '../../../src/store/port.ts'
import { codeOf } from '../../helpers/code-of.ts'
import { createFakeNetwork } from '../../helpers/fake-network.ts'
import { emptyDisk, openDevice } from '../../helpers/memory-device.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'

const FLUSH = { epochs: 5, deletable: true }

/** A device whose memories are certified. */
async function certifiedDevice(count: number) {
  const entropy = seededEntropy('certified')
  const network = createFakeNetwork(entropy)
  const disk = emptyDisk()
  const open = (on = disk) => openDevice(network, entropy, on)
  const state = await open()
  await rememberAll(
    state,
    Array.from({ length: count }, (_, i) => ({ text: `note ${i}` })),
  )
  await flush(state, FLUSH)
  return { network, disk, state, open, ids: [...state.catalog.values()].map(({ id }) => id) }
}

/** Every version that a group record of this cache names, with the record it stands in. */
async function named(cache: BlobStore): Promise<readonly string[]> {
  const names: string[] = []
  for (const key of await collectKeys(cache.list(GROUP_PREFIX))) {
    names.push(...decodeGroup((await cache.get(key)) as Uint8Array).entries.map(({ id, version }) => `${id} ${version}`))
  }
  return names.toSorted()
}

const patchKeys = async (cache: BlobStore) => collectKeys(cache.list('sealed/'))
const here = (state: MemoryState) => [...state.catalog.values()].map(({ id, versions }) => `${id} ${versions.at(-1)?.version}`).toSorted()

describe('what the network has', () => {
  it('is kept as the network has it: the patch, byte for byte, and its key apart', async () => {
    const { network, disk, ids } = await certifiedDevice(3)
    const [blob] = [...network.blobs.values()]
    const uploaded = [...(blob?.patches.values() ?? [])].map((bytes) => Buffer.from(bytes).toString('hex'))
    const keys = await patchKeys(disk.cache)
    expect(keys).toHaveLength(3)
    for (const key of keys) expect(uploaded).toContain(Buffer.from((await disk.cache.get(key)) as Uint8Array).toString('hex'))
    expect(await named(disk.cache)).toEqual(ids.map((id) => `${id} 1`).toSorted())
  })

  it('is found again by a restart, and by a device that restored it', async () => {
    const { open, state } = await certifiedDevice(5)
    expect(here(await open())).toEqual(here(state))
    const other = emptyDisk()
    const restoring = await open(other)
    expect(await restore(restoring)).toMatchObject({ restored: 5, failed: [] })
    const again = await open(other)
    expect(here(again)).toEqual(here(state))
    const [first] = again.catalog.values()
    expect((await getMemory(again, first?.id as string)).text).toMatch(/^note \d$/)
  })

  it('that is damaged is reported, dropped with its key, and brought back by a restore', async () => {
    const { disk, open, ids } = await certifiedDevice(4)
    const [key] = await patchKeys(disk.cache)
    const damaged = (await disk.cache.get(key as string)) as Uint8Array
    damaged[90] = (damaged[90] as number) ^ 1
    await disk.cache.put(key as string, damaged)
    const lost = (key as string).split('/')[1] as string

    const state = await open()
    expect(state.catalog.get(lost)).toBeUndefined()
    expect(state.catalog.size).toBe(3)
    expect(await patchKeys(disk.cache)).toHaveLength(3)
    expect((await named(disk.cache)).some((name) => name.startsWith(lost))).toBe(false)
    // The loss outlives this run, although the head has not moved.
    const later = await open()
    expect(await restore(later)).toMatchObject({ restored: 1, present: 3 })
    expect((await getMemory(later, lost)).text).toMatch(/^note \d$/)
    expect(await named(disk.cache)).toEqual(ids.map((id) => `${id} 1`).toSorted())
  })

  it('that is damaged while the device runs says so when it is read, and comes back by a restore', async () => {
    const { disk, state, ids } = await certifiedDevice(3)
    const [key] = await patchKeys(disk.cache)
    await disk.cache.put(key as string, new Uint8Array(300))
    const lost = (key as string).split('/')[1] as string
    expect(await codeOf(getMemory(state, lost))).toBe('store/corrupt')
    expect(await patchKeys(disk.cache)).toHaveLength(2)
    expect(await restore(state)).toMatchObject({ restored: 1, present: 2 })
    expect((await getMemory(state, lost)).text).toMatch(/^note \d$/)
    expect(await named(disk.cache)).toEqual(ids.map((id) => `${id} 1`).toSorted())
  })

  it('whose group record is damaged comes back by a restore', async () => {
    const { disk, open } = await certifiedDevice(3)
    const [key] = await collectKeys(disk.cache.list(GROUP_PREFIX))
    await disk.cache.put(key as string, new Uint8Array(5))
    const state = await open()
    expect(state.catalog.size).toBe(0)
    expect(await restore(state)).toMatchObject({ restored: 3, failed: [] })
  })
})

describe('forgetting', () => {
  it('takes the patch and its key from the cache, and leaves the others', async () => {
    const { disk, state, ids } = await certifiedDevice(4)
    const [gone, ...left] = ids
    await forget(state, [gone as string], FLUSH)
    expect(await named(disk.cache)).toEqual(left.map((id) => `${id} 1`).toSorted())
    expect((await patchKeys(disk.cache)).some((key) => key.includes(gone as string))).toBe(false)
    await forget(state, left, FLUSH)
    expect(await collectKeys(disk.cache.list(GROUP_PREFIX))).toEqual([])
  })

  it('cut off before the cache was written is finished at the next start', async () => {
    const { disk, state, open, ids } = await certifiedDevice(3)
    const gone = ids[1] as string
    const dies = { ...state.cache, batch: () => Promise.reject(new Error('the power is gone')) }
    await expect(forget({ ...state, cache: dies }, [gone], FLUSH)).rejects.toThrow('the power is gone')
    expect((await named(disk.cache)).some((name) => name.startsWith(gone))).toBe(true)

    const again = await open()
    expect(again.catalog.get(gone)).toBeUndefined()
    expect((await named(disk.cache)).some((name) => name.startsWith(gone))).toBe(false)
    expect((await patchKeys(disk.cache)).some((key) => key.includes(gone))).toBe(false)
  })

  it('leaves no key behind in a second record that names the version too', async () => {
    const { disk, open, ids } = await certifiedDevice(2)
    const [key] = await collectKeys(disk.cache.list(GROUP_PREFIX))
    await disk.cache.put(`${GROUP_PREFIX}0copy`, (await disk.cache.get(key as string)) as Uint8Array)
    const state = await open()
    await forget(state, [ids[0] as string], FLUSH)
    expect(await named(disk.cache)).toEqual([`${ids[1]} 1`])
  })
})

describe('a renewal', () => {
  it('is noted in the group records', async () => {
    const { disk, state } = await certifiedDevice(2)
    const [renewal] = await renewQuilts(state, { epochs: 10, beforeEpoch: 100 })
    const [key] = await collectKeys(disk.cache.list(GROUP_PREFIX))
    expect(decodeGroup((await disk.cache.get(key as string)) as Uint8Array).endEpoch).toBe(renewal?.ok ? renewal.endEpoch : undefined)
    expect(renewal).toMatchObject({ ok: true, endEpoch: 25 })
  })
})

describe('a group record', () => {
  it('is spelled one way', () => {
    const group = {
      spaceId: `0x${'5a'.repeat(32)}`,
      blobId: 'A'.repeat(43),
      endEpoch: undefined,
      entries: [{ id: 'B'.repeat(21) + 'A', version: 2, identifier: 'ab', secretKey: new Uint8Array(32).fill(7) }],
    }
    expect(decodeGroup(encodeGroup(group))).toEqual(group)
  })
})
