import type { ByteReader } from '../core/byte-reader.ts'
import type { ErrorCode } from '../core/error-codes.ts'
import { LocketError } from '../core/errors.ts'

/** By class: the caller's mistake, and the three ends of a ceremony that failed (`wasm/SPEC.md` sections 1 and 8). */
const CLASSES: readonly ErrorCode[] = ['usage/invalid-argument', 'mpc/disagreement', 'mpc/banned', 'mpc/misbehaved']

/** Mistakes of the caller's that have a remedy of their own. */
const RANDOM_FAILED = 7
const PRESIGNATURE_UNFIT = 10

/**
 * The error that follows a status byte of 1: `class u8, code u16, party u8, round u8`. `details.coreCode` is that of
 * `wasm/SPEC.md` section 8, `details.party` the index of whoever is at fault, left out where nobody is.
 */
export function readCoreError(reader: ByteReader, operation: string): LocketError {
  const failure = reader.u8()
  const coreCode = reader.u16()
  const party = reader.u8()
  const round = reader.u8()
  reader.end()
  const byClass = CLASSES[failure]
  if (byClass === undefined) throw new LocketError('codec/invalid', { operation })
  const special =
    failure !== 0
      ? undefined
      : coreCode === RANDOM_FAILED
        ? 'mpc/bad-randomness'
        : coreCode === PRESIGNATURE_UNFIT
          ? 'mpc/presignature-used'
          : undefined
  return new LocketError(special ?? byClass, { operation, details: { coreCode, round, ...(party === 0 ? {} : { party }) } })
}
