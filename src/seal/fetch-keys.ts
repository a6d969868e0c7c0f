import type { SealClient, SessionKey } from '@mysten/seal'
import type { Clock, Entropy } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import { toHex, fromHex } from '../core/bytes.ts'
import { judgeAnswers, type Judged } from './judge-answers.ts'
import type { KeyServerAnswer } from './key-server-fetch.ts'
import type { KeyServers, KnownKeyServer } from './key-servers.ts'
import { createSealSession, type Session } from './session.ts'
import { verifyUserKeys } from './verify-user-keys.ts'

/** Times a request is made while servers are only busy, and how long to wait before the second. */
const ATTEMPTS = 3
const FIRST_PAUSE_MS = 400

export type KeyRequest = {
  readonly client: SealClient
  readonly servers: readonly KnownKeyServer[]
  readonly session: Session
  readonly packageId: string
  /** Hex of the inner identities, one for each command of `txBytes`. */
  readonly ids: readonly string[]
  readonly txBytes: Uint8Array
  readonly threshold: number
  readonly signal: AbortSignal | undefined
}

/**
 * Fetches user keys into a Seal client's cache, from as many servers as the
 * threshold asks. Whatever fails comes out as one of ours, with what each
 * server did in `details.servers`; servers that gave false keys are reported.
 *
 * @throws {LocketError} `seal/no-access`, `seal/threshold`, `seal/server-misbehaved`, `seal/session-expired`,
 *   `seal/wrong-package`, `chain/not-found`; `seal/clock-skew` for every refused certificate: the caller
 *   knows whether the session was over.
 */
export async function fetchKeys(
  deps: { readonly keyServers: KeyServers; readonly clock: Clock; readonly entropy: Entropy },
  request: KeyRequest,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const failure = await attemptFetch(deps, request)
    if (!failure) return
    if (!failure.retry || attempt >= ATTEMPTS) throw failure.error
    await deps.clock.sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1), { signal: request.signal })
  }
}

async function attemptFetch(
  deps: { readonly keyServers: KeyServers; readonly entropy: Entropy },
  request: KeyRequest,
): Promise<{ readonly error: LocketError; readonly retry: boolean } | undefined> {
  const { keyServers, entropy } = deps
  const session = createSealSession(request.session, entropy)
  const answers = new Map<string, KeyServerAnswer>()
  const stop = keyServers.listen((answer) => {
    if (answer.path === 'fetch_key') answers.set(answer.objectId, answer)
  })
  let failed = false
  let cause: unknown
  try {
    await request.client.fetchKeys({
      ids: [...request.ids],
      txBytes: request.txBytes,
      sessionKey: session as unknown as SessionKey,
      threshold: request.threshold,
    })
  } catch (error) {
    // The SDK may throw `undefined` here, when all it saw were false keys.
    failed = true
    cause = error
  } finally {
    stop()
  }

  const secretEncKey = session.secretEncKeys.at(-1)
  const judge = (server: KnownKeyServer): Judged => {
    const { objectId, weight } = server
    const answer = answers.get(objectId)
    // A server the client did not ask again has its keys in the cache already.
    if (!answer) return { objectId, weight, verdict: 'ok', reason: undefined }
    if (answer.kind !== 'granted') return { objectId, weight, verdict: answer.kind, reason: answer.reason }
    const honest =
      answer.body !== undefined &&
      secretEncKey !== undefined &&
      verifyUserKeys({
        body: answer.body,
        fullIds: request.ids.map((id) => toHex(fromHex(request.packageId)) + id),
        secretEncKey,
        publicKey: server.publicKey,
        entropy,
      })
    return honest
      ? { objectId, weight, verdict: 'ok', reason: undefined }
      : { objectId, weight, verdict: 'lied', reason: 'its key does not verify' }
  }

  const grantedWeight = request.servers.reduce(
    (sum, { objectId, weight }) => (answers.get(objectId)?.kind === 'granted' ? sum + weight : sum),
    0,
  )
  // PERF: with exactly the threshold granted and met, nobody can have lied; the check costs two pairings a server.
  if (!failed && grantedWeight <= request.threshold) return undefined
  const judged = request.servers.map(judge)
  for (const { objectId, verdict, reason } of judged) {
    if (verdict === 'lied') keyServers.report(objectId, 'misbehaved', reason)
    else if (verdict === 'ok' && answers.has(objectId)) keyServers.report(objectId, 'ok')
  }
  if (!failed) return undefined
  const { code, retry } = judgeAnswers(judged, request.threshold)
  const servers = judged.map(({ objectId, verdict, reason }) => `${objectId}: ${verdict}${reason === undefined ? '' : ` (${reason})`}`)
  const good = judged.reduce((sum, { verdict, weight }) => (verdict === 'ok' ? sum + weight : sum), 0)
  return {
    error: new LocketError(code, { operation: 'seal.fetchKeys', details: { have: good, need: request.threshold, servers }, cause }),
    retry,
  }
}
