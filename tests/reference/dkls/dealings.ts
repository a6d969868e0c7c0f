import { concatBytes, type Bytes } from '../../../src/core/bytes.ts'
import type { Ceremony, Draw } from './ceremony.ts'
import { deal } from './dealing.ts'
import { lagrange, mod, toInteger } from './field.ts'
import { H } from './hash.ts'
import { committeeOf, keyIdOf, publicBytes, type Share } from './share.ts'

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)

/** A new key. */
export function generate(session: Bytes, me: number, t: number, n: number, draw: Draw): Ceremony {
  const context = H('locket/ecdsa/generate', session, Uint8Array.of(t, n))
  const parties = upTo(n)
  return deal({ context, me, parties, n, t, dealers: parties, constant: () => draw.scalar(), chainCode: 'all' }, draw)
}

/** A key that its dealer has whole. `secret` is 32 bytes, or 64 with the chain code; absent for the others. */
export function importKey(
  session: Bytes,
  {
    me,
    t,
    n,
    dealer,
    form,
  }: { readonly me: number; readonly t: number; readonly n: number; readonly dealer: number; readonly form: 0 | 1 },
  secret: Bytes | undefined,
  draw: Draw,
): Ceremony {
  const context = H('locket/ecdsa/import', session, Uint8Array.of(t, n, dealer, form))
  const plan = { context, me, parties: upTo(n), n, t, dealers: [dealer], chainCode: 'dealer' } as const
  if (!secret) return deal(plan, draw)
  const dealt = form === 1 ? { dealtChainCode: secret.slice(32) } : {}
  return deal({ ...plan, ...dealt, constant: () => toInteger(secret.subarray(0, 32)) }, draw)
}

/** New shares for the same committee. */
export function refresh(session: Bytes, share: Share, draw: Draw): Ceremony {
  const { public: old, me, x } = share
  const parties = committeeOf(old)
  const context = H('locket/ecdsa/refresh', session, publicBytes(old))
  const moved = { keyId: keyIdOf(old.X), holders: new Map(parties.map((party) => [party, party])), old }
  const constant = () => mod(lagrange(parties, me) * x)
  return deal({ context, me, parties, n: parties.length, t: old.t, dealers: parties, constant, chainCode: 'kept', moved }, draw)
}

/** New shares for a new committee. `dealers` are numbers of this ceremony, ascending, with the number of the old share of each. */
export function reshare(
  session: Bytes,
  {
    me,
    t,
    n,
    dealers,
    keyId,
  }: { readonly me: number; readonly t: number; readonly n: number; readonly dealers: ReadonlyMap<number, number>; readonly keyId: Bytes },
  share: Share | undefined,
  draw: Draw,
): Ceremony {
  const pairs = concatBytes(...[...dealers].map((pair) => Uint8Array.from(pair)))
  const context = H('locket/ecdsa/reshare', session, Uint8Array.of(t, n), pairs, keyId)
  const parties = [...new Set([...upTo(n), ...dealers.keys()])].toSorted((a, b) => a - b)
  const holders = [...dealers.values()]
  const plan = { context, me, parties, n, t, dealers: [...dealers.keys()], chainCode: 'kept' } as const
  if (!share) return deal({ ...plan, moved: { keyId, holders: dealers } }, draw)
  const constant = () => mod(lagrange(holders, share.me) * share.x)
  return deal({ ...plan, constant, moved: { keyId, holders: dealers, old: share.public } }, draw)
}
