import { LocketError } from '../core/errors.ts'

/**
 * Refuses storage periods Walrus does not sell, before anything is signed.
 *
 * @throws {LocketError} `walrus/epochs-out-of-range`; `details.limitEpochs` is the most that can be had.
 */
export function assertEpochs(epochs: number, limitEpochs: number, operation: string): void {
  if (Number.isInteger(epochs) && epochs >= 1 && epochs <= limitEpochs) return
  throw new LocketError('walrus/epochs-out-of-range', {
    operation,
    message: `storage for ${epochs} epochs is not sold; the limit is ${limitEpochs}`,
    details: { epochs, limitEpochs },
  })
}
