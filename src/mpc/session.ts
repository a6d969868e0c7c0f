import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import type { Exchange } from './run-ceremony.ts'
import type { Member, Suite } from './types.ts'

/** What all participants of a ceremony must agree on before its first round. */
export type CeremonySetup = {
  /** 32 bytes, for this one attempt. */
  readonly ceremonyId: Bytes
  /** `sign`, `refresh`, …: two protocols never share a session. */
  readonly protocol: string
  readonly suite: Suite
  /** The key's id, 32 bytes; empty for a key that is yet to be made. */
  readonly keyId: Bytes
  readonly epoch: number
  readonly threshold: number
  /** Most that an index can be. */
  readonly partyCount: number
  /** Who takes part, ascending by index, this device included. */
  readonly participants: readonly Member[]
  readonly self: number
  /** A hash of all else: the message, the path, the committee to be. */
  readonly context: Bytes
  /** Milliseconds since the Unix epoch. */
  readonly expiresAtMs: number
}

/** An authenticated, encrypted, echo-checked session among the participants (part 6 of `wasm/SPEC.md`). */
export type CeremonySession = {
  /** 32 bytes, different for every session although the setup is the same. */
  readonly id: Bytes
  /** Round numbers start at 1 and rise by one. */
  readonly exchange: Exchange
  /** This device's signature over bytes that name their own purpose. */
  sign(message: Bytes): Bytes
  /** Whether a member's device signed `message`. Never throws. */
  verify(card: Bytes, message: Bytes, signature: Bytes): boolean
  /** Ends it: with `error`, the others are told to wait no longer. */
  close(error?: unknown): Promise<void>
}

/** Opens a session, once every participant is there. */
export type Connect = (setup: CeremonySetup, options: AbortOptions) => Promise<CeremonySession>
