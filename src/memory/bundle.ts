import { bcs } from '@mysten/bcs'
import { throwIfAborted, type AbortOptions } from '../core/abort.ts'
import { concatBytes, utf8, type Bytes } from '../core/bytes.ts'
import { randomBytes, type Entropy } from '../core/capabilities.ts'
import { decodeStrict, encode } from '../core/codec.ts'
import { LocketError } from '../core/errors.ts'
import type { Aead } from '../crypto/aead.ts'
import { bundleKeyOf, KdfBcs, newKdf, type BundleSecret } from './bundle-key.ts'
import { decodeItem, encodeItem, type Item } from './item.ts'

/**
 * The bundle format, version 1: everything a person wants to carry away, in one
 * file that only their secret opens and that needs no network to read.
 *
 *     "LKTB" || u8 version || u32 header length || BCS header || frame*
 *     header = { bundle id (16 bytes), key derivation }
 *     frame  = u32 length || sealed BCS { items: vector<bytes>, total: Option<u32> }
 *
 * All integers are little endian. Each frame is sealed under the bundle's key
 * and bound to header and position; the last one alone carries the total. So a
 * frame cannot be changed, moved, repeated or left out, and a file that was cut
 * short never passes for a whole one.
 */
const MAGIC = utf8('LKTB')
const FORMAT = 1
const ITEMS_PER_FRAME = 64
const MAX_HEADER_BYTES = 1024
const MAX_FRAME_BYTES = 512 * 1024 * 1024

const HeaderBcs = bcs.struct('Header', { bundleId: bcs.bytes(16), kdf: KdfBcs })
const FrameBcs = bcs.struct('Frame', { items: bcs.vector(bcs.byteVector()), total: bcs.option(bcs.u32()) })

type Deps = { readonly aead: Aead; readonly entropy: Entropy }

/** Encodes items as a bundle that `secret` opens. */
export async function encodeBundle(
  items: AsyncIterable<Item> | Iterable<Item>,
  secret: BundleSecret,
  { aead, entropy }: Deps,
  options: AbortOptions = {},
): Promise<Bytes> {
  const header = encode(HeaderBcs, { bundleId: randomBytes(entropy, 16), kdf: newKdf(secret, entropy) })
  const key = await bundleKeyOf(secret, HeaderBcs.parse(header).kdf)
  const parts: Uint8Array[] = [MAGIC, Uint8Array.of(FORMAT), u32(header.length), header]
  let index = 0
  let total = 0
  let pending: Bytes[] = []
  const write = async (last: boolean) => {
    throwIfAborted(options)
    const plaintext = encode(FrameBcs, { items: pending, total: last ? total : null })
    const sealed = await aead.seal({ key, plaintext, associatedData: frameContext(header, index), entropy })
    parts.push(u32(sealed.length), sealed)
    index += 1
    pending = []
  }
  try {
    for await (const item of items) {
      pending.push(encodeItem(item))
      total += 1
      if (pending.length === ITEMS_PER_FRAME) await write(false)
    }
    await write(true)
  } finally {
    key.fill(0)
  }
  return concatBytes(...parts)
}

/**
 * Every item of a bundle. All of it is authenticated before any of it is
 * returned, so an import of a damaged file changes nothing.
 *
 * @throws {LocketError} `memory/bundle-invalid` for a file that is damaged, truncated, extended, or not a bundle;
 *   `codec/unknown-version`; `unlock/failed` if the secret is not the one it was made with.
 */
export async function decodeBundle(
  bundle: Uint8Array,
  secret: BundleSecret,
  { aead }: Pick<Deps, 'aead'>,
  options: AbortOptions = {},
): Promise<readonly Item[]> {
  const { header, frames } = splitFrames(bundle)
  const { kdf } = guard(() => decodeStrict(HeaderBcs, header, 'memory.import'))
  const key = await bundleKeyOf(secret, kdf)
  const items: Item[] = []
  for (const [index, sealed] of frames.entries()) {
    throwIfAborted(options)
    let plaintext: Bytes
    try {
      plaintext = await aead.open({ key, sealed, associatedData: frameContext(header, index) })
    } catch (cause) {
      // With a right key the first frame opens unless it is damaged; the two cannot be told apart, so say the likelier.
      throw new LocketError(index === 0 ? 'unlock/failed' : 'memory/bundle-invalid', {
        operation: 'memory.import',
        details: { frame: index },
        cause,
      })
    }
    const frame = guard(() => decodeStrict(FrameBcs, plaintext, 'memory.import'))
    items.push(...frame.items.map((encoded) => guard(() => decodeItem(encoded))))
    const isLast = index === frames.length - 1
    if (isLast ? frame.total !== items.length : frame.total !== null) throw invalid('the bundle is cut short or joined from two')
  }
  if (frames.length === 0) throw invalid('the bundle is cut short')
  return items
}

function splitFrames(bundle: Uint8Array): { readonly header: Uint8Array; readonly frames: readonly Uint8Array[] } {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.length)
  if (bundle.length < 9 || !MAGIC.every((byte, i) => bundle[i] === byte)) throw invalid('this is not a bundle')
  if (bundle[4] !== FORMAT) throw new LocketError('codec/unknown-version', { operation: 'memory.import' })
  let offset = 5
  const take = (limitBytes: number): Uint8Array => {
    if (offset + 4 > bundle.length) throw invalid('the bundle is cut short')
    const length = view.getUint32(offset, true)
    offset += 4
    if (length > limitBytes || offset + length > bundle.length) throw invalid('the bundle is cut short or damaged')
    offset += length
    return bundle.subarray(offset - length, offset)
  }
  const header = take(MAX_HEADER_BYTES)
  const frames: Uint8Array[] = []
  while (offset < bundle.length) frames.push(take(MAX_FRAME_BYTES))
  return { header, frames }
}

function frameContext(header: Uint8Array, index: number): Bytes {
  return concatBytes(utf8('locket/bundle/v1'), u32(index), header)
}

function u32(value: number): Bytes {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, value, true)
  return out
}

/** Turns the codecs' refusals into the bundle's own. */
function guard<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw invalid('the bundle holds something that is not a memory', cause)
  }
}

function invalid(message: string, cause?: unknown): LocketError {
  return new LocketError('memory/bundle-invalid', { operation: 'memory.import', message, cause })
}
