import { describe, expect, it } from 'vitest'
import { toBase64Url, toHex, type Bytes } from '../../src/core/bytes.ts'
import { randomBytes } from '../../src/core/capabilities.ts'
import { createAead } from '../../src/crypto/aead.ts'
import { decodeBatch, encodeBatch, type Batch } from '../../src/memory/batch.ts'
import { decodeBundle, encodeBundle } from '../../src/memory/bundle.ts'
import { decodeItem, encodeItem, type Item } from '../../src/memory/item.ts'
import { decodeManifest, encodeManifest, type Manifest } from '../../src/memory/manifest.ts'
import { decodeGroup, encodeGroup, type PlacementGroup } from '../../src/memory/certified.ts'
import { loadSpaces, loadTombstones, spacesOp, tombstoneOp, type KnownSpace, type Tombstone } from '../../src/memory/state.ts'
import { decodeUpload, encodeUpload } from '../../src/memory/upload-record.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'
import type { UploadState } from '../../src/walrus/types.ts'
import { fuzzDecoder, type FuzzTarget } from '../helpers/fuzz.ts'

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

const upload: UploadState = {
  version: 1,
  blobId: blobId(),
  step: 'uploaded',
  epochs: 5,
  deletable: true,
  register: { digest: 'abc', bytes: 'AA==', signature: 'BB==' },
  blobObjectId: `0x${toHex(key())}`,
  certificate: '{"signers":[1]}',
  signatures: 1,
  costFrost: '123',
  gasMist: '-4',
}
const known: KnownSpace = {
  category: 'medical',
  spaceId: `0x${toHex(key())}`,
  headVersion: 7n,
  headBlobId: blobId(),
  syncedVersion: 6n,
  chainLength: 3,
}
const stone: Tombstone = { id: id(), category: 'medical', atMs: 1_700_000_000_000, blobIds: [blobId(), blobId()], keyAlive: true }

/** A store that holds one value under one key, for the decoders that read it there themselves. */
async function holding(name: string, value: Uint8Array) {
  const store = createMemoryStore()
  await store.put(name, value)
  return store
}

const aead = createAead()
const secret = { secretKey: new Uint8Array(32).fill(9) }
const bundle = await encodeBundle([item, bare], secret, { aead, entropy })

const CODEC = ['codec/invalid', 'codec/truncated', 'codec/trailing-bytes', 'codec/unknown-version']

describe('decoders of memories', () => {
  const targets: readonly FuzzTarget[] = [
    { name: 'item', recode: (bytes) => encodeItem(decodeItem(bytes)), seeds: [encodeItem(item), encodeItem(bare)], codes: CODEC },
    {
      name: 'placement group',
      recode: (bytes) => encodeGroup(decodeGroup(bytes)),
      seeds: [encodeGroup(group), encodeGroup({ ...group, endEpoch: undefined, entries: [] })],
      codes: CODEC,
    },
    { name: 'manifest', recode: (bytes) => encodeManifest(decodeManifest(bytes)), seeds: [encodeManifest(manifest)], codes: CODEC },
    { name: 'batch', recode: (bytes) => encodeBatch(decodeBatch(bytes)), seeds: [encodeBatch(batch)], codes: CODEC },
    {
      name: 'state of an upload',
      recode: (bytes) => encodeUpload(decodeUpload(bytes)),
      seeds: [encodeUpload(upload), encodeUpload({ ...upload, step: 'encoded', endEpoch: 3 })],
      codes: ['codec/invalid'],
    },
    {
      name: 'known spaces',
      recode: async (bytes) => {
        const spaces = await loadSpaces(await holding('spaces', bytes))
        return spacesOp(spaces.values()).value
      },
      seeds: [known, { ...known, category: 'work', headBlobId: undefined }].map(
        (_space, i, all) => spacesOp(all.slice(0, i + 1)).value as Bytes,
      ),
      codes: CODEC,
      share: 4,
    },
    {
      name: 'tombstone',
      recode: async (bytes) => {
        const [read] = (await loadTombstones(await holding(`t/${stone.id}`, bytes))).values()
        return tombstoneOp(read as Tombstone).value
      },
      seeds: [tombstoneOp(stone).value as Bytes, tombstoneOp({ ...stone, blobIds: [], keyAlive: false }).value as Bytes],
      codes: CODEC,
      share: 4,
    },
    {
      name: 'bundle',
      // Another bundle never opens, so whatever opens is the same.
      recode: async (bytes) => {
        const items = await decodeBundle(bytes, secret, { aead })
        expect(items).toEqual([item, bare])
        return bundle
      },
      seeds: [bundle],
      codes: ['memory/bundle-invalid', 'unlock/failed', 'codec/unknown-version'],
      share: 10,
    },
  ]
  for (const target of targets) fuzzDecoder(target)

  it('refuse a time that no number holds exactly: read rounded, it could not be written again', async () => {
    const endingInTime = encodeManifest(manifest).fill(0xff, -8)
    expect(() => decodeManifest(endingInTime)).toThrow(expect.objectContaining({ code: 'codec/invalid' }))
    const early = tombstoneOp({ ...stone, category: '', blobIds: [] }).value as Bytes
    const at = early.slice().fill(0xff, 1, 9)
    await expect(loadTombstones(await holding(`t/${stone.id}`, at))).rejects.toMatchObject({ code: 'codec/invalid' })
  })

  it('refuse a category that is known twice', async () => {
    const twice = Uint8Array.from([2, ...spacesOp([known]).value.subarray(1), ...spacesOp([known]).value.subarray(1)])
    await expect(loadSpaces(await holding('spaces', twice))).rejects.toMatchObject({ code: 'codec/invalid' })
  })
})
