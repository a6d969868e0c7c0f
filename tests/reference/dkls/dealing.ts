import { concatBytes, equalBytes, type Bytes } from '../../../src/core/bytes.ts'
import { demand, messageOf, toEach, type Ceremony, type Draw, type Inbox } from './ceremony.ts'
import { addAll, evaluate, evaluateCommitted, G, lagrange, mod, pointBytes, scalarBytes, sum, times, type Point } from './field.ts'
import { commit, H, Hq, u8 } from './hash.ts'
import { createPairSetup, PAIR_BYTES, type PairSetup, type Peer } from './pair.ts'
import { createReader, type Reader } from './reader.ts'
import { canBeMoved, publicBytes, readPublic, shareBytes, type Public } from './share.ts'

/** One party's view of a dealing: part 3.7. */
export type Plan = {
  readonly context: Bytes
  readonly me: number
  /** All of the ceremony, ascending; the committee is `1 … n`. */
  readonly parties: readonly number[]
  readonly n: number
  readonly t: number
  readonly dealers: readonly number[]
  /** What this party deals, drawn before anything else; absent if it does not. */
  readonly constant?: (draw: Draw) => bigint
  /** `all` contribute, the `dealer` has it, or it is `kept`. */
  readonly chainCode: 'all' | 'dealer' | 'kept'
  /** The dealer's own, if it does not draw it. */
  readonly dealtChainCode?: Bytes
  /** The key whose shares are replaced: its id, each dealer's old number, and what this party knows of it. */
  readonly moved?: { readonly keyId: Bytes; readonly holders: ReadonlyMap<number, number>; readonly old?: Public }
}

type Opening = { readonly A: readonly Point[]; readonly K: Point; readonly z: bigint; readonly chainCode?: Bytes }

/** What one other party sent in rounds 1 and 2, read. */
type Received = {
  readonly opened: Bytes
  readonly blind: Bytes
  readonly opening?: Opening
  readonly fragment?: bigint
  readonly pair?: ReturnType<PairSetup['finish']>
}

const challenge = (context: Bytes, party: number, A: Point, K: Point): bigint =>
  Hq('locket/ecdsa/proof', context, u8(party), pointBytes(A), pointBytes(K))

/** Deals and is dealt to. Returns the share, or nothing for one who leaves. */
export function* deal(plan: Plan, draw: Draw): Ceremony {
  const { context, me, parties, dealers } = plan
  const others = parties.filter((party) => party !== me)
  const inCommittee = (party: number) => party <= plan.n

  let f: bigint[] | undefined
  let opening: Bytes = new Uint8Array()
  if (plan.constant) {
    const constant = plan.constant(draw)
    f = [constant, ...Array.from({ length: plan.t - 1 }, () => draw.scalar())]
    const k = draw.scalar()
    const [A, K] = [f.map((coefficient) => times(coefficient, G)), times(k, G)]
    const z = mod(k + challenge(context, me, A[0] as Point, K) * constant)
    const chainCode = plan.chainCode === 'kept' ? new Uint8Array() : (plan.dealtChainCode ?? draw.bytes(32))
    opening = concatBytes(...[...A, K].map(pointBytes), scalarBytes(z), chainCode)
  }
  const blind = draw.bytes(32)
  const oldBytes = plan.moved?.old && dealers.includes(me) ? publicBytes(plan.moved.old) : new Uint8Array()
  let inbox = yield { broadcast: concatBytes(context, commit(context, me, blind, opening), oldBytes), direct: toEach(others) }

  const { commitments, old } = readCommitments(plan, others, inbox)
  const setups = new Map<number, PairSetup>()
  if (inCommittee(me)) for (const party of others.filter(inCommittee)) setups.set(party, createPairSetup(context, me, party, draw))
  const direct = toEach(others, (party) => {
    const fragment = f && inCommittee(party) ? scalarBytes(evaluate(f, party)) : new Uint8Array()
    return concatBytes(fragment, setups.get(party)?.message ?? new Uint8Array())
  })
  inbox = yield { broadcast: concatBytes(blind, opening), direct }

  const received = new Map<number, Received>()
  for (const party of others) received.set(party, readOpening(plan, inbox, party, setups.get(party)))
  for (const [party, one] of received) checkOpening(plan, party, one, commitments.get(party) as Bytes, old)
  const openings = new Map(dealers.map((dealer) => [dealer, received.get(dealer)?.opening ?? readOpened(plan, createReader(opening, me))]))
  const A = Array.from({ length: plan.t }, (_, k) => addAll([...openings.values()].map((one) => one.A[k] as Point)))
  const X = A[0] as Point
  const shares = Array.from({ length: plan.n }, (_, i) => evaluateCommitted(A, i + 1))
  demand(![X, ...shares].some((point) => point.is0()), 'retry', 27)
  const contributions = [...openings.values()].flatMap((one) => one.chainCode ?? [])
  const dealt = plan.chainCode === 'all' ? H('locket/ecdsa/chain-code', context, ...contributions) : contributions[0]
  const chainCode: Bytes = old?.chainCode ?? (dealt as Bytes)
  const setup = H(
    'locket/ecdsa/setup',
    context,
    ...parties.map((party) => received.get(party)?.opened ?? opening),
    old ? publicBytes(old) : new Uint8Array(),
    chainCode,
    ...[X, ...shares].map(pointBytes),
  )
  const pairDigest = (party: number): Bytes => received.get(party)?.pair?.digest ?? new Uint8Array()
  inbox = yield { broadcast: setup, direct: toEach(others, pairDigest) }

  for (const party of others) {
    const { broadcast, direct: mine } = messageOf(inbox, party)
    demand(equalBytes(broadcast, setup) && equalBytes(mine, pairDigest(party)), 'retry', 26, party)
  }
  if (!inCommittee(me)) return new Uint8Array()
  const fragments = [...received.values()].flatMap((one) => one.fragment ?? [])
  return shareBytes({
    public: { setup, epoch: old ? old.epoch + 1 : 0, t: plan.t, chainCode, X, shares },
    me,
    x: sum(f ? [...fragments, evaluate(f, me)] : fragments),
    peers: new Map([...received].flatMap(([party, one]): [number, Peer][] => (one.pair ? [[party, one.pair.peer]] : []))),
  })
}

/** Round 1 of the others: commitments, and what they say the old sharing is. */
function readCommitments(plan: Plan, others: readonly number[], inbox: Inbox) {
  const commitments = new Map<number, Bytes>()
  const holders = [...(plan.moved?.holders.values() ?? [])]
  let old = plan.moved?.old
  for (const party of others) {
    const { broadcast, direct } = messageOf(inbox, party)
    const reader = createReader(broadcast, party)
    demand(equalBytes(reader.bytes(32), plan.context), 'retry', 21, party)
    commitments.set(party, reader.bytes(32))
    if (plan.moved && plan.dealers.includes(party)) {
      const theirs = readPublic(reader, party)
      const agreed = old ? equalBytes(publicBytes(theirs), publicBytes(old)) : canBeMoved(theirs, holders, plan.moved.keyId)
      demand(agreed, 'retry', 21, party)
      old = theirs
    }
    reader.end()
    createReader(direct, party).end()
  }
  return { commitments, old }
}

function readOpened(plan: Plan, reader: Reader): Opening {
  const A = Array.from({ length: plan.t }, () => reader.point())
  const opening = { A, K: reader.point(), z: reader.scalar() }
  return plan.chainCode === 'kept' ? opening : { ...opening, chainCode: reader.bytes(32) }
}

function readOpening(plan: Plan, inbox: Inbox, party: number, setup: PairSetup | undefined): Received {
  const message = messageOf(inbox, party)
  let reader = createReader(message.broadcast, party)
  const blind = reader.bytes(32)
  const opened = Uint8Array.from(message.broadcast.subarray(32))
  const isDealer = plan.dealers.includes(party)
  const opening = isDealer ? readOpened(plan, reader) : undefined
  reader.end()
  reader = createReader(message.direct, party)
  const fragment = isDealer && plan.me <= plan.n ? reader.scalar() : undefined
  const pair = setup?.finish(reader.bytes(PAIR_BYTES))
  reader.end()
  return { opened, blind, ...(opening && { opening }), ...(fragment !== undefined && { fragment }), ...(pair && { pair }) }
}

/** What a party opened and dealt is what it must be. */
function checkOpening(plan: Plan, party: number, one: Received, commitment: Bytes, old: Public | undefined) {
  const { context, moved } = plan
  demand(equalBytes(commit(context, party, one.blind, one.opened), commitment), 'blame', 22, party)
  if (!one.opening) return
  const { A, K, z } = one.opening
  const A0 = A[0] as Point
  demand(times(z, G).equals(K.add(times(challenge(context, party, A0, K), A0))), 'blame', 23, party)
  if (moved && old) {
    const holders = [...moved.holders.values()]
    const holder = moved.holders.get(party) as number
    demand(A0.equals(times(lagrange(holders, holder), old.shares[holder - 1] as Point)), 'blame', 25, party)
  }
  if (one.fragment === undefined) return
  demand(times(one.fragment, G).equals(evaluateCommitted(A, plan.me)), 'blame', 24, party)
}
