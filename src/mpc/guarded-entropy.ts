import { equalBytes, type Bytes } from '../core/bytes.ts'
import type { Entropy } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'

/** A run of equal bytes this long does not come from a working generator: one in 2^120. */
const BLOCK_BYTES = 16

/**
 * `entropy`, refused where it visibly does not work. A nonce that repeats gives
 * the key away, so the core's source fails closed.
 *
 * Every draw is preceded by {@link BLOCK_BYTES} bytes that are used for nothing
 * but to be compared with those of the draw before: a generator that starts
 * over is caught without keeping anything secret. Each further block must not
 * be one byte repeated, which catches a buffer that was not filled, or not to its end.
 *
 * Not promised: noticing a generator that an attacker can predict.
 *
 * The returned function throws `mpc/bad-randomness`, and what `entropy` itself throws as its cause.
 */
export function guardEntropy(entropy: Entropy): (out: Bytes) => void {
  let previous: Bytes | undefined
  return (out) => {
    // Whole blocks, so that a short request is judged by as much as a long one.
    const drawn = new Uint8Array(BLOCK_BYTES * (1 + Math.max(1, Math.ceil(out.length / BLOCK_BYTES))))
    try {
      entropy.fill(drawn)
    } catch (cause) {
      throw new LocketError('mpc/bad-randomness', { operation: OPERATION, cause })
    }
    const witness = drawn.slice(0, BLOCK_BYTES)
    let isSound = previous === undefined || !equalBytes(previous, witness)
    for (let at = 0; at < drawn.length; at += BLOCK_BYTES) {
      const block = drawn.subarray(at, at + BLOCK_BYTES)
      isSound &&= block.some((byte) => byte !== block[0])
    }
    previous = witness
    if (isSound) out.set(drawn.subarray(BLOCK_BYTES, BLOCK_BYTES + out.length))
    drawn.fill(0)
    if (!isSound) throw new LocketError('mpc/bad-randomness', { operation: OPERATION })
  }
}

const OPERATION = 'mpc.randomFill'
