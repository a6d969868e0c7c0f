import { describe, expect, it } from 'vitest'
import type { Bytes } from '../../src/core/bytes.ts'
import { sha256 } from '../../src/vector-index/digest.ts'
import { decodeManifest, encodeManifest, type Manifest } from '../../src/vector-index/manifest.ts'
import { openVectorIndex } from '../../src/vector-index/open-vector-index.ts'
import { decodeSegment, encodeSegment } from '../../src/vector-index/segment.ts'
import { createTornStore } from '../helpers/faulty-vector-store.ts'
import { seeded } from '../helpers/vectors.ts'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const CORRUPT = expect.objectContaining({ code: 'index/corrupt' })

const unit = (i: number) => Float32Array.from([Math.cos(i), Math.sin(i), 0, 0, 0])
const ids = ['a', 'ü', 'longer id']
const segmentBytes = encodeSegment({ ids, vectors: Float32Array.from(ids.flatMap((_, i) => [...unit(i)])) }, 5)

async function manifest(): Promise<Manifest> {
  const digest = await sha256(segmentBytes)
  return {
    dimensions: 5,
    model: 'modèle',
    version: 9,
    mark: 12,
    segments: [
      { number: 3, count: 3, sizeBytes: segmentBytes.length, sha256: digest, dead: new Uint8Array([2]) },
      { number: 4, count: 9, sizeBytes: 400, sha256: digest, dead: new Uint8Array(0) },
    ],
  }
}

/** One to four random changes: a byte set, a bit flipped, a stretch removed or repeated, or a length field made huge. */
function mutate(bytes: Bytes, random: () => number): Bytes {
  let out = Uint8Array.from(bytes)
  for (let change = 0; change <= Math.floor(random() * 4); change++) {
    const at = Math.floor(random() * out.length)
    const kind = Math.floor(random() * 5)
    if (kind === 0) out[at] = Math.floor(random() * 256)
    if (kind === 1) out[at] = (out[at] as number) ^ (1 << Math.floor(random() * 8))
    if (kind === 2) out = Uint8Array.from([...out.subarray(0, at), ...out.subarray(at + 1 + Math.floor(random() * 8))])
    if (kind === 3) out = Uint8Array.from([...out.subarray(0, at), ...out.subarray(Math.max(0, at - 8))])
    if (kind === 4) out.set([255, 255, 255, 255].slice(0, out.length - at), at)
  }
  return out
}

describe('decodeSegment', () => {
  it('is the inverse of encodeSegment', () => {
    const { ids: read, vectors } = decodeSegment(segmentBytes, 5)
    expect(read).toEqual(ids)
    expect([...vectors.subarray(5, 10)]).toEqual([...unit(1)])
  })

  it('refuses a segment cut at any byte, or followed by one', () => {
    for (let length = 0; length < segmentBytes.length; length++) {
      expect(() => decodeSegment(segmentBytes.slice(0, length), 5)).toThrow(CORRUPT)
    }
    expect(() => decodeSegment(Uint8Array.from([...segmentBytes, 0]), 5)).toThrow(CORRUPT)
  })

  it('refuses other dimensions, a foreign header, and more than 4 MB', () => {
    expect(() => decodeSegment(segmentBytes, 4)).toThrow(CORRUPT)
    expect(() => decodeSegment(new Uint8Array(64), 5)).toThrow(CORRUPT)
    expect(() => decodeSegment(new Uint8Array(4_000_001), 5)).toThrow(CORRUPT)
  })

  it('returns unit vectors under usable ids, or refuses, for any mutation', () => {
    const random = seeded(SEED)
    for (let run = 0; run < RUNS; run++) {
      const mutated = mutate(segmentBytes, random)
      let decoded: ReturnType<typeof decodeSegment>
      try {
        decoded = decodeSegment(mutated, 5)
      } catch (error) {
        expect(error).toEqual(CORRUPT)
        continue
      }
      expect(decoded.vectors.length).toBe(decoded.ids.length * 5)
      expect(decoded.ids.every((id) => id.length > 0)).toBe(true)
      decoded.ids.forEach((_, i) => {
        const squares = decoded.vectors.subarray(i * 5, i * 5 + 5).reduce((sum, x) => sum + x * x, 0)
        expect(Math.abs(squares - 1)).toBeLessThan(1e-3)
      })
      // What it accepts is the one encoding of what it returns.
      expect(encodeSegment(decoded, 5)).toEqual(mutated)
    }
  })
})

describe('decodeManifest', () => {
  it('is the inverse of encodeManifest', async () => {
    expect(await decodeManifest(await encodeManifest(await manifest()))).toEqual(await manifest())
  })

  it('refuses a manifest cut at any byte, followed by one, or with any bit flipped', async () => {
    const bytes = await encodeManifest(await manifest())
    for (let length = 0; length < bytes.length; length++) await expect(decodeManifest(bytes.slice(0, length))).rejects.toEqual(CORRUPT)
    await expect(decodeManifest(Uint8Array.from([...bytes, 0]))).rejects.toEqual(CORRUPT)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      await expect(decodeManifest(flipped)).rejects.toEqual(CORRUPT)
    }
  })

  it('refuses or canonically reads any mutation whose digest was made to match', async () => {
    const random = seeded(SEED + 1)
    const body = (await encodeManifest(await manifest())).slice(0, -32)
    for (let run = 0; run < RUNS; run++) {
      const mutated = mutate(body, random)
      const forged = Uint8Array.from([...mutated, ...(await sha256(mutated))])
      const outcome = await decodeManifest(forged).catch((error: unknown) => error)
      if (outcome instanceof Error) expect(['index/corrupt', 'codec/unknown-version']).toContain((outcome as { code?: string }).code)
      else expect(await encodeManifest(outcome as Manifest)).toEqual(forged)
    }
  })

  it('refuses a later format by name', async () => {
    const body = (await encodeManifest(await manifest())).slice(0, -32)
    body[4] = 2
    await expect(decodeManifest(Uint8Array.from([...body, ...(await sha256(body))]))).rejects.toMatchObject({
      code: 'codec/unknown-version',
    })
  })
})

describe('openVectorIndex', () => {
  it('never answers from damaged records: every flipped bit of every record is found', async () => {
    const torn = createTornStore()
    const options = { dimensions: 5, model: 'm', store: torn.store }
    const index = await openVectorIndex(options)
    await index.put(ids.map((id, i) => ({ id, vector: unit(i) })))
    await index.remove(['a'])
    await index.close()
    for (const key of await torn.keys()) {
      const whole = (await torn.inner.get(key)) as Bytes
      for (let at = 0; at < whole.length; at++) {
        const damaged = Uint8Array.from(whole)
        damaged[at] = (damaged[at] as number) ^ (1 << (at & 7))
        await torn.inner.put(key, damaged)
        await expect(openVectorIndex(options)).rejects.toEqual(CORRUPT)
      }
      await torn.inner.put(key, whole)
    }
    expect(await (await openVectorIndex(options)).ids()).toEqual(['ü', 'longer id'])
  })
})
