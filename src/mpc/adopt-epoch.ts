import { concatBytes, equalBytes, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { describeShare } from './describe-share.ts'
import { acknowledgementText, areComplete, epochDigest } from './epoch.ts'
import type { Flow, Party } from './flow.ts'
import { publicPart, type Acknowledgement, type EpochRecord } from './key-record.ts'
import type { Member, Suite, ThresholdKey } from './types.ts'
import { committed } from './with-key.ts'

export type NewEpoch = {
  readonly suite: Suite
  readonly threshold: number
  readonly members: readonly Member[]
  readonly self: number
  /** What the core ended with. Overwritten. */
  readonly secretShare: Bytes
  /** The key it must be a share of, if there is one already. */
  readonly keyId?: string | undefined
}

/**
 * Moves this device to a new epoch together with all its members: the share is
 * written beside the old one, every member signs that it has done so, and
 * only with all signatures in hand does the new one take the old one's place.
 *
 * A crash or a lost message before this device has signed leaves it at the old
 * epoch; afterwards it holds both until `settleKey` shows which it is. Whoever moved on
 * holds the proof that everybody could.
 *
 * @throws {LocketError} `mpc/disagreement` if the members do not hold shares of one and the same epoch.
 */
export async function adoptEpoch(party: Party, flow: Flow, next: NewEpoch): Promise<ThresholdKey> {
  const { shares } = party
  const { suite, threshold, members, self, secretShare } = next
  const options = { signal: flow.signal }
  try {
    const about = await describeShare(flow, secretShare)
    const isMeant = about.suite === suite && about.threshold === threshold && about.self === self && about.memberCount === members.length
    if (!isMeant || (next.keyId !== undefined && next.keyId !== about.keyId)) throw disagreement()
    const { keyId, epoch, publicKey, commitments } = about
    const digest = epochDigest({ keyId, suite, epoch, threshold, members, publicKey, commitments })
    await shares.prepare({ keyId, suite, epoch, threshold, members, self, publicKey, digest }, secretShare, options)
    await shares.acknowledge(keyId, options)
    const mine = { party: self, signature: flow.session.sign(acknowledgementText(digest)) }
    const received = await flow.broadcast(concatBytes(digest, mine.signature))
    const acknowledgements = [mine, ...collect({ members, digest }, received)].toSorted((a, b) => a.party - b.party)
    if (!areComplete({ members, digest }, acknowledgements, flow.session)) throw disagreement()
    // Without the signal: everybody has it, so this device goes with them.
    await shares.commit(keyId, acknowledgements)
    return publicPart(committed(party, keyId, OPERATION))
  } finally {
    secretShare.fill(0)
  }
}

/** The part of one who dealt its share out and is no member any more: it erases it, once every member has its own. */
export async function leaveKey(
  { shares }: Party,
  flow: Flow,
  next: { readonly keyId: string; readonly members: readonly Member[] },
): Promise<undefined> {
  const { keyId, members } = next
  const received = await flow.broadcast(new Uint8Array())
  const [first] = members
  const digest = received.get(first?.index ?? 0)?.slice(0, 32) ?? new Uint8Array()
  if (!areComplete({ members, digest }, collect({ members, digest }, received), flow.session)) throw disagreement()
  await shares.forget(keyId)
}

/** What the members sent: the digest, which must be the same, and a signature of it. Those who leave send nothing. */
function collect(
  { members, digest }: Pick<EpochRecord, 'members' | 'digest'>,
  received: ReadonlyMap<number, Bytes>,
): readonly Acknowledgement[] {
  return [...received].flatMap(([party, bytes]) => {
    if (!members.some(({ index }) => index === party)) return []
    if (!equalBytes(bytes.subarray(0, digest.length), digest)) throw disagreement(party)
    return [{ party, signature: bytes.slice(digest.length) }]
  })
}

function disagreement(party?: number): LocketError {
  return new LocketError('mpc/disagreement', {
    operation: OPERATION,
    message: 'the members do not hold shares of the same epoch',
    details: party === undefined ? {} : { party },
  })
}

const OPERATION = 'mpc.adoptEpoch'
