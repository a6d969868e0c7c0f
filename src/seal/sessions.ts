import { isAbort, type AbortOptions } from '../core/abort.ts'
import { randomBytes, type Clock, type Entropy } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { BlobStore } from '../store/port.ts'
import { abortable } from '../core/abortable.ts'
import type { ServerTime } from './server-time.ts'
import { isUsable, sessionMessage, type Session } from './session.ts'
import { decodeSession, encodeSession, sessionRecordKey } from './session-record.ts'
import type { SealSigner } from './signer.ts'

/** After a refusal nothing but an explicit start asks the wallet again for this long. */
const REFUSAL_QUIET_MS = 60_000

/**
 * The sessions of one engine: one for each account of the wallet, made by one
 * wallet signature, used until it expires, shared with other tabs through the store.
 */
export type Sessions = {
  /**
   * A usable session of the wallet's present account. Concurrent callers share
   * one prompt. After a switch the other account's session is not used until
   * the wallet switches back.
   *
   * `explicit`: a person asked for it; asks the wallet even right after a refusal.
   */
  ensure(
    options?: AbortOptions & { readonly explicit?: boolean | undefined; readonly onPrompt?: (() => void) | undefined },
  ): Promise<Session>
  /** Forgets a session the key servers do not accept any more, here and in the store. */
  drop(session: Session): Promise<void>
  /** Forgets everything, here and in the store. */
  clear(): Promise<void>
}

export type SessionsDeps = {
  readonly signer: SealSigner
  readonly packageId: string
  readonly ttlMin: number
  readonly clock: Clock
  readonly entropy: Entropy
  readonly time: ServerTime
  /** Asks the key servers for the time. Resolves whatever they say. */
  readonly refreshTime: () => Promise<void>
  /** Whether the wallet of `address` signed `message`. */
  readonly verify: (message: Uint8Array, signature: string, address: string) => Promise<boolean>
  /** An encrypted store. Without one, sessions live in memory only. */
  readonly store?: BlobStore | undefined
}

/** Builds the session keeper. Asks for nothing until a session is needed. */
export function createSessions(deps: SessionsDeps): Sessions {
  const { signer, packageId, ttlMin, clock, entropy, time, store } = deps
  /** One for each account of the wallet that has been used here. */
  const held = new Map<string, Session>()
  let pending: { readonly address: string; readonly made: Promise<Session> } | undefined
  let refusal: { readonly error: LocketError; readonly atMs: number; readonly address: string } | undefined
  let generation = 0

  function usable(session: Session | undefined, address: string): session is Session {
    return session !== undefined && session.address === address && session.packageId === packageId && isUsable(session, time.nowMs())
  }

  /** A broken or tampered store costs a prompt, never more. */
  async function load(address: string): Promise<Session | undefined> {
    const stored = await store?.get(sessionRecordKey(address, packageId)).catch(() => undefined)
    const session = stored && decodeSession(stored)
    if (!session || !usable(session, address)) return undefined
    return (await deps.verify(sessionMessage(session), session.signature, address)) ? session : undefined
  }

  async function forgetStored(address: string): Promise<void> {
    await store?.delete(sessionRecordKey(address, packageId)).catch(() => undefined)
  }

  async function prompt(address: string): Promise<Session> {
    if (time.isTooFar()) throw clockSkew(time)
    const draft = { address, packageId, ttlMin, creationTimeMs: time.sessionStartMs(ttlMin), secretKey: randomBytes(entropy, 32) }
    const message = sessionMessage(draft)
    let signature: string
    try {
      ;({ signature } = await signer.signPersonalMessage(message))
    } catch (cause) {
      throw refused('the wallet did not sign the session', cause)
    }
    if (signer.toSuiAddress() !== address || !(await deps.verify(message, signature, address))) {
      throw refused('the session was signed by another account than the one that asked')
    }
    return { ...draft, signature }
  }

  async function make(address: string, explicit: boolean, onPrompt: (() => void) | undefined): Promise<Session> {
    const loaded = await load(address)
    if (loaded) return loaded
    // The device's clock may have jumped: what looks over may not be, and what is new may not begin in the servers' future.
    await deps.refreshTime()
    const revived = held.get(address)
    if (usable(revived, address)) return revived
    const restored = await load(address)
    if (restored) return restored
    if (!explicit && refusal && refusal.address === address && Math.abs(clock.nowMs() - refusal.atMs) < REFUSAL_QUIET_MS)
      throw refusal.error
    onPrompt?.()
    try {
      const session = await prompt(address)
      refusal = undefined
      await store?.put(sessionRecordKey(address, packageId), encodeSession(session)).catch(() => undefined)
      return session
    } catch (error) {
      if (isLocketError(error, 'chain/signature-refused')) refusal = { error, atMs: clock.nowMs(), address }
      throw error
    }
  }

  return Object.freeze({
    async ensure(options: Parameters<Sessions['ensure']>[0] = {}) {
      options.signal?.throwIfAborted()
      const address = signer.toSuiAddress()
      const current = held.get(address)
      if (usable(current, address)) return current
      if (pending?.address !== address) {
        const started = generation
        const made = make(address, options.explicit ?? false, options.onPrompt)
          .then(async (session) => {
            if (started === generation) held.set(address, session)
            else await forgetStored(address)
            return session
          })
          .finally(() => {
            if (pending?.made === made) pending = undefined
          })
        pending = { address, made }
      }
      return abortable(pending.made, options)
    },
    async drop(session: Session) {
      if (held.get(session.address) === session) held.delete(session.address)
      await forgetStored(session.address)
    },
    async clear() {
      generation++
      const addresses = new Set([signer.toSuiAddress(), ...held.keys()])
      for (const { secretKey } of held.values()) secretKey.fill(0)
      held.clear()
      pending = undefined
      refusal = undefined
      await Promise.all([...addresses].map(forgetStored))
    },
  })
}

/** The error of a device whose clock is too far from the key servers'. */
export function clockSkew(time: ServerTime, cause?: unknown): LocketError {
  const skewMs = Math.round(time.skewMs() ?? 0)
  return new LocketError('seal/clock-skew', {
    operation: 'seal.session',
    message: `this device's clock is ${Math.abs(skewMs / 1000)} s ${skewMs < 0 ? 'behind' : 'ahead of'} the key servers'`,
    details: { skewMs },
    cause,
  })
}

function refused(message: string, cause?: unknown): LocketError {
  return new LocketError('chain/signature-refused', { operation: 'seal.session', message, cause: isAbort(cause) ? undefined : cause })
}
