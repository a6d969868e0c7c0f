import { byteReader, type ByteReader } from '../core/byte-reader.ts'
import { concatBytes, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { readSized, sized } from './wire.ts'

/** What one party gives out in a round, or what it ends with (`wasm/SPEC.md` sections 1 and 7). */
export type Step =
  | { readonly kind: 'send'; readonly round: number; readonly broadcast: Bytes; readonly direct: ReadonlyMap<number, Bytes> }
  | { readonly kind: 'end'; readonly result: Bytes }

/** What one other party gave out in a round. */
export type Received = { readonly broadcast: Bytes; readonly direct: Bytes }

/**
 * A step as the core wrote it. Strict: parties ascending, none of them 0,
 * nothing after the end.
 *
 * @throws {LocketError} `codec/truncated`, `codec/trailing-bytes`, `codec/invalid`.
 */
export function decodeStep(bytes: Uint8Array): Step {
  const reader = byteReader(bytes, OPERATION)
  const step = readStep(reader)
  reader.end()
  return step
}

/** The same from the middle of an answer. Leaves the reader after the step. */
export function readStep(reader: ByteReader): Step {
  const kind = reader.u8()
  if (kind === 1) return { kind: 'end', result: readSized(reader) }
  if (kind !== 0) throw invalid()
  const round = reader.u8()
  const broadcast = readSized(reader)
  const direct = new Map<number, Bytes>()
  let previous = 0
  for (let count = reader.u8(); count > 0; count--) {
    const party = reader.u8()
    if (party <= previous) throw invalid()
    previous = party
    direct.set(party, readSized(reader))
  }
  return { kind: 'send', round, broadcast, direct }
}

/** `count, count * (party, broadcast, direct)`, parties ascending: what `advance` takes. */
export function encodeInbox(inbox: ReadonlyMap<number, Received>): Bytes {
  const parties = Array.from(inbox).toSorted(([a], [b]) => a - b)
  const parts = parties.flatMap(([party, { broadcast, direct }]) => [Uint8Array.of(party), ...sized(broadcast), ...sized(direct)])
  return concatBytes(Uint8Array.of(inbox.size), ...parts)
}

const OPERATION = 'mpc.decodeStep'

function invalid(): LocketError {
  return new LocketError('codec/invalid', { operation: OPERATION })
}
