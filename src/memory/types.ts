import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import type { LocketError } from '../core/errors.ts'
import type { Explanation } from '../search/types.ts'

/** Random, opaque, ours: 22 base64url characters. Survives re-packing and restore. */
export type MemoryId = string

/**
 * Where a memory stands. `local`: durable on this device (IndexedDB and journal).
 * `queued`: part of an upload under way. `stored`: its quilt is with the storage nodes.
 * `certified`: certified on chain and named by the space's head; a wallet alone can restore it.
 */
export type MemoryState = 'local' | 'queued' | 'stored' | 'certified'

/** What a caller may say of a memory. */
export type MemoryInput = {
  readonly text: string
  /** Which space it belongs to. Presets: personal, financial, medical, memories, public; any other name makes a space of its own. */
  readonly category?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly source?: string | undefined
  /** When it happened, milliseconds since the epoch. Defaults to now. */
  readonly occurredAtMs?: number | undefined
  /** From when and until when it holds. */
  readonly validFromMs?: number | undefined
  readonly validUntilMs?: number | undefined
  /** 0 to 1; weighs in ranking. Default 0.5. */
  readonly importance?: number | undefined
  readonly links?: readonly MemoryId[] | undefined
  /** Small binary attachment kept inside the ciphertext. */
  readonly bytes?: Uint8Array | undefined
  readonly contentType?: string | undefined
  /** A vector of the caller's own; it must come from the embedder the locket was opened with. */
  readonly vector?: Float32Array | undefined
}

export type Memory = {
  readonly id: MemoryId
  readonly text: string
  readonly category: string
  readonly tags: readonly string[]
  readonly source: string | undefined
  readonly createdAtMs: number
  readonly updatedAtMs: number
  readonly occurredAtMs: number
  readonly validFromMs: number | undefined
  readonly validUntilMs: number | undefined
  readonly importance: number
  readonly links: readonly MemoryId[]
  readonly bytes: Bytes | undefined
  readonly contentType: string
  /** 1 for the first version; increments with each update. */
  readonly version: number
  readonly state: MemoryState
  /** First Walrus epoch in which the ciphertext is no longer stored, once certified and paid for by this wallet. */
  readonly endEpoch: number | undefined
}

/** Per-item outcome of a batch: nothing is dropped in silence. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly index: number; readonly error: LocketError }

export type RecallFilter = {
  readonly category?: string | readonly string[] | undefined
  /** Every one of these tags. */
  readonly tags?: readonly string[] | undefined
  readonly source?: string | undefined
  readonly occurredFromMs?: number | undefined
  readonly occurredUntilMs?: number | undefined
  /** Only memories whose validity window contains this instant. */
  readonly validAtMs?: number | undefined
}

export type RecallOptions = AbortOptions & {
  /** Most hits to return. Default 10. */
  readonly limit?: number | undefined
  readonly filter?: RecallFilter | undefined
  /** `hybrid` (default), `semantic` (vectors only) or `keyword`. */
  readonly mode?: 'hybrid' | 'semantic' | 'keyword' | undefined
  /** Drop hits scored below this, 0 to 1. */
  readonly minScore?: number | undefined
}

export type { Explanation }

export type Hit = {
  readonly memory: Memory
  /** 0 to 1, comparable within one recall only. */
  readonly score: number
  readonly explain: Explanation
}
