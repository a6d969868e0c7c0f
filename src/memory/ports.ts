import type { Transaction } from '@mysten/sui/transactions'
import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import type { SpaceKeys, SpaceState } from '../seal/types.ts'
import type { CostQuote, UploadReceipt, UploadState } from '../walrus/types.ts'
import type { Explanation, MemoryId } from './types.ts'

/**
 * What the memory engine needs of the engines beside it, as types: it never
 * imports Seal, Walrus or an index, and can be tested without them.
 */

/** A key epoch made ready, not yet in force. */
export type Rotation = {
  readonly epoch: number
  readonly envelope: Bytes
  readonly history: Bytes
  readonly label: Bytes
}

/** The spaces a wallet may use, their keys, and their heads. */
export type Spaces = {
  readonly address: string
  list(options?: AbortOptions): Promise<readonly SpaceState[]>
  get(spaceId: string, options?: AbortOptions): Promise<SpaceState>
  /** Makes a space for a category, which it is labelled with, or finishes one whose making was interrupted. */
  create(options: AbortOptions & { readonly category: string; readonly unfinishedId?: string | undefined }): Promise<SpaceState>
  /** The category a space was made for, which only its readers can see. */
  labelOf(spaceId: string, options?: AbortOptions): Promise<string | undefined>
  keysOf(spaceId: string, options?: AbortOptions): Promise<SpaceKeys>
  /**
   * Encrypts a fresh data key for the next epoch, whose history no longer holds
   * the older keys. Takes effect when the transaction given to `appendRotation` executes.
   */
  prepareRotation(spaceId: string, options?: AbortOptions): Promise<Rotation & { readonly secretDataKey: Bytes }>
  /** Adds the switch to the next epoch, after which the policy refuses every older key. */
  appendRotation(transaction: Transaction, rotation: Rotation & { readonly spaceId: string }): Promise<void>
  /** Adds the move of the head, which fails if another device moved it first. */
  appendSetHead(
    transaction: Transaction,
    head: { readonly spaceId: string; readonly expectedVersion: bigint; readonly blobId: string },
  ): Promise<void>
}

export type QuiltPatch = { readonly identifier: string; readonly bytes: Uint8Array }

export type QuiltLimits = {
  /** Most patches that one quilt holds without growing out of proportion. */
  readonly maxPatches: number
  /** Most bytes of patches in one quilt. */
  readonly maxBytes: number
}

/** Quilts on untrusted storage. */
export type Quilts = {
  readonly limits: QuiltLimits
  encode(patches: readonly QuiltPatch[]): Promise<Bytes>
  /** The patches of a quilt that `encode` made, by identifier. */
  decode(quilt: Uint8Array): ReadonlyMap<string, Bytes>
  /** From the bytes of each quilt's memories and of its manifest, as they will be stored. */
  quote(
    quilts: readonly { readonly patches: readonly number[]; readonly manifest: number }[],
    epochs: number,
    options?: AbortOptions,
  ): Promise<CostQuote>
  upload(
    options: AbortOptions & {
      readonly quilt: Bytes
      readonly epochs: number
      readonly deletable: boolean
      readonly maxCostFrost?: bigint | undefined
      readonly journal: { load(): Promise<UploadState | undefined>; save(state: UploadState): Promise<void> }
      readonly extendCertify: (transaction: Transaction, blobId: string) => void | Promise<void>
      readonly onStep?: ((step: UploadState['step']) => void) | undefined
    },
  ): Promise<UploadReceipt>
  /**
   * Reads patches of one quilt. `authenticate` turns bytes into a value or
   * throws; on a throw the next source is tried. Each patch has its own outcome;
   * `isAbsent` says that the quilt was read, proven, and does not hold it.
   */
  read<T>(
    blobId: string,
    wanted: readonly { readonly identifier: string; readonly authenticate: (bytes: Uint8Array) => Promise<T> }[],
    options?: AbortOptions,
  ): Promise<
    readonly (
      | { readonly ok: true; readonly value: T }
      | { readonly ok: false; readonly error: unknown; readonly isAbsent?: boolean | undefined }
    )[]
  >
  /**
   * First epoch in which each blob this wallet pays for is no longer stored, by
   * blob id. Blobs of others are not in it: nothing is known of their end.
   */
  endEpochs(options?: AbortOptions): Promise<ReadonlyMap<string, number>>
  /** Pays for `epochs` more; resolves to the new end. */
  renew(blobId: string, epochs: number, options?: AbortOptions): Promise<number>
  /** Deletes the blob where it is this wallet's and deletable. Resolves to whether the nodes will drop it. */
  remove(blobId: string, options?: AbortOptions): Promise<boolean>
}

export type SearchDocument = {
  readonly id: MemoryId
  /** Of the memory. A vector on disk is taken only for the version it was made of. */
  readonly version: number
  readonly text: string
  readonly vector?: Float32Array | undefined
  readonly importance: number
  readonly occurredAtMs: number
}

/** Search on the device. What is put is found at once; what is removed is gone at once. */
export type Search = {
  put(documents: readonly SearchDocument[], options?: AbortOptions): Promise<void>
  /** Like `put`, for documents that an earlier `flush` covered: vectors written then are taken as they are. */
  load(documents: readonly SearchDocument[], options?: AbortOptions): Promise<void>
  remove(ids: readonly MemoryId[]): Promise<void>
  search(
    options: AbortOptions & {
      readonly query: string
      readonly limit: number
      readonly mode: 'hybrid' | 'semantic' | 'keyword'
      readonly allow?: readonly MemoryId[] | undefined
      readonly minScore?: number | undefined
      readonly nowMs: number
    },
  ): Promise<readonly { readonly id: MemoryId; readonly score: number; readonly explain: Explanation }[]>
  /** Writes what the index has not yet written. Afterwards a restart finds it without embedding anything again. */
  flush(): Promise<void>
}
