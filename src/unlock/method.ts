import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import type { Entropy } from '../core/capabilities.ts'
import type { UnlockKind } from './header.ts'

/** What a method knows when it is asked for its key. */
export type UnlockContext = AbortOptions & {
  /** 16 bytes, different for every vault: the same secret gives another key for another vault. */
  readonly vaultId: Bytes
}

/**
 * A way to derive a 32-byte key from something that does not lie beside the
 * vault: what a person knows, holds, or can sign with.
 *
 * Failures: `unlock/refused` if the person declines, `unlock/unavailable` if the
 * authenticator cannot give the same key twice. A wrong secret is not noticed
 * here; it gives a key that opens nothing.
 */
export type UnlockMethod = {
  readonly kind: UnlockKind
  /** Chooses public parameters and derives the first key. May ask the person more than once. */
  enroll(context: UnlockContext & { readonly entropy: Entropy }): Promise<{ readonly parameters: Bytes; readonly secretKey: Bytes }>
  /**
   * Derives the key again.
   *
   * Throws `codec/invalid` if `parameters` are none of this kind or exceed its limits.
   */
  derive(context: UnlockContext & { readonly parameters: Bytes }): Promise<Bytes>
}
