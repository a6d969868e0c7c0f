import { describe, expect, it } from 'vitest'
import type { Bytes } from '../../src/core/bytes.ts'
import { sha256 } from '../../src/vector-index/digest.ts'
import { decodeManifest, encodeManifest, type Manifest } from '../../src/vector-index/manifest.ts'
import { openVectorIndex } from '../../src/vector-index/open-vector-index.ts'
import { decodeSegment, encodeSegment } from '../../src/vector-index/segment.ts'
import { createTornStore } from '../helpers/faulty-vector-store.ts'
import { fuzzDecoder } from '../helpers/fuzz.ts'

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

function expectUsable({ ids: read, vectors }: ReturnType<typeof decodeSegment>): void {
  if (vectors.length !== read.length * 5 || read.includes('')) throw new Error('ids and vectors do not fit')
  for (let row = 0; row < read.length; row++) {
    const squares = vectors.subarray(row * 5, row * 5 + 5).reduce((sum, x) => sum + x * x, 0)
    if (!(Math.abs(squares - 1) < 1e-3)) throw new Error('not a unit vector')
  }
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

  fuzzDecoder({
    name: 'segment',
    recode(bytes) {
      const decoded = decodeSegment(bytes, 5)
      expectUsable(decoded)
      return encodeSegment(decoded, 5)
    },
    seeds: [segmentBytes],
    codes: ['index/corrupt'],
  })
})

describe('decodeManifest', async () => {
  const manifestBytes = await encodeManifest(await manifest())

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

  fuzzDecoder({
    name: 'index manifest',
    recode: async (bytes) => encodeManifest(await decodeManifest(bytes)),
    seeds: [manifestBytes],
    codes: ['index/corrupt', 'codec/unknown-version'],
    fixUp: async (bytes) => {
      const body = bytes.slice(0, Math.max(0, bytes.length - 32))
      return Uint8Array.from([...body, ...(await sha256(body))])
    },
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
