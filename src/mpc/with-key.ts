import { fromHex, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { chooseParticipants } from './checks.ts'
import { runFlow, type CeremonyOptions, type Flow, type Party, type ProposedSetup } from './flow.ts'
import { isCommitted, type CommittedKey } from './key-record.ts'
import { showStanding } from './standing.ts'

export type KeyCeremony = {
  readonly protocol: string
  readonly keyId: string
  /** Indices of who takes part. Default: all members. */
  readonly participants?: readonly number[] | undefined
  /** How many must take part; left out where any number may. */
  readonly count?: number | undefined
  /** A hash of all else they must agree on. */
  readonly context: Bytes
}

/**
 * The record of a key whose committed epoch may be used.
 *
 * @throws {LocketError} `mpc/unknown-key`, `mpc/unsettled` if there is only a prepared epoch.
 */
export function committed(party: Pick<Party, 'shares'>, keyId: string, operation: string): CommittedKey {
  const record = party.shares.record(keyId)
  if (isCommitted(record)) return record
  throw new LocketError('mpc/unsettled', { operation, details: { keyId } })
}

/**
 * What the participants of a ceremony with a key must agree on.
 *
 * @throws {LocketError} `mpc/banned`, `usage/invalid-argument`.
 */
export function setupFor(record: CommittedKey, ceremony: KeyCeremony): ProposedSetup {
  const { protocol, keyId, context, count } = ceremony
  const { epoch, threshold, members, self } = record.current
  const wanted = ceremony.participants ?? members.map(({ index }) => index)
  const participants = chooseParticipants(record, record.current, wanted, `mpc.${protocol}`, count)
  const partyCount = members.length
  return { protocol, suite: record.suite, keyId: fromHex(keyId), epoch, threshold, partyCount, participants, self, context }
}

/**
 * Runs `task` in a session of members of one key at its present epoch, after
 * each has shown its standing, and gives it the secret share, which is
 * overwritten when the task has ended.
 *
 * @param publish - What of the result is left for a participant that misses the end.
 * @throws {LocketError} as `committed` and `setupFor`, `mpc/rolled-back`, and as `runFlow`.
 */
export async function withKey<T>(
  party: Party,
  ceremony: KeyCeremony,
  options: CeremonyOptions,
  task: (flow: Flow, record: CommittedKey, secretShare: Bytes) => Promise<T>,
  publish?: (result: T) => Bytes,
): Promise<T> {
  const { protocol, keyId } = ceremony
  const record = committed(party, keyId, `mpc.${protocol}`)
  const setup = setupFor(record, ceremony)
  // Read before anybody is called: a share that was rolled back or cannot be read stops it here.
  const secretShare = await party.shares.share(keyId, { signal: options.signal })
  try {
    return await runFlow(party, setup, { keyId, publish }, options, async (flow) => {
      await showStanding(party, flow, keyId)
      return task(flow, record, secretShare)
    })
  } finally {
    secretShare.fill(0)
  }
}
