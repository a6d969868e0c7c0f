import type { Transaction } from '@mysten/sui/transactions'
import type { Bytes } from '../core/bytes.ts'
import type { Clock, Entropy } from '../core/capabilities.ts'
import type { BlobStore } from '../store/port.ts'
import type { SealSdk } from './load-sdk.ts'
import type { SealClientApi, SealSigner } from './signer.ts'
import type {
  KeyServerStatus,
  KeysOutcome,
  MemberRole,
  SealNetwork,
  SealOptions,
  SpaceKeys,
  SpaceState,
  Successor,
  Timelock,
} from './types.ts'

/** What an engine is made of. */
export type SealEngineDeps = {
  readonly client: SealClientApi
  readonly signer: SealSigner
  readonly network: SealNetwork
  readonly clock: Clock
  readonly entropy: Entropy
  /**
   * An encrypted store, shared between tabs, for the session and the pinned
   * server keys. Whoever can read it can act as this session until it expires:
   * never a bare one, never localStorage. Without it both live in memory.
   */
  readonly sessionStore?: BlobStore | undefined
  /** Minutes a session lasts, 1 to 30. Default 10. */
  readonly sessionTtlMin?: number | undefined
  /** How long to wait for one key server. Default 10,000. */
  readonly timeoutMs?: number | undefined
  /** Loads the Mysten SDKs. Default: imports `@mysten/seal` and `@mysten/sui`. */
  readonly loadSdk?: (() => Promise<SealSdk>) | undefined
}

/** A key epoch made ready and not yet in force. `secretDataKey` is the caller's to forget. */
export type PreparedRotation = {
  readonly spaceId: string
  readonly epoch: number
  readonly secretDataKey: Bytes
  readonly envelope: Bytes
  readonly history: Bytes
  readonly label: Bytes
}

/**
 * Spaces, their members and their data keys, over Sui and Seal.
 *
 * Every method that reads keys may ask the wallet for a session signature, at
 * most once per session; every method that changes a space asks it for a
 * transaction. Errors common to all: `usage/missing-peer`, `chain/unreachable`,
 * `chain/not-found`, `chain/wrong-network`, `seal/wrong-package`; of those that
 * change: `chain/signature-refused`, `chain/insufficient-gas`, `chain/rejected`,
 * `chain/stale-object`, `seal/no-access` for anybody but the owner.
 */
export type SealEngine = {
  /**
   * Creates a space and gives it its first data key: two transactions, as the
   * key is encrypted to the space's id, which only the first one makes.
   * `spaceId` finishes a space whose creation stopped between the two. A label
   * has at most 128 bytes of UTF-8; only readers of the space can see it.
   */
  createSpace(options?: SealOptions & { readonly label?: string | undefined; readonly spaceId?: string | undefined }): Promise<SpaceState>
  /** The spaces this wallet owns or was ever let into, in no particular order. Whether it may still read them, the space says. */
  listSpaces(options?: SealOptions): Promise<readonly SpaceState[]>
  getSpace(spaceId: string, options?: SealOptions): Promise<SpaceState>
  /**
   * The data keys of a space: from memory, or by one Seal decryption per space
   * and key epoch. A space seen at a newer epoch is decrypted again.
   *
   * `seal/no-access`, `seal/threshold`, `seal/server-misbehaved`,
   * `seal/clock-skew`, `seal/session-expired`, `chain/signature-refused`,
   * `crypto/open-failed`, `codec/invalid`, `memory/rollback` if the full node
   * shows an older epoch than before.
   *
   * Does not prove who made the key: that content opens with it does.
   */
  keysOf(spaceId: string, options?: SealOptions): Promise<SpaceKeys>
  /** {@link SealEngine.keysOf} for many spaces with one request to each server, and an outcome for each. */
  keysOfAll(spaceIds: readonly string[], options?: SealOptions): Promise<readonly KeysOutcome[]>
  /** The owner's name for a space; `undefined` if it has none. Needs the keys. */
  labelOf(spaceId: string, options?: SealOptions): Promise<string | undefined>
  setLabel(spaceId: string, label: string, options?: SealOptions): Promise<void>
  /**
   * Makes the next key epoch ready without a transaction: it takes effect when
   * one that {@link SealEngine.appendRotation} added to executes. With
   * `destroyOlderKeys` its history holds only fingerprints, so that from then on
   * nobody can obtain an older data key: the policy refuses its identity.
   */
  prepareRotation(spaceId: string, options?: SealOptions & { readonly destroyOlderKeys?: boolean | undefined }): Promise<PreparedRotation>
  /** Adds the switch to a prepared epoch to a transaction of the caller's. The chain refuses it if the epoch has moved on. */
  appendRotation(tx: Transaction, rotation: Omit<PreparedRotation, 'secretDataKey'>): void
  /** Starts a new key epoch: what is written from now on opens with a new data key only. `seal/stale-epoch` if another device was first. */
  rotate(spaceId: string, options?: SealOptions): Promise<SpaceKeys>
  /** Adds a member, or changes role and expiry of one. A member reads everything in the space, the past included. */
  addMember(
    spaceId: string,
    member: { readonly address: string; readonly role: MemberRole; readonly expiresAtMs?: number | undefined },
    options?: SealOptions,
  ): Promise<void>
  /**
   * Removes a member and rotates, in one transaction. What is written
   * afterwards is unreadable to them; what they could read before may have been
   * kept, and no system can take that back.
   */
  removeMember(spaceId: string, address: string, options?: SealOptions): Promise<SpaceKeys>
  /** Sets or, with `undefined`, clears the time lock. */
  setTimelock(spaceId: string, timelock: Timelock | undefined, options?: SealOptions): Promise<void>
  /** Sets or, with `undefined`, clears the successor. */
  setSuccessor(spaceId: string, successor: Successor | undefined, options?: SealOptions): Promise<void>
  /** A sign of life of the owner; every other change of a space is one too. */
  heartbeat(spaceId: string, options?: SealOptions): Promise<void>
  /**
   * Adds the call that moves a space's head to a transaction of the caller's,
   * usually the one that certifies the blob. The chain refuses it unless the
   * head is still at `expectedVersion` (`memory/conflict`).
   */
  appendSetHead(tx: Transaction, head: { readonly spaceId: string; readonly expectedVersion: bigint; readonly blobId: string }): void
  /** Makes a session now, so that no later call has to ask the wallet. Asks even right after a refusal. */
  startSession(options?: SealOptions): Promise<{ readonly expiresAtMs: number }>
  /** Asks every key server for a sign of life and proof of its key. Never fails because of them. */
  checkKeyServers(options?: SealOptions): Promise<readonly KeyServerStatus[]>
  /** What is known of the key servers without asking them. */
  keyServerStatus(): readonly KeyServerStatus[]
  /** Forgets every key, the session (in the store too) and the Seal client, which caches keys of its own. The engine stays usable. */
  lock(): Promise<void>
}
