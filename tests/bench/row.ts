/** One line of a bench's result. */
export type Row = {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it is compared with, in the same unit, if anything. */
  readonly baseline: number | undefined
  /** What was promised, in words: `< 1`, `>= 0.999`. */
  readonly target: string | undefined
  readonly met: boolean | undefined
}

/** A row whose promise is checked, or, without one, only reported. */
export function row(name: string, value: number, unit: string, promise?: { below?: number; atLeast?: number }, baseline?: number): Row {
  const target = promise?.below !== undefined ? `< ${promise.below}` : promise?.atLeast !== undefined ? `>= ${promise.atLeast}` : undefined
  const met = promise?.below !== undefined ? value < promise.below : promise?.atLeast !== undefined ? value >= promise.atLeast : undefined
  return { name, value, unit, baseline, target, met }
}
