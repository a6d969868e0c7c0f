import { LocketError } from '../core/errors.ts'
import { type Geometry, storageUnits } from './geometry.ts'
import { layoutQuilt, type PatchSize } from './quilt-layout.ts'
import { quiltLimits } from './quilt-limits.ts'

export type SplitOptions = {
  readonly geometry: Geometry
  /** Most content bytes in one quilt unless a single patch is larger. */
  readonly quiltBytes: number
  /** Storage units one more quilt must save to be worth two more signatures. */
  readonly signatureUnits: number
}

/** Cut points the search looks at, unless the patches need more. */
const CANDIDATE_CUTS = 48

/**
 * Divides patches into quilts so that storage units plus a charge per quilt are
 * least. Patches are ranked by size first, because a quilt's columns are as
 * high as its largest patches need and small neighbours pay for it; cuts are
 * then searched on a grid (dynamic programming), which is exact for up to 48
 * patches and near the best above.
 *
 * @returns Groups of indices into `patches`, each group ascending.
 * @throws {LocketError} `walrus/too-large` if one patch fits no quilt; `details.limitBytes` says how much would.
 */
export function splitPatches(patches: readonly PatchSize[], options: SplitOptions): readonly (readonly number[])[] {
  const { geometry } = options
  const limits = quiltLimits(geometry)
  const order = patches.map((_, index) => index).toSorted((a, b) => sizeAt(patches, b) - sizeAt(patches, a) || a - b)
  const step = Math.max(1, Math.min(limits.economicPatches, Math.ceil(order.length / CANDIDATE_CUTS)))
  const cuts: number[] = []
  for (let at = 0; at < order.length; at += step) cuts.push(at)
  cuts.push(order.length)

  // best[i] = least cost of everything before cuts[i]; from[i] = the cut before it.
  const best: number[] = [0]
  const from: number[] = [0]
  for (let end = 1; end < cuts.length; end++) {
    best.push(Number.POSITIVE_INFINITY)
    from.push(end - 1)
    for (let start = end - 1; start >= 0; start--) {
      const group = order.slice(cuts[start], cuts[end])
      if (group.length > limits.patches) break
      const cost = (best[start] as number) + groupCost(group, patches, options)
      if (cost < (best[end] as number)) {
        best[end] = cost
        from[end] = start
      }
    }
    if (best[end] === Number.POSITIVE_INFINITY) return splitFiner(patches, order, step, options)
  }
  const groups: number[][] = []
  for (let end = cuts.length - 1; end > 0; end = from[end] as number) {
    groups.push(order.slice(cuts[from[end] as number], cuts[end]).toSorted((a, b) => a - b))
  }
  return groups.toReversed()
}

/** Large patches can make every group of `step` too big: halve the work list until the grid is fine enough. */
function splitFiner(patches: readonly PatchSize[], order: readonly number[], step: number, options: SplitOptions): number[][] {
  if (step === 1) {
    const limitBytes = quiltLimits(options.geometry).patchBytes
    const sizeBytes = sizeAt(patches, order[0] as number)
    throw new LocketError('walrus/too-large', {
      operation: 'walrus.packQuilts',
      message: 'a patch does not fit any quilt',
      details: { limitBytes: Math.min(limitBytes, lonelyLimit(options.geometry)), sizeBytes },
    })
  }
  const middle = Math.floor(order.length / 2)
  return [order.slice(0, middle), order.slice(middle)].flatMap((half) =>
    splitPatches(
      half.map((index) => patches[index] as PatchSize),
      options,
    ).map((group) => group.map((at) => half[at] as number).toSorted((a, b) => a - b)),
  )
}

function groupCost(group: readonly number[], patches: readonly PatchSize[], options: SplitOptions): number {
  if (group.length > 1) {
    let bytes = 0
    for (const index of group) bytes += sizeAt(patches, index)
    if (bytes > options.quiltBytes) return Number.POSITIVE_INFINITY
  }
  const layout = layoutQuilt(
    group.map((index) => patches[index] as PatchSize),
    options.geometry,
  )
  if (layout === undefined) return Number.POSITIVE_INFINITY
  return storageUnits(layout.quiltBytes, options.geometry) + options.signatureUnits
}

const sizeAt = (patches: readonly PatchSize[], index: number): number => (patches[index] as PatchSize).sizeBytes

/** Content of a patch alone in its quilt: all columns but the index's, minus header and identifier. */
function lonelyLimit({ rows, columns }: Geometry): number {
  return (columns - 1) * rows * 65_534 - 73
}
