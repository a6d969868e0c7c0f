import { decodeStrict, encode, type Schema } from '../core/codec.ts'
import { LocketError } from '../core/errors.ts'
import type { Flow } from './flow.ts'

/**
 * Shows a value to everybody in the session and gives back what each showed.
 *
 * @throws {LocketError} `mpc/disagreement`, with `details.party`, for what cannot be read.
 */
export async function showAll<T extends Input, Input>(
  flow: Flow,
  schema: Schema<T, Input>,
  own: Input,
  operation: string,
): Promise<ReadonlyMap<number, T>> {
  const shown = new Map<number, T>()
  for (const [party, bytes] of await flow.broadcast(encode(schema, own))) {
    try {
      shown.set(party, decodeStrict(schema, bytes, operation))
    } catch (cause) {
      throw new LocketError('mpc/disagreement', { operation, details: { party }, cause })
    }
  }
  return shown
}
