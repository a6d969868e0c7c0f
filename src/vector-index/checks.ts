import { LocketError } from '../core/errors.ts'
import { MAX_DIMENSIONS, MAX_ID_BYTES, MAX_NEIGHBOURS } from './limits.ts'

/** Checks what every kind of index is created with. */
export function assertOptions(options: {
  readonly dimensions: number
  readonly model: string
  readonly capacity?: number | undefined
}): void {
  const { dimensions, model, capacity } = options
  const parameter =
    !Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS
      ? 'dimensions'
      : typeof model !== 'string' || model === '' || new TextEncoder().encode(model).length > MAX_ID_BYTES
        ? 'model'
        : capacity !== undefined && !(capacity >= 0)
          ? 'capacity'
          : undefined
  if (parameter !== undefined) throw invalid('vectorIndex.create', parameter)
}

/** Checks an id: 1 to 512 bytes of UTF-8. */
export function assertId(id: string): void {
  // A UTF-16 unit is at most three bytes, so most ids need no encoding to be known as short.
  const usable =
    typeof id === 'string' && id !== '' && (id.length * 3 <= MAX_ID_BYTES || new TextEncoder().encode(id).length <= MAX_ID_BYTES)
  if (!usable) throw invalid('vectorIndex.put', 'id')
}

/** Checks `k`: 1 to 4,096. */
export function assertNeighbours(k: number): void {
  if (!Number.isInteger(k) || k < 1 || k > MAX_NEIGHBOURS) throw invalid('vectorIndex.search', 'k')
}

/** Checks a counter: a whole number from 0 that is exact. */
export function assertCounter(parameter: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0)) throw invalid('vectorIndex.open', parameter)
}

function invalid(operation: string, parameter: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation, message: `${parameter} is not usable`, details: { parameter } })
}
