import { bcs } from '@mysten/bcs'
import { fromHex, toHex, type Bytes } from '../core/bytes.ts'
import { decodeStrict, encode } from '../core/codec.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { Flow, Party } from './flow.ts'
import type { Standing } from './key-record.ts'

/**
 * The first round of every ceremony with a key: each party says how far it has
 * come and what it last saw of the others.
 *
 * A share store that is opened begins where it was left: at least as far as anybody has heard of it
 * before. One that begins further back is an older copy, and stops before its share is
 * used. Within one opening, ceremonies may overtake each other.
 *
 * A party that lies here stops this ceremony and nothing else.
 *
 * @throws {LocketError} `mpc/rolled-back`, of this device or, with `details.party`, of another; `mpc/disagreement` for
 *   what cannot be read.
 */
export async function showStanding({ shares }: Party, flow: Flow, keyId: string): Promise<void> {
  // On disk before it is shown: what others remember of this device is never ahead of it by honest means.
  const record = await shares.advance(keyId, undefined, { signal: flow.signal })
  const { incarnation, revision } = record
  const own = { incarnation, opening: shares.opening, base: shares.base(keyId), revision }
  const shown = await flow.broadcast(encodeShown({ ...own, seen: record.seen }))
  const news = new Map<number, Standing>()
  for (const [party, bytes] of shown) {
    const theirs = decodeShown(bytes, party)
    if (isBehind(own, theirs.seen.get(record.current?.self ?? 0))) throw rolledBack({ keyId })
    if (isBehind(theirs, record.seen.get(party))) throw rolledBack({ keyId, party })
    news.set(party, theirs)
  }
  await shares.advance(keyId, news, { signal: flow.signal })
}

type Shown = Standing & {
  /** The revision at which this opening began. */
  readonly base: bigint
  readonly seen: ReadonlyMap<number, Standing>
}

function isBehind(now: Omit<Shown, 'seen'>, seen: Standing | undefined): boolean {
  return seen !== undefined && seen.incarnation === now.incarnation && seen.opening !== now.opening && now.base < seen.revision
}

function rolledBack(details: { readonly keyId: string; readonly party?: number }): LocketError {
  return new LocketError('mpc/rolled-back', { operation: OPERATION, details })
}

const OPERATION = 'mpc.showStanding'

function encodeShown({ seen, base, ...own }: Shown): Bytes {
  return encode(schema(), { ...toWire(own), base, seen: [...seen].map(([party, at]) => ({ party, ...toWire(at) })) })
}

function decodeShown(bytes: Bytes, party: number): Shown {
  try {
    const { base, seen, ...own } = decodeStrict(schema(), bytes, OPERATION)
    return { ...fromWire(own), base: BigInt(base), seen: new Map(seen.map((entry) => [entry.party, fromWire(entry)])) }
  } catch (cause) {
    if (!isLocketError(cause)) throw cause
    throw new LocketError('mpc/disagreement', { operation: OPERATION, details: { party }, cause })
  }
}

function toWire({ incarnation, opening, revision }: Standing) {
  return { incarnation: fromHex(incarnation), opening: fromHex(opening), revision }
}

function fromWire(wire: {
  readonly incarnation: Iterable<number>
  readonly opening: Iterable<number>
  readonly revision: string
}): Standing {
  const hex = (bytes: Iterable<number>) => toHex(Uint8Array.from(bytes))
  return { incarnation: hex(wire.incarnation), opening: hex(wire.opening), revision: BigInt(wire.revision) }
}

function schema() {
  const standing = { incarnation: bcs.bytes(16), opening: bcs.bytes(16), revision: bcs.u64() }
  return bcs.struct('Shown', { ...standing, base: bcs.u64(), seen: bcs.vector(bcs.struct('Seen', { party: bcs.u8(), ...standing })) })
}
