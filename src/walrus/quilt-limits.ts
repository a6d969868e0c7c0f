import { type Geometry, maxBlobBytes } from './geometry.ts'

/** Index columns a quilt may use at most (QuiltV1). */
export const MAX_INDEX_COLUMNS: number = 10

/** Version byte and length of the index. */
export const INDEX_PREFIX_BYTES: number = 5

/** Version byte, length of what follows, flags. */
export const PATCH_HEADER_BYTES: number = 6

/** Longest identifier Locket writes. QuiltV1 would take 65,535 bytes; ours are random and short. */
export const MAX_IDENTIFIER_CHARS: number = 64

/** What fits one quilt. */
export type QuiltLimits = {
  /** Every patch needs a column and so does the index: 666 at 1000 shards. */
  readonly patches: number
  /** Above this the index is squeezed into fewer columns and the whole quilt grows: 657 at 1000 shards. */
  readonly economicPatches: number
  /** Content of one patch with the longest identifier; the length field is a u32. */
  readonly patchBytes: number
  readonly quiltBytes: number
}

/** The limits of QuiltV1 for a committee of this geometry. */
export function quiltLimits(geometry: Geometry): QuiltLimits {
  const quiltBytes = maxBlobBytes(geometry)
  return Object.freeze({
    patches: geometry.columns - 1,
    economicPatches: Math.max(1, geometry.columns - MAX_INDEX_COLUMNS),
    patchBytes: Math.min(0xffff_ffff, quiltBytes) - 2 - 1 - MAX_IDENTIFIER_CHARS,
    quiltBytes,
  })
}

/** Bytes a patch occupies in its columns: header, length-prefixed identifier, content. Without tags. */
export function patchFootprint(sizeBytes: number, identifierChars: number): number {
  return PATCH_HEADER_BYTES + 2 + 1 + identifierChars + sizeBytes
}

/** Bytes the index occupies: prefix, entry count, and per entry end column, identifier and an empty tag map. */
export function indexFootprint(identifierChars: readonly number[]): number {
  let bytes = INDEX_PREFIX_BYTES + (identifierChars.length < 128 ? 1 : identifierChars.length < 16_384 ? 2 : 3)
  for (const chars of identifierChars) bytes += 2 + 1 + chars + 1
  return bytes
}
