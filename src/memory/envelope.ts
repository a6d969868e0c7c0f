import { bcs } from '@mysten/bcs'
import { concatBytes, fromBase64Url, fromHex, toHex, utf8, type Bytes } from '../core/bytes.ts'
import type { Entropy } from '../core/capabilities.ts'
import { encode } from '../core/codec.ts'
import { LocketError } from '../core/errors.ts'
import type { Aead } from '../crypto/aead.ts'
import { expandKey } from '../crypto/hkdf.ts'
import { pad, padInPlace, padmeLength, PAD_HEADER_BYTES, unpad } from '../crypto/padme.ts'
import { SEAL_OVERHEAD_BYTES } from '../crypto/sealed.ts'
import { byteWriter } from '../core/byte-writer.ts'
import { decodeItem, writeItem, type Item } from './item.ts'
import { decodeManifest, encodeManifest, type Manifest } from './manifest.ts'
import type { MemoryId } from './types.ts'

/** Where an item's ciphertext belongs. An authentic item in another place does not open. */
export type ItemContext = { readonly spaceId: string; readonly id: MemoryId; readonly version: number }

export type ManifestContext = { readonly spaceId: string; readonly headVersion: bigint }

const ManifestContextBcs = bcs.struct('ManifestContext', { use: bcs.string(), space: bcs.bytes(32), headVersion: bcs.u64() })

/** Every item takes at least this much room, so that short memories all look the same. */
const MIN_PATCH_BYTES = 256

/**
 * Turns items and manifests into what may leave the device, and back. Content
 * is padded (Padmé), sealed with the committing AEAD and bound to its place.
 */
export type Envelope = {
  sealItem(item: Item, spaceId: string, secretKey: Uint8Array): Promise<Bytes>
  /** @throws {LocketError} `crypto/open-failed`, or `codec/*` for authentic bytes that are not an item. */
  openItem(sealed: Uint8Array, secretKey: Uint8Array, context: ItemContext): Promise<Item>
  sealManifest(manifest: Manifest, secretDataKey: Uint8Array): Promise<Bytes>
  /** @throws {LocketError} `crypto/open-failed`, or `codec/*` for authentic bytes that are not a manifest. */
  openManifest(sealed: Uint8Array, secretDataKey: Uint8Array, context: ManifestContext): Promise<Manifest>
}

export function createEnvelope({ aead, entropy }: { readonly aead: Aead; readonly entropy: Entropy }): Envelope {
  // PERF: one writer for all items, so that a large text is spelled where there is room already.
  const writer = byteWriter(4096)
  const paddedItem = (item: Item): Uint8Array => padInPlace(writer, () => writeItem(writer, item), MIN_PATCH_BYTES)
  return Object.freeze({
    sealItem: (item: Item, spaceId: string, secretKey: Uint8Array) =>
      aead.seal({
        key: secretKey,
        plaintext: () => paddedItem(item),
        associatedData: itemContext({ spaceId, id: item.id, version: item.version }),
        entropy,
      }),
    async openItem(sealed: Uint8Array, secretKey: Uint8Array, context: ItemContext) {
      const padded = await aead.open({ key: secretKey, sealed, associatedData: itemContext(context) })
      const item = decodeItem(unpad(padded))
      if (item.id !== context.id || item.version !== context.version) {
        throw new LocketError('codec/invalid', { operation: 'memory.openItem', message: 'an item names another place than its own' })
      }
      return item
    },
    sealManifest: (manifest: Manifest, secretDataKey: Uint8Array) =>
      aead.seal({
        key: manifestKey(secretDataKey),
        plaintext: pad(encodeManifest(manifest), MIN_PATCH_BYTES),
        associatedData: manifestContext(manifest),
        entropy,
      }),
    async openManifest(sealed: Uint8Array, secretDataKey: Uint8Array, context: ManifestContext) {
      const padded = await aead.open({ key: manifestKey(secretDataKey), sealed, associatedData: manifestContext(context) })
      const manifest = decodeManifest(unpad(padded))
      if (manifest.spaceId !== context.spaceId || manifest.headVersion !== context.headVersion) {
        throw new LocketError('codec/invalid', { operation: 'memory.openManifest', message: 'a manifest names another place than its own' })
      }
      return manifest
    },
  })
}

/**
 * The patch identifier of a manifest: looks as random as every other, and can
 * be found again by whoever holds the space's data key.
 */
export function manifestIdentifier(secretDataKey: Uint8Array, { spaceId, headVersion }: ManifestContext): string {
  const info = encode(ManifestContextBcs, { use: 'locket/manifest-id/v1', space: fromHex(spaceId), headVersion })
  return toHex(expandKey({ secret: secretDataKey, info, lengthBytes: IDENTIFIER_BYTES }))
}

/** Random bytes behind each patch identifier, spelled in hexadecimal. */
export const IDENTIFIER_BYTES = 12

/** Bytes of the random key each item is sealed under. */
export const ITEM_KEY_BYTES = 32

/** Bytes that `sealItem` makes of `item`. */
export function patchBytesOf(item: Item): number {
  const writer = byteWriter()
  writeItem(writer, item)
  const encodedBytes = writer.written().length
  return padmeLength(Math.max(PAD_HEADER_BYTES + encodedBytes, MIN_PATCH_BYTES)) + SEAL_OVERHEAD_BYTES
}

function manifestKey(secretDataKey: Uint8Array): Bytes {
  return expandKey({ secret: secretDataKey, info: utf8('locket/manifest-key/v1'), lengthBytes: 32 })
}

/** BCS of use, space, id and version. */
function itemContext({ spaceId, id, version }: ItemContext): Bytes {
  // PERF: spelled by hand, once for every item that is opened.
  const use = utf8('locket/item/v1')
  const context = concatBytes(Uint8Array.of(use.length), use, fromHex(spaceId), fromBase64Url(id), new Uint8Array(4))
  new DataView(context.buffer).setUint32(context.length - 4, version, true)
  return context
}

function manifestContext({ spaceId, headVersion }: ManifestContext): Bytes {
  return encode(ManifestContextBcs, { use: 'locket/manifest/v1', space: fromHex(spaceId), headVersion })
}
