import { bcs } from '@mysten/bcs'
import { fromHex, toHex, type Bytes } from '../core/bytes.ts'
import { decodeStrict, encode } from '../core/codec.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { Flow, Party } from './flow.ts'
import type { KeyRecord, Standing } from './key-record.ts'

/**
 * The first round of every ceremony with a key: each party says how far it has
 * come and what it last saw of the others. Whoever is behind what another
 * has seen was rolled back, and stops before its share is used.
 *
 * A party that lies here stops this ceremony and nothing else.
 *
 * @throws {LocketError} `mpc/rolled-back`, of this device or, with `details.party`, of another; `mpc/disagreement` for
 *   what cannot be read.
 */
export async function showStanding({ shares }: Party, flow: Flow, keyId: string): Promise<void> {
  // On disk before it is shown: what others remember of this device is never ahead of it by honest means.
  const own = await shares.advance(keyId, undefined, { signal: flow.signal })
  const shown = await flow.broadcast(encodeStanding(own))
  const news = new Map<number, Standing>()
  for (const [party, bytes] of shown) {
    const theirs = decodeStanding(bytes, party)
    const mine = theirs.seen.get(own.current?.self ?? 0)
    if (isBehind(own, mine)) throw rolledBack({ keyId })
    if (isBehind(theirs, own.seen.get(party))) throw rolledBack({ keyId, party })
    news.set(party, { incarnation: theirs.incarnation, revision: theirs.revision })
  }
  await shares.advance(keyId, news, { signal: flow.signal })
}

function isBehind(now: Standing, seen: Standing | undefined): boolean {
  return seen !== undefined && seen.incarnation === now.incarnation && seen.revision > now.revision
}

function rolledBack(details: { readonly keyId: string; readonly party?: number }): LocketError {
  return new LocketError('mpc/rolled-back', { operation: OPERATION, details })
}

const OPERATION = 'mpc.showStanding'

function encodeStanding({ incarnation, revision, seen }: KeyRecord): Bytes {
  return encode(schema(), {
    incarnation: fromHex(incarnation),
    revision,
    seen: [...seen].map(([party, at]) => ({ party, incarnation: fromHex(at.incarnation), revision: at.revision })),
  })
}

function decodeStanding(bytes: Bytes, party: number): Standing & { readonly seen: ReadonlyMap<number, Standing> } {
  try {
    const { incarnation, revision, seen } = decodeStrict(schema(), bytes, OPERATION)
    const standing = (wire: { incarnation: Iterable<number>; revision: string }): Standing => ({
      incarnation: toHex(Uint8Array.from(wire.incarnation)),
      revision: BigInt(wire.revision),
    })
    return { ...standing({ incarnation, revision }), seen: new Map(seen.map((entry) => [entry.party, standing(entry)])) }
  } catch (cause) {
    if (!isLocketError(cause)) throw cause
    throw new LocketError('mpc/disagreement', { operation: OPERATION, details: { party }, cause })
  }
}

function schema() {
  const standing = { incarnation: bcs.bytes(16), revision: bcs.u64() }
  return bcs.struct('Standing', { ...standing, seen: bcs.vector(bcs.struct('Seen', { party: bcs.u8(), ...standing })) })
}
