/** Half the range of ECMAScript time values (ECMA-262 section 21.4.1.1), in milliseconds. */
const RANGE_MS = 8.64e15

/** Whether `ms` is an integer instant that ECMAScript dates can hold. Years before 1970 are negative. */
export function isInstant(ms: number): boolean {
  return Number.isSafeInteger(ms) && Math.abs(ms) <= RANGE_MS
}

/** An instant as an unsigned number, so that years before 1970 fit BCS, which has no signed integers. */
export function toWireInstant(ms: number): bigint {
  return BigInt(ms) + BigInt(RANGE_MS)
}

/** The inverse of {@link toWireInstant}. The result may lie outside {@link isInstant} for hostile input. */
export function fromWireInstant(wire: bigint | string): number {
  return Number(BigInt(wire) - BigInt(RANGE_MS))
}
