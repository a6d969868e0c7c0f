import { encodeQuilt } from '@mysten/walrus'
import { describe, expect, it } from 'vitest'
import { isLocketError } from '../../src/core/errors.ts'
import { readQuilt } from '../../src/walrus/quilt-reader.ts'
import { FUZZ_RUNS } from '../helpers/fuzz.ts'
import { patches, seeded } from '../unit/walrus/helpers.ts'

const RUNS = Math.ceil(FUZZ_RUNS / 5)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
/** Only so that a long run is not cut off. */
const TIMEOUT_MS = Math.max(60_000, FUZZ_RUNS)
const KNOWN = /^(codec\/|walrus\/inconsistent$)/

/** Reads, and answers the error's code; anything but a known typed error fails the test. */
function outcome(bytes: Uint8Array, nShards: number): { code?: string; total: number } {
  try {
    const read = readQuilt(bytes, { nShards })
    return { total: read.reduce((sum, patch) => sum + patch.bytes.length, 0) }
  } catch (error) {
    if (!isLocketError(error) || !KNOWN.test(error.code)) throw new Error(`seed ${SEED}: unexpected ${String(error)}`, { cause: error })
    return { code: error.code, total: 0 }
  }
}

describe('readQuilt under fuzzing', () => {
  const random = seeded(SEED)
  const quilts = Array.from({ length: 8 }, (_, i) => {
    const files = patches(1 + i * 8, () => Math.floor(random() * 400), random)
    return encodeQuilt({ numShards: 100, blobs: files.map(({ identifier, bytes }) => ({ identifier, contents: bytes })) }).quilt
  })

  it(
    `answers ${RUNS} mutated quilts with patches or typed errors, never with more bytes than it was given`,
    () => {
      let refused = 0
      for (let run = 0; run < RUNS; run++) {
        const bytes = new Uint8Array(quilts[run % quilts.length] as Uint8Array)
        for (let flips = 1 + Math.floor(random() * 8); flips > 0; flips--) {
          // Half of the damage goes to the first two columns, where index and lengths are.
          const at =
            random() < 0.5
              ? Math.floor(random() * 34) * (bytes.length / 34) + Math.floor(random() * 4)
              : Math.floor(random() * bytes.length)
          bytes[at] = random() < 0.3 ? 0xff : Math.floor(random() * 256)
        }
        const { code, total } = outcome(bytes, 100)
        expect(total).toBeLessThanOrEqual(bytes.length)
        if (code !== undefined) refused++
      }
      expect(refused).toBeGreaterThan(RUNS / 10)
    },
    TIMEOUT_MS,
  )

  it(
    'answers truncated quilts and noise with typed errors',
    () => {
      for (let run = 0; run < RUNS / 4; run++) {
        const quilt = quilts[run % quilts.length] as Uint8Array
        expect(outcome(quilt.subarray(0, Math.floor(random() * quilt.length)), 100).total).toBeLessThanOrEqual(quilt.length)
        const noise = new Uint8Array(34 * 67 * 2 * (1 + Math.floor(random() * 3)))
        for (let i = 0; i < noise.length; i++) noise[i] = Math.floor(random() * 256)
        if (random() < 0.8) noise[0] = 1
        outcome(noise, 100)
      }
    },
    TIMEOUT_MS,
  )

  it('reads the wrong shard count as damage, not as a crash', () => {
    for (const quilt of quilts) for (const nShards of [1, 4, 10, 99, 101, 250, 1000]) outcome(quilt, nShards)
  })
})
