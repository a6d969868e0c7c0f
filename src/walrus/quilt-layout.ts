import type { Geometry } from './geometry.ts'
import { maxBlobBytes } from './geometry.ts'
import { indexFootprint, MAX_INDEX_COLUMNS, patchFootprint } from './quilt-limits.ts'

/** Size of one patch to be, without its bytes. */
export type PatchSize = { readonly sizeBytes: number; readonly identifierChars: number }

/** How a quilt of given patches comes out. */
export type QuiltLayout = {
  readonly symbolBytes: number
  readonly columnBytes: number
  readonly quiltBytes: number
  readonly indexColumns: number
}

/**
 * The layout QuiltV1 gives these patches, without encoding them: the smallest
 * even symbol size at which the index (in at most ten columns) and every patch
 * (in whole columns of its own) fit.
 *
 * @returns `undefined` if no symbol size fits: too many patches or too many bytes.
 */
export function layoutQuilt(patches: readonly PatchSize[], geometry: Geometry): QuiltLayout | undefined {
  const { rows, columns } = geometry
  if (patches.length === 0 || patches.length > columns - 1) return undefined
  const indexBytes = indexFootprint(patches.map((patch) => patch.identifierChars))
  const sizes = patches.map((patch) => patchFootprint(patch.sizeBytes, patch.identifierChars))
  const fits = (symbol: number): boolean => {
    const columnBytes = symbol * rows
    let used = Math.ceil(indexBytes / columnBytes)
    if (used > MAX_INDEX_COLUMNS) return false
    for (const size of sizes) used += Math.ceil(size / columnBytes)
    return used <= columns
  }
  // Binary search over halves, since symbols are even. Fitting is monotone in the symbol size.
  let low = 1
  let high = maxBlobBytes(geometry) / (rows * columns) / 2
  if (!fits(high * 2)) return undefined
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle * 2)) high = middle
    else low = middle + 1
  }
  const symbolBytes = low * 2
  const columnBytes = symbolBytes * rows
  return { symbolBytes, columnBytes, quiltBytes: columnBytes * columns, indexColumns: Math.ceil(indexBytes / columnBytes) }
}
