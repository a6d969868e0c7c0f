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
  /** Resolves when all have seen the same of the last round. Nothing is exchanged after it. */
  finish(options: AbortOptions): Promise<void>
  /** This device's signature over a statement about an epoch. */
  sign(message: Bytes): Bytes
  /** Whether a member's device signed `message`. Never throws. */
  verify(card: Bytes, message: Bytes, signature: Bytes): boolean
  /** Ends it at once after an `error`, and tells the others; otherwise sees to it that they have all they need, `published` included. Never rejects. */
  close(outcome: { readonly error: unknown } | { readonly published: Bytes | undefined }): Promise<void>
}

/** How a device reaches the others. */
export type Meeting = {
  /** Opens a session, once every participant is there. */
  connect(setup: CeremonySetup, options: AbortOptions): Promise<CeremonySession>
  /** What a participant of this very setup published, for one that missed the end. The first that `verify` accepts. */
  fetchResult(setup: CeremonySetup, verify: (result: Bytes) => Promise<boolean>, options: AbortOptions): Promise<Bytes>
}
