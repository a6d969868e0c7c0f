import { bcs } from '@mysten/bcs'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, toBase64Url, toHex, type Bytes } from '../../src/core/bytes.ts'
import { randomBytes } from '../../src/core/capabilities.ts'
import { isLocketError } from '../../src/core/errors.ts'
import { createAead } from '../../src/crypto/aead.ts'
import { decodeBatch, encodeBatch, type Batch } from '../../src/memory/batch.ts'
import { decodeBundle, encodeBundle } from '../../src/memory/bundle.ts'
import { decodeItem, encodeItem, type Item } from '../../src/memory/item.ts'
import { decodeManifest, encodeManifest, type Manifest } from '../../src/memory/manifest.ts'
import { decodeGroup, encodeGroup, type PlacementGroup } from '../../src/memory/certified.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 20_000)
const entropy = createSeededEntropy('memory fuzz')
const id = () => toBase64Url(randomBytes(entropy, 16))
const blobId = () => toBase64Url(randomBytes(entropy, 32))
const key = () => randomBytes(entropy, 32)

const item: Item = {
  id: id(),
  version: 3,
  createdAtMs: 1_700_000_000_000,
  updatedAtMs: 1_700_000_000_001,
  occurredAtMs: -9_000_000_000_000,
  validFromMs: 5,
  validUntilMs: undefined,
  importance: 0.25,
  category: 'medical',
  tags: ['a', 'ünï'],
  source: 'mail',
  links: [id(), id()],
  contentType: 'text/plain',
  text: 'Allergic to peanuts 🥜 since 2019. '.repeat(6),
  bytes: randomBytes(entropy, 40),
  vector: { model: 'm', scale: Math.fround(0.01), codes: Int8Array.from([1, -2, 127, -127]) },
}
const bare: Item = {
  ...item,
  tags: [],
  source: undefined,
  links: [],
  bytes: undefined,
  vector: undefined,
  validFromMs: undefined,
  text: '',
}
const group: PlacementGroup = {
  spaceId: `0x${toHex(key())}`,
  blobId: blobId(),
  endEpoch: 9,
  entries: [
    { id: id(), version: 1, identifier: 'ab12', secretKey: key() },
    { id: id(), version: 7, identifier: 'cd34', secretKey: key() },
  ],
}
const manifest: Manifest = {
  spaceId: `0x${toHex(key())}`,
  headVersion: 7n,
  category: 'medical',
  kind: 'delta',
  previousBlobId: blobId(),
  quilts: [
    { blobId: undefined, entries: [{ id: id(), version: 1, identifier: 'ab', secretKey: key() }] },
    { blobId: blobId(), entries: [] },
  ],
  forgotten: [{ id: id(), atMs: 1_700_000_000_000 }],
}
const batch: Batch = {
  batchId: id(),
  category: 'medical',
  spaceId: `0x${toHex(key())}`,
  headVersion: 8n,
  epoch: 1,
  kind: 'snapshot',
  entries: [{ id: id(), version: 1, identifier: 'ab', secretKey: key() }],
  forgotten: [id()],
  rotation: { epoch: 2, envelope: key(), history: key(), label: key() },
  epochs: 5,
  deletable: true,
}

/** Numbers that depend on the seed alone. */
function dice() {
  let state = 0x2545f491
  return (below: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** One of the ways in which bytes come to harm. */
function mutate(seed: Uint8Array, roll: (below: number) => number): Bytes {
  const bytes = new Uint8Array(seed)
  switch (roll(7)) {
    case 0:
      return bytes.slice(0, roll(bytes.length + 1))
    case 1: {
      const longer = new Uint8Array(bytes.length + 1 + roll(40))
      longer.set(bytes)
      return longer
    }
    case 2: {
      // A length or an option tag that lies.
      bytes[roll(bytes.length)] = [0, 1, 2, 0x7f, 0x80, 0xff][roll(6)] as number
      return bytes
    }
    case 3: {
      const at = roll(bytes.length)
      const length = roll(16)
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)])
    }
    case 4: {
      const at = roll(bytes.length)
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(0, roll(20)), ...bytes.subarray(at)])
    }
    default: {
      for (let flips = 1 + roll(3); flips > 0; flips--) {
        const at = roll(bytes.length)
        bytes[at] = (bytes[at] as number) ^ (1 << roll(8))
      }
      return bytes
    }
  }
}

describe.each<[string, readonly Bytes[], (bytes: Uint8Array) => Uint8Array]>([
  ['item', [encodeItem(item), encodeItem(bare)], (bytes) => encodeItem(decodeItem(bytes))],
  [
    'placement group',
    [encodeGroup(group), encodeGroup({ ...group, endEpoch: undefined, entries: [] })],
    (bytes) => encodeGroup(decodeGroup(bytes)),
  ],
  ['manifest', [encodeManifest(manifest)], (bytes) => encodeManifest(decodeManifest(bytes))],
  ['batch', [encodeBatch(batch)], (bytes) => encodeBatch(decodeBatch(bytes))],
])('%s decoder', (_name, seeds, reencode) => {
  it('takes what was encoded', () => {
    for (const seed of seeds) expect(reencode(seed)).toEqual(seed)
  })

  it(`fails on ${RUNS} damaged inputs only with codec errors, and what it takes encodes to the same bytes`, () => {
    const roll = dice()
    let accepted = 0
    for (let run = 0; run < RUNS; run++) {
      const bytes = mutate(seeds[run % seeds.length] as Bytes, roll)
      let again: Uint8Array
      try {
        again = reencode(bytes)
      } catch (error) {
        if (isLocketError(error) && error.code.startsWith('codec/')) continue
        throw new Error(`run ${run}: ${toHex(bytes)}`, { cause: error })
      }
      accepted++
      if (toHex(again) !== toHex(bytes)) throw new Error(`run ${run}: a second spelling was taken: ${toHex(bytes)}`)
    }
    // Flipped bits inside a text or a key give another item, which is for the seal to refuse.
    expect(accepted).toBeLessThan(RUNS)
  })
})

it('an item is the BCS of one plain struct', () => {
  const Plain = bcs.struct('Plain', {
    format: bcs.u8(),
    id: bcs.bytes(16),
    version: bcs.u32(),
    times: bcs.tuple([bcs.u64(), bcs.u64(), bcs.u64()]),
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
  for (const each of [
    item,
    bare,
    { ...item, text: 'x'.repeat(127) },
    { ...item, text: 'x'.repeat(128) },
    { ...item, text: 'é'.repeat(9_000) },
  ]) {
    const encoded = encodeItem(each)
    const plain = Plain.parse(encoded)
    expect(Plain.serialize(plain).toBytes()).toEqual(encoded)
    expect([plain.text, toBase64Url(plain.id), plain.category]).toEqual([each.text, each.id, each.category])
    expect(plain.links.map((link) => toBase64Url(link))).toEqual(each.links)
  }
  expect(fromBase64Url(item.id).length).toBe(16)
})

describe('bundle decoder', () => {
  const aead = createAead()
  const secret = { secretKey: new Uint8Array(32).fill(9) }
  const runs = Math.ceil(RUNS / 10)

  it(`refuses ${runs} damaged bundles with typed errors`, async () => {
    const roll = dice()
    const bundle = await encodeBundle([item, bare], secret, { aead, entropy })
    for (let run = 0; run < runs; run++) {
      const bytes = mutate(bundle, roll)
      if (toHex(bytes) === toHex(bundle)) continue
      const code = await decodeBundle(bytes, secret, { aead }).then(
        () => 'taken',
        (error: unknown) => (isLocketError(error) ? error.code : String(error)),
      )
      expect(['memory/bundle-invalid', 'unlock/failed', 'codec/unknown-version'], `run ${run}`).toContain(code)
    }
  })
})
