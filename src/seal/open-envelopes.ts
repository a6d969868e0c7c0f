import type { SessionKey } from '@mysten/seal'
import type { AbortOptions } from '../core/abort.ts'
import { copyBytes, fromHex, type Bytes } from '../core/bytes.ts'
import type { Clock, Entropy } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { DATA_KEY_BYTES, openHistory } from './data-keys.ts'
import { fetchKeys } from './fetch-keys.ts'
import { assertIdentity } from './identity.ts'
import type { KeyServers } from './key-servers.ts'
import type { SealSdk } from './load-sdk.ts'
import { normalizeId } from './normalize-id.ts'
import { appendApproval, policyBranch } from './policy-branch.ts'
import { MEASUREMENT_MS, type ServerTime } from './server-time.ts'
import { createSealSession, isOver, type Session } from './session.ts'
import { clockSkew, type Sessions } from './sessions.ts'
import type { SpaceRecord } from './space-reader.ts'

/** A space whose data keys have been opened, newest epoch's included. */
export type OpenedSpace = {
  readonly spaceId: string
  readonly epoch: number
  readonly keys: ReadonlyMap<number, Bytes>
  /** Of older epochs whose keys were destroyed. */
  readonly fingerprints: ReadonlyMap<number, Bytes>
}

export type EnvelopeDeps = {
  readonly sdk: () => Promise<SealSdk>
  readonly packageId: string
  readonly keyServers: KeyServers
  readonly sessions: Sessions
  readonly time: ServerTime
  readonly clock: Clock
  readonly entropy: Entropy
}

type Prepared = SpaceRecord & { readonly identity: string; readonly threshold: number; readonly address: string }

/**
 * Opens the key envelopes of several spaces with one request to each key
 * server. All or nothing: one space the wallet may not read fails the batch.
 *
 * @param onPrompt - Called when the wallet is about to be asked.
 * @throws {LocketError} what {@link fetchKeys} throws, with `seal/session-expired` where the session was over
 *   twice; `seal/no-access` if a space does not name the wallet; `seal/wrong-package`, `codec/invalid`
 *   and `crypto/open-failed` for an envelope that is not the space's.
 */
export async function openEnvelopes(
  deps: EnvelopeDeps,
  records: readonly SpaceRecord[],
  address: string,
  options: AbortOptions & { readonly onPrompt?: (() => void) | undefined },
): Promise<readonly OpenedSpace[]> {
  const sdk = await deps.sdk()
  const prepared = records.map((record) => prepare(deps, sdk, record, address))
  const tx = new sdk.Transaction()
  for (const record of prepared) {
    const branch = policyBranch(record.state, address, deps.time.nowMs())
    if (!branch) throw noAccess(record.state.id)
    appendApproval(tx, {
      packageId: deps.packageId,
      branch,
      identity: fromHex(record.identity),
      spaceId: record.state.id,
      initialSharedVersion: record.initialSharedVersion,
    })
  }
  const txBytes = await tx.build({ onlyTransactionKind: true })
  const { client, session } = await fetchWithSession(deps, prepared, txBytes, options)
  const opened: OpenedSpace[] = []
  for (const { state } of prepared) {
    let dataKey: Bytes
    try {
      const sessionKey = createSealSession(session, deps.entropy) as unknown as SessionKey
      dataKey = copyBytes(await client.decrypt({ data: state.keyEnvelope, sessionKey, txBytes }))
    } catch (cause) {
      throw new LocketError('crypto/open-failed', { operation: 'seal.keysOf', details: { spaceId: state.id, epoch: state.epoch }, cause })
    }
    if (dataKey.length !== DATA_KEY_BYTES) throw notAnEnvelope(state.id)
    const older = await openHistory({ spaceId: state.id, epoch: state.epoch, dataKey, history: state.keyHistory })
    opened.push({ spaceId: state.id, epoch: state.epoch, keys: older.keys.set(state.epoch, dataKey), fingerprints: older.fingerprints })
  }
  return opened
}

/** Checks what an envelope claims before anybody is asked about it. */
function prepare(deps: EnvelopeDeps, sdk: SealSdk, record: SpaceRecord, address: string): Prepared {
  const { state } = record
  if (state.keyEnvelope.length === 0) {
    throw new LocketError('usage/wrong-state', {
      operation: 'seal.keysOf',
      message: `space ${state.id} has no data key yet; its owner can finish it with createSpace({ spaceId })`,
      details: { spaceId: state.id },
    })
  }
  let envelope: ReturnType<SealSdk['EncryptedObject']['parse']>
  try {
    envelope = sdk.EncryptedObject.parse(state.keyEnvelope)
  } catch (cause) {
    throw notAnEnvelope(state.id, cause)
  }
  if (normalizeId(envelope.packageId, 'packageId') !== deps.packageId) {
    throw new LocketError('seal/wrong-package', {
      operation: 'seal.keysOf',
      message: `the key envelope of space ${state.id} belongs to package ${envelope.packageId}`,
      details: { spaceId: state.id, packageId: envelope.packageId },
    })
  }
  assertIdentity(fromHex(envelope.id), state.id, state.epoch)
  return { ...record, identity: envelope.id, threshold: envelope.threshold, address }
}

/** Fetches the keys; renews the session once if it turns out to be over. */
async function fetchWithSession(
  deps: EnvelopeDeps,
  prepared: readonly Prepared[],
  txBytes: Uint8Array,
  options: AbortOptions & { readonly onPrompt?: (() => void) | undefined },
): Promise<{ readonly client: Awaited<ReturnType<KeyServers['open']>>['client']; readonly session: Session }> {
  const { client, servers } = await deps.keyServers.open()
  const threshold = Math.max(...prepared.map((record) => record.threshold))
  const held = servers.reduce((sum, { weight }) => sum + weight, 0)
  if (threshold > held) {
    throw new LocketError('seal/threshold', {
      operation: 'seal.keysOf',
      message: `the envelope asks for ${threshold} shares and the key servers known here hold ${held}`,
      details: { have: held, need: threshold, servers: servers.map(({ objectId }) => objectId) },
    })
  }
  for (let renewed = false; ; renewed = true) {
    const session = await deps.sessions.ensure(options)
    if (session.address !== prepared[0]?.address) throw noAccess(prepared[0]?.state.id ?? '')
    try {
      const ids = prepared.map(({ identity }) => identity)
      await fetchKeys(deps, { client, servers, session, packageId: deps.packageId, ids, txBytes, threshold, signal: options.signal })
      return { client, session }
    } catch (error) {
      if (isLocketError(error, 'seal/session-expired')) await deps.sessions.drop(session)
      if (!isLocketError(error, 'seal/clock-skew')) throw error
      // Their answers have just told the time again: was the session over, or is it a clock?
      if (!isOver(session, deps.time.nowMs() + MEASUREMENT_MS)) throw clockSkew(deps.time, error)
      await deps.sessions.drop(session)
      if (renewed) throw new LocketError('seal/session-expired', { operation: 'seal.keysOf', details: error.details, cause: error })
    }
  }
}

function noAccess(spaceId: string): LocketError {
  return new LocketError('seal/no-access', {
    operation: 'seal.keysOf',
    message: `space ${spaceId} does not name this wallet`,
    details: { spaceId },
  })
}

function notAnEnvelope(spaceId: string, cause?: unknown): LocketError {
  return new LocketError('codec/invalid', {
    operation: 'seal.keysOf',
    message: `space ${spaceId} holds no key envelope of ours`,
    details: { spaceId },
    cause,
  })
}
