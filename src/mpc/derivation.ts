import { byteReader } from '../core/byte-reader.ts'
import { concatBytes, copyBytes, type Bytes } from '../core/bytes.ts'
import { badArgument } from './checks.ts'
import { describeShare } from './describe-share.ts'
import type { Flow } from './flow.ts'
import { OP_DERIVE } from './operations.ts'
import type { Suite } from './types.ts'
import { readSized, sized, u32 } from './wire.ts'

/** A key derived from a threshold key. `chainCode` is not secret, but shows how derived keys belong together. */
export type DerivedKey = { readonly publicKey: Bytes; readonly chainCode: Bytes }

/**
 * The indices of a BIP32 path without hardened steps: `m`, `m/0/5`.
 *
 * @throws {LocketError} `usage/invalid-argument` for a hardened or malformed step, more than 255 steps, or any step for a suite that has no
 *   derivation wallets agree on.
 */
export function parsePath(suite: Suite, path: string): readonly number[] {
  const [root, ...steps] = path.split('/')
  const indices = steps.map((step) => (/^(0|[1-9]\d{0,9})$/.test(step) ? Number(step) : Number.NaN))
  if (root !== 'm' || indices.length > 255 || !indices.every((index) => index < 2 ** 31)) {
    throw badArgument('mpc.parsePath', 'path', 'a path is m/… with steps below 2^31, none of them hardened')
  }
  if (indices.length > 0 && suite !== 'ecdsa-secp256k1') throw badArgument('mpc.parsePath', 'path', 'only ECDSA keys derive others')
  return indices
}

/** A path as the core takes it: four bytes for each index. */
export function encodePath(indices: readonly number[]): Bytes {
  return concatBytes(...indices.map(u32))
}

/** The key at the end of a path (BIP32, public derivation). */
export async function deriveInCore(flow: Pick<Flow, 'call'>, secretShare: Bytes, indices: readonly number[]): Promise<DerivedKey> {
  const { commitments } = await describeShare(flow, secretShare)
  const request = concatBytes(...sized(commitments), ...sized(encodePath(indices)))
  const answer = byteReader(await flow.call(OP_DERIVE, request), 'mpc.derive')
  const derived = { publicKey: readSized(answer), chainCode: copyBytes(answer.take(32)) }
  answer.end()
  return derived
}
