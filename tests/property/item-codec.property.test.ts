import { bcs } from '@mysten/bcs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, toBase64Url } from '../../src/core/bytes.ts'
import { decodeItem, encodeItem, type Item } from '../../src/memory/item.ts'
import { toWireInstant } from '../../src/memory/time.ts'

/** The format as a schema of `@mysten/bcs`: what the codec, written by hand for speed, must equal. */
const ItemBcs = bcs.struct('Item', {
  format: bcs.u8(),
  id: bcs.bytes(16),
  version: bcs.u32(),
  createdAt: bcs.u64(),
  updatedAt: bcs.u64(),
  occurredAt: bcs.u64(),
  validFrom: bcs.option(bcs.u64()),
  validUntil: bcs.option(bcs.u64()),
  importance: bcs.u16(),
  category: bcs.string(),
  tags: bcs.vector(bcs.string()),
  source: bcs.option(bcs.string()),
  links: bcs.vector(bcs.bytes(16)),
  contentType: bcs.string(),
  text: bcs.string(),
  bytes: bcs.option(bcs.byteVector()),
  vector: bcs.option(bcs.struct('Vector', { model: bcs.string(), scale: bcs.u32(), codes: bcs.byteVector() })),
})

function bySchema(item: Item): Uint8Array {
  const instant = (ms: number | undefined) => (ms === undefined ? null : toWireInstant(ms))
  const { vector } = item
  return ItemBcs.serialize({
    format: 1,
    id: fromBase64Url(item.id),
    version: item.version,
    createdAt: toWireInstant(item.createdAtMs),
    updatedAt: toWireInstant(item.updatedAtMs),
    occurredAt: toWireInstant(item.occurredAtMs),
    validFrom: instant(item.validFromMs),
    validUntil: instant(item.validUntilMs),
    importance: Math.round(item.importance * 10_000),
    category: item.category,
    tags: [...item.tags],
    source: item.source ?? null,
    links: item.links.map((link) => fromBase64Url(link)),
    contentType: item.contentType,
    text: item.text,
    bytes: item.bytes ?? null,
    vector:
      vector === undefined
        ? null
        : {
            model: vector.model,
            scale: new DataView(Float32Array.of(vector.scale).buffer).getUint32(0, true),
            codes: new Uint8Array(vector.codes.buffer),
          },
  }).toBytes()
}

const text = fc.string({ unit: 'grapheme', maxLength: 300 })
const id = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(toBase64Url)
const instant = fc.integer({ min: -8.64e15, max: 8.64e15 })
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const item: fc.Arbitrary<Item> = fc.record({
  id,
  version: fc.nat({ max: 0xffff_ffff }),
  createdAtMs: instant,
  updatedAtMs: instant,
  occurredAtMs: instant,
  validFromMs: optional(instant),
  validUntilMs: optional(instant),
  importance: fc.nat({ max: 10_000 }).map((steps) => steps / 10_000),
  category: text,
  tags: fc.array(text, { maxLength: 140 }),
  source: optional(text),
  links: fc.array(id, { maxLength: 5 }),
  contentType: text,
  // Around the lengths at which the length itself takes another byte, in characters or only in bytes.
  text: fc.oneof(
    text,
    fc.constantFrom('x'.repeat(127), 'x'.repeat(128), 'é'.repeat(64), 'é'.repeat(9_000), '🥜'.repeat(5_000)),
    fc.string({ minLength: 17_000, maxLength: 17_000 }),
  ),
  bytes: optional(fc.uint8Array({ maxLength: 2_000 }).map((bytes) => new Uint8Array(bytes))),
  vector: optional(
    fc.record({
      model: text,
      scale: fc.float({ min: Math.fround(1e-30), max: Math.fround(1e30), noNaN: true }),
      codes: fc.int8Array({ maxLength: 700 }).map((codes) => new Int8Array(codes)),
    }),
  ),
})

describe('the codec of an item', () => {
  it('writes what the schema writes, and reads it back', () => {
    fc.assert(
      fc.property(item, (value) => {
        const encoded = encodeItem(value)
        expect(encoded).toEqual(bySchema(value))
        expect(decodeItem(encoded)).toEqual(value)
      }),
      { numRuns: 300 },
    )
  })
})
