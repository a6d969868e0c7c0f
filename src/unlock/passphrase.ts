import { copyBytes, utf8, type Bytes } from '../core/bytes.ts'
import { randomBytes } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import type { UnlockMethod } from './method.ts'

const SALT_BYTES = 16
const PARAMETER_BYTES = 9 + SALT_BYTES

/** Least memory a new passphrase is stretched with, in KiB: 64 MiB, the second choice of RFC 9106 section 4. */
const MIN_ARGON2_MEMORY_KIB = 65_536
/** Limits on what stored parameters may ask for, so that a tampered header cannot exhaust the device. */
const MAX_ARGON2_MEMORY_KIB = 1_048_576
const MAX_ARGON2_ITERATIONS = 16
const MAX_ARGON2_LANES = 4

/** The cost of one Argon2id derivation. Stored beside the vault. */
export type Argon2Cost = { readonly memoryKib: number; readonly iterations: number; readonly lanes: number }

export type PassphraseUnlockOptions = {
  /** Normalised to NFKC, so that it can be typed on another keyboard. Not empty. */
  readonly secretPassphrase: string
  /** For new vaults only; an existing one keeps its own. Default 64 MiB, 3 iterations, 1 lane. */
  readonly cost?: Partial<Argon2Cost> | undefined
  /** Names the risk of less than {@link MIN_ARGON2_MEMORY_KIB}. */
  readonly acceptRisk?: 'cheap-to-guess' | undefined
}

/**
 * Unlocks with a passphrase stretched by Argon2id (RFC 9106), in JavaScript by
 * `@noble/hashes`, loaded on first use. A few seconds of CPU with the default
 * cost; run it in a Worker if the page must stay responsive.
 *
 * Not promised: safety of a guessable passphrase against whoever has the disk.
 *
 * @throws {LocketError} `usage/invalid-argument` for an empty passphrase or a cost outside the limits.
 */
export function passphraseUnlock(options: PassphraseUnlockOptions): UnlockMethod {
  const { secretPassphrase, acceptRisk } = options
  const cost: Argon2Cost = { memoryKib: MIN_ARGON2_MEMORY_KIB, iterations: 3, lanes: 1, ...options.cost }
  const isWeak = cost.memoryKib < MIN_ARGON2_MEMORY_KIB && acceptRisk !== 'cheap-to-guess'
  if (secretPassphrase.length === 0) throw badArgument('secretPassphrase')
  if (!isWithinLimits(cost) || isWeak) throw badArgument('cost')
  return Object.freeze({
    kind: 'passphrase' as const,
    async enroll({ entropy, signal }) {
      const salt = randomBytes(entropy, SALT_BYTES)
      const secretKey = await stretch(secretPassphrase, salt, cost)
      signal?.throwIfAborted()
      return { parameters: encodeParameters(cost, salt), secretKey }
    },
    async derive({ parameters, signal }) {
      const { salt, ...storedCost } = decodePassphraseParameters(parameters)
      const secretKey = await stretch(secretPassphrase, salt, storedCost)
      signal?.throwIfAborted()
      return secretKey
    },
  } satisfies UnlockMethod)
}

/**
 * Parameters as stored: `memory KiB u32 || iterations u32 || lanes u8 || salt`, little endian.
 *
 * @throws {LocketError} `codec/invalid` if they are of another length or beyond the limits.
 */
export function decodePassphraseParameters(parameters: Uint8Array): Argon2Cost & { readonly salt: Bytes } {
  if (parameters.length === PARAMETER_BYTES) {
    const view = new DataView(parameters.buffer, parameters.byteOffset, parameters.length)
    const cost = { memoryKib: view.getUint32(0, true), iterations: view.getUint32(4, true), lanes: view.getUint8(8) }
    if (isWithinLimits(cost)) return { ...cost, salt: copyBytes(parameters.subarray(9)) }
  }
  throw new LocketError('codec/invalid', { operation: 'unlock.passphrase', message: 'not the parameters of a passphrase' })
}

function encodeParameters(cost: Argon2Cost, salt: Uint8Array): Bytes {
  const out = new Uint8Array(PARAMETER_BYTES)
  const view = new DataView(out.buffer)
  view.setUint32(0, cost.memoryKib, true)
  view.setUint32(4, cost.iterations, true)
  view.setUint8(8, cost.lanes)
  out.set(salt, 9)
  return out
}

async function stretch(secretPassphrase: string, salt: Uint8Array, cost: Argon2Cost): Promise<Bytes> {
  const { argon2idAsync } = await import('@noble/hashes/argon2.js')
  const password = utf8(secretPassphrase.normalize('NFKC'))
  const options = { m: cost.memoryKib, t: cost.iterations, p: cost.lanes, dkLen: 32, maxmem: (MAX_ARGON2_MEMORY_KIB + 1_024) * 1_024 }
  return copyBytes(await argon2idAsync(password, salt, options).finally(() => password.fill(0)))
}

/** RFC 9106 section 3.1 asks for at least 8 KiB per lane. */
function isWithinLimits({ memoryKib, iterations, lanes }: Argon2Cost): boolean {
  const isWhole = [memoryKib, iterations, lanes].every(Number.isInteger)
  if (!isWhole || lanes < 1 || lanes > MAX_ARGON2_LANES || iterations < 1 || iterations > MAX_ARGON2_ITERATIONS) return false
  return memoryKib >= 8 * lanes && memoryKib <= MAX_ARGON2_MEMORY_KIB
}

function badArgument(parameter: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation: 'unlock.passphrase', details: { parameter } })
}
