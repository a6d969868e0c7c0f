import type { AbortOptions } from '../../core/abort.ts'
import type { Bytes } from '../../core/bytes.ts'
import type { DropReason } from './courier.ts'
import type { Evidence } from './evidence.ts'

/** The part of a session that is waited for. */
export type Stage = 'hello' | 'confirm' | 'round' | 'closing'

/** What happens in a session beside its results. */
export type SessionEvent =
  /** A party has not sent its part of a stage yet. Repeated while that lasts. */
  | { readonly type: 'waiting'; readonly party: number; readonly stage: Stage; readonly round: number; readonly sinceMs: number }
  /** Something that arrived went no further; the session goes on. */
  | { readonly type: 'dropped'; readonly party: number; readonly reason: DropReason }
  /** The relay failed at something and will be asked again. */
  | {
      readonly type: 'trouble'
      readonly party: number
      readonly operation: 'send' | 'receive' | 'acknowledge' | 'store'
      readonly error: unknown
    }
  /** A party can be shown to have stated two different things. */
  | { readonly type: 'evidence'; readonly party: number; readonly evidence: Evidence }

/** What a party gives out in one round. */
export type Outgoing = {
  /** 1, 2, 3 and so on. */
  readonly round: number
  /** The same for everybody. Default empty. */
  readonly broadcast?: Uint8Array | undefined
  /** For one party alone, by index. Default empty. */
  readonly direct?: ReadonlyMap<number, Uint8Array> | undefined
}

/** What a party received from another in one round; its own to keep. */
export type Incoming = { readonly broadcast: Bytes; readonly direct: Bytes }

/** A session that all parties have confirmed. */
export type Session = {
  /** 32 bytes: the hash of the setup, all nonces and all ephemeral keys. */
  readonly sessionId: Bytes
  /** This device's index in the key. */
  readonly party: number
  /**
   * Sends this round to all others and resolves with theirs, by ascending index, once all are there. What it resolves with is
   * authentic and of this round, and its sender has seen the same of the round before as this device.
   *
   * After an abort the same round may be asked for again with the same bytes, and with no others.
   */
  exchange(out: Outgoing, options?: AbortOptions): Promise<ReadonlyMap<number, Incoming>>
  /** Compares what all have seen of the last round. Only when it resolves is what the rounds gave to be used. */
  finish(options?: AbortOptions): Promise<void>
  /**
   * Leaves a result on the relay for each other party until the deadline, signed and sealed, for `fetchResult`. Resolves when a relay has
   * taken each over; sends again, while the session is open, until each party has it.
   */
  publishResult(result: Uint8Array, options?: AbortOptions): Promise<void>
  /**
   * Resolves when every party has acknowledged every message of the rounds and the end, or at the deadline: wait for it before
   * closing, or a party that misses the last message waits in vain. Published results are not waited for.
   *
   * @returns the parties that have not acknowledged everything.
   */
  settled(options?: AbortOptions): Promise<readonly number[]>
  /** Ends it at once, and tells the others unless it is finished. Its keys are overwritten. May be repeated. Closes neither relay nor store. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
