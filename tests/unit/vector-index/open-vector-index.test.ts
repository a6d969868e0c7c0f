import { describe, expect, it } from 'vitest'
import { openVectorIndex, type OpenVectorIndexOptions } from '../../../src/vector-index/open-vector-index.ts'
import { createTornStore } from '../../helpers/faulty-vector-store.ts'
import { clusteredVectors, nearestByBruteForce } from '../../helpers/vectors.ts'

const DIMENSIONS = 16

function setup(extra: Partial<OpenVectorIndexOptions> = {}) {
  const torn = createTornStore()
  const source = clusteredVectors({ dimensions: DIMENSIONS, seed: 21, clusters: 8 })
  const open = (more: Partial<OpenVectorIndexOptions> = {}) =>
    openVectorIndex({ dimensions: DIMENSIONS, model: 'test', store: torn.store, flushAfter: Number.POSITIVE_INFINITY, ...extra, ...more })
  const entries = (from: number, count: number) => Array.from({ length: count }, (_, i) => ({ id: `p${from + i}`, vector: source.point() }))
  return { ...torn, source, open, entries }
}

describe('openVectorIndex', () => {
  it('brings back what was flushed, and only that', async () => {
    const { open, entries, source } = setup()
    const index = await open()
    const points = new Map<string, Float32Array>()
    const batch = entries(0, 300)
    await index.put(batch)
    for (const { id, vector } of batch) points.set(id, vector)
    expect(await index.flush({ mark: 300 })).toEqual({ version: 1, mark: 300, segments: 1, pending: 0 })
    const replaced = source.point()
    await index.put([{ id: 'p5', vector: replaced }])
    points.set('p5', replaced)
    await index.remove(['p6', 'p7'])
    points.delete('p6')
    points.delete('p7')
    expect(await index.flush({ mark: 303 })).toEqual({ version: 2, mark: 303, segments: 2, pending: 0 })
    await index.put(entries(900, 10))

    const again = await open()
    expect(await again.saved()).toEqual({ version: 2, mark: 303, segments: 2, pending: 0 })
    expect(new Set(await again.ids())).toEqual(new Set(points.keys()))
    expect(await again.stats()).toMatchObject({ count: 298, tombstones: 3, engine: 'wasm-simd' })
    for (let i = 0; i < 20; i++) {
      const query = source.query(i)
      const truth = nearestByBruteForce(points, query, 10)
      expect((await again.search(query, { k: 10 })).map((hit) => hit.id)).toEqual(truth.map((hit) => hit.id))
    }
  })

  it('searches what is not flushed yet', async () => {
    const { open, entries } = setup()
    const index = await open()
    const [entry] = entries(0, 1)
    await index.put([entry as NonNullable<typeof entry>])
    expect((await index.search((entry as NonNullable<typeof entry>).vector, { k: 1 }))[0]?.id).toBe('p0')
    expect(await index.saved()).toEqual({ version: 0, mark: 0, segments: 0, pending: 1 })
  })

  it('writes nothing when nothing changed', async () => {
    const { open, entries, written } = setup()
    const index = await open()
    await index.flush()
    expect(written).toEqual([])
    await index.put(entries(0, 3))
    await index.flush()
    const before = written.length
    await index.flush()
    await index.remove(['unknown'])
    await index.flush()
    expect(written).toHaveLength(before)
  })

  it('writes an update of one vector with kilobytes, whatever there is already', async () => {
    const { open, entries, written } = setup()
    const index = await open()
    await index.put(entries(0, 5_000))
    await index.flush()
    written.length = 0
    await index.put(entries(10, 1))
    await index.flush()
    const bytes = written.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    expect(bytes).toBeLessThan(2_000)
  })

  it('splits what it writes into segments of at most 4 MB, in batches that end with the manifest', async () => {
    const dimensions = 2_048
    const { open, written, keys } = setup({ dimensions })
    const index = await open()
    const source = clusteredVectors({ dimensions, seed: 1, clusters: 3 })
    await index.put(Array.from({ length: 2_600 }, (_, i) => ({ id: `p${i}`, vector: source.point() })))
    expect(await index.flush({ mark: 7 })).toMatchObject({ version: 2, mark: 7, segments: 6 })
    expect(written.map(({ key }) => key)).toEqual([
      ...[0, 1, 2, 3].map((n) => `v/seg/${n}`),
      'v/manifest',
      ...[4, 5].map((n) => `v/seg/${n}`),
      'v/manifest',
    ])
    expect(Math.max(...written.map(({ sizeBytes }) => sizeBytes))).toBeLessThanOrEqual(4_000_000)
    expect(await keys()).toHaveLength(7)
    expect(await (await open()).ids()).toHaveLength(2_600)
  })

  it('flushes by itself once enough entries wait', async () => {
    const { open, entries, keys } = setup({ flushAfter: 20 })
    const index = await open()
    await index.put(entries(0, 19))
    expect((await index.saved()).version).toBe(0)
    await index.put(entries(19, 1))
    // An own flush queues behind the automatic one, which has written everything.
    expect(await index.flush()).toEqual({ version: 1, mark: 0, segments: 1, pending: 0 })
    expect(await keys()).toEqual(['v/manifest', 'v/seg/0'])
  })

  it('keeps waiting entries when an automatic flush fails', async () => {
    const { open, entries, failAfter } = setup({ flushAfter: 5 })
    const index = await open()
    failAfter(0)
    await index.put(entries(0, 5))
    await expect(index.flush()).rejects.toThrow('torn')
    failAfter(Number.POSITIVE_INFINITY)
    expect(await index.flush()).toMatchObject({ pending: 0 })
    expect(await (await open()).ids()).toHaveLength(5)
  })

  it('writes segments anew when a quarter of the rows is dead, and deletes the old ones', async () => {
    const { open, entries, keys } = setup()
    const index = await open()
    await index.put(entries(0, 100))
    await index.flush()
    await index.remove(Array.from({ length: 24 }, (_, i) => `p${i}`))
    await index.flush()
    expect(await index.stats()).toMatchObject({ count: 76, tombstones: 24 })
    await index.put(entries(50, 10))
    await index.flush()
    expect(await index.stats()).toMatchObject({ count: 76, tombstones: 0 })
    const saved = await index.saved()
    expect((await keys()).filter((key) => key.startsWith('v/seg/'))).toHaveLength(saved.segments)
    expect(await (await open()).ids()).toHaveLength(76)
  })

  it('merges many small segments', async () => {
    const { open, entries, keys } = setup()
    const index = await open()
    for (let i = 0; i < 40; i++) {
      await index.put(entries(i, 1))
      await index.flush()
    }
    expect((await index.saved()).segments).toBeLessThanOrEqual(9)
    expect(await keys()).toHaveLength((await index.saved()).segments + 1)
    expect(await (await open()).ids()).toHaveLength(40)
  })

  it('survives a torn write at every step: what is on disk is before, after, or between batches', async () => {
    for (let step = 0; step < 30; step++) {
      const { open, entries, failAfter, keys } = setup()
      const index = await open()
      await index.put(entries(0, 40))
      await index.flush()
      await index.put(entries(100, 5))
      await index.flush()
      failAfter(step)
      // Removes a quarter, so that this flush also rewrites segments and deletes the old ones.
      await index.remove(Array.from({ length: 20 }, (_, i) => `p${i}`))
      await index.put(entries(200, 5))
      const failed = await index.flush().then(
        () => false,
        () => true,
      )
      failAfter(Number.POSITIVE_INFINITY)

      // A crash here: another session opens what is on disk.
      const ids = new Set(await (await open()).ids())
      const before = new Set([...entries(0, 40), ...entries(100, 5)].map(({ id }) => id))
      const after = new Set([...entries(20, 20), ...entries(100, 5), ...entries(200, 5)].map(({ id }) => id))
      expect([before, after]).toContainEqual(ids)
      if (!failed) expect(ids).toEqual(after)

      // No crash: the same session tries again, and leaves no litter.
      await index.flush()
      const third = await open()
      expect(new Set(await third.ids())).toEqual(after)
      expect(await keys()).toHaveLength((await third.saved()).segments + 1)
    }
  })

  it('deletes what a torn write left behind', async () => {
    const { open, entries, inner, keys } = setup()
    const index = await open()
    await index.put(entries(0, 3))
    await index.flush()
    await inner.put('v/seg/7', new Uint8Array(10))
    const again = await open()
    await again.put(entries(5, 1))
    await again.flush()
    expect(await keys()).toEqual(['v/manifest', 'v/seg/0', 'v/seg/8'])
  })

  it('keeps changes that come while a flush runs for the next one', async () => {
    const { open, entries, onBatch } = setup()
    const index = await open()
    await index.put(entries(0, 10))
    onBatch(async () => {
      onBatch(undefined)
      await index.remove(['p0'])
      await index.put(entries(1, 1))
      await index.put(entries(50, 1))
    })
    await index.flush()
    expect((await index.saved()).pending).toBe(2)
    expect(await (await open()).ids()).toHaveLength(10)
    await index.flush()
    expect(new Set(await (await open()).ids())).toEqual(new Set([...entries(1, 9), ...entries(50, 1)].map(({ id }) => id)))
  })

  it('notices that the store was rolled back, or emptied', async () => {
    const { open, entries, snapshot, restore } = setup()
    const index = await open()
    await index.put(entries(0, 3))
    await index.flush()
    const old = await snapshot()
    await index.put(entries(3, 3))
    const { version } = await index.flush()
    await restore(old)
    await expect(open({ expectedVersion: version })).rejects.toMatchObject({
      code: 'index/rolled-back',
      details: { expected: 2, found: 1 },
    })
    await restore(new Map())
    await expect(open({ expectedVersion: 1 })).rejects.toMatchObject({ code: 'index/rolled-back' })
    expect(await (await open()).ids()).toEqual([])
  })

  it('starts empty on demand, with a version above all before, and replaces what was there', async () => {
    const { open, entries, keys } = setup()
    const index = await open()
    await index.put(entries(0, 3))
    await index.flush()
    await index.put(entries(3, 3))
    await index.flush()
    const fresh = await open({ startEmpty: true, model: 'other', dimensions: 3 })
    expect(await fresh.ids()).toEqual([])
    expect(await fresh.flush()).toMatchObject({ version: 3, segments: 0 })
    expect(await keys()).toEqual(['v/manifest'])
    const further = await open({ startEmpty: true, expectedVersion: 10 })
    expect(await further.flush()).toMatchObject({ version: 11 })
  })

  it('refuses an index of another model or other dimensions', async () => {
    const { open, entries } = setup()
    const index = await open()
    await index.put(entries(0, 1))
    await index.flush()
    await expect(open({ model: 'other' })).rejects.toMatchObject({ code: 'index/model-mismatch' })
    await expect(open({ dimensions: 17 })).rejects.toMatchObject({ code: 'index/dimension-mismatch' })
  })

  it('keeps two indexes of one store apart by their prefixes', async () => {
    const { open, entries, keys } = setup()
    for (const prefix of ['a/', 'b/']) {
      const index = await open({ prefix })
      await index.put(entries(prefix === 'a/' ? 0 : 5, 2))
      await index.flush()
    }
    expect(await keys()).toEqual(['a/manifest', 'a/seg/0', 'b/manifest', 'b/seg/0'])
    expect(await (await open({ prefix: 'b/' })).ids()).toEqual(['p5', 'p6'])
  })

  it('is corrupt when a segment is missing, altered, cut, or of another store', async () => {
    const { open, entries, inner } = setup()
    const index = await open()
    await index.put(entries(0, 3))
    await index.flush()
    const whole = (await inner.get('v/seg/0')) as Uint8Array<ArrayBuffer>
    const other = setup()
    const elsewhere = await other.open()
    await elsewhere.put(entries(0, 3))
    await elsewhere.flush()
    const altered = Uint8Array.from(whole)
    altered[100] = (altered[100] as number) ^ 1
    for (const value of [undefined, altered, whole.subarray(0, -1), new Uint8Array(0), (await other.inner.get('v/seg/0')) as Uint8Array]) {
      if (value === undefined) await inner.delete('v/seg/0')
      else await inner.put('v/seg/0', value)
      await expect(open()).rejects.toMatchObject({ code: 'index/corrupt' })
    }
    const rebuilt = await open({ startEmpty: true })
    await rebuilt.put(entries(0, 3))
    await rebuilt.flush()
    expect(await (await open()).ids()).toHaveLength(3)
  })

  it('takes the lock before it reads and gives it back on close, or when it cannot open', async () => {
    const { open, entries, inner } = setup()
    const held: string[] = []
    const lock = async () => {
      held.push('taken')
      return () => void held.push('released')
    }
    const index = await open({ lock })
    await index.put(entries(0, 1))
    expect(held).toEqual(['taken'])
    await index.close()
    await index.close()
    expect(held).toEqual(['taken', 'released'])
    expect(await (await open()).ids()).toEqual(['p0'])
    await inner.put('v/manifest', new Uint8Array(3))
    await expect(open({ lock })).rejects.toMatchObject({ code: 'index/corrupt' })
    expect(held).toEqual(['taken', 'released', 'taken', 'released'])
  })

  it('rejects every call after close', async () => {
    const { open } = setup()
    const index = await open()
    await index.close()
    const closed = { code: 'usage/closed' }
    await expect(index.put([])).rejects.toMatchObject(closed)
    await expect(index.remove([])).rejects.toMatchObject(closed)
    await expect(index.search(new Float32Array(DIMENSIONS).fill(1), { k: 1 })).rejects.toMatchObject(closed)
    await expect(index.flush()).rejects.toMatchObject(closed)
    await expect(index.saved()).rejects.toMatchObject(closed)
    await expect(index.ids()).rejects.toMatchObject(closed)
    await expect(index.stats()).rejects.toMatchObject(closed)
  })

  it('refuses an unusable mark or expected version', async () => {
    const { open } = setup()
    await expect(open({ expectedVersion: -1 })).rejects.toMatchObject({ code: 'usage/invalid-argument' })
    const index = await open()
    for (const mark of [-1, 0.5, 2 ** 53]) await expect(index.flush({ mark })).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })

  it('stops a flush at an aborted signal and can go on later', async () => {
    const { open, entries } = setup()
    const index = await open()
    await index.put(entries(0, 3))
    const reason = new Error('enough')
    await expect(index.flush({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(await index.flush()).toMatchObject({ version: 1, pending: 0 })
  })
})
