import { copyBytes, type Bytes } from '../core/bytes.ts'

/** Where each side keeps its head. Hidden from the dual store's callers. */
export const HEAD_KEY = '~dual/head'

/** Everything the dual store keeps for itself starts with this. */
export const RESERVED_PREFIX = '~dual/'

const VERSION = 1
const HEAD_BYTES = 26

/** How far one side has come. Written in the same atomic batch as the data it speaks of. */
export type DualHead = {
  /** `copying` while this side is being rebuilt: what it holds is incomplete. */
  readonly state: 'whole' | 'copying'
  /** Number of batches written, from 1. */
  readonly sequence: bigint
  /** 16 random bytes of the batch. Equal sequences with different tags have diverged. */
  readonly tag: Bytes
}

/** `version u8 || state u8 || sequence u64 LE || tag`. */
export function encodeHead(head: DualHead): Bytes {
  const out = new Uint8Array(HEAD_BYTES)
  out[0] = VERSION
  out[1] = head.state === 'whole' ? 0 : 1
  new DataView(out.buffer).setBigUint64(2, head.sequence, true)
  out.set(head.tag, 10)
  return out
}

/**
 * The head in `bytes`, or `undefined` if they are none. A damaged head is
 * treated like a missing one: the side is then rebuilt from the other.
 */
export function decodeHead(bytes: Uint8Array | undefined): DualHead | undefined {
  if (bytes === undefined || bytes.length !== HEAD_BYTES || bytes[0] !== VERSION || (bytes[1] as number) > 1) return undefined
  const sequence = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigUint64(2, true)
  if (sequence === 0n) return undefined
  return { state: bytes[1] === 0 ? 'whole' : 'copying', sequence, tag: copyBytes(bytes.subarray(10)) }
}
