import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import type { Fetch } from '../core/capabilities.ts'
import type { LocketError } from '../core/errors.ts'

/**
 * `single-server-can-decrypt`: one server alone reaches the threshold.
 * `no-server-may-fail`: there is a server without which the threshold is not reached.
 */
export type SealRisk = 'single-server-can-decrypt' | 'no-server-may-fail'

/** Where the policy package and the key servers are, and how many must answer. */
export type SealNetwork = {
  /** Package id of `contracts/move` on this network (its first version). */
  readonly policyPackageId: string
  /** The fixed set every space of this network is encrypted to. */
  readonly servers: readonly {
    readonly objectId: string
    readonly weight: number
    readonly aggregatorUrl?: string
    readonly apiKeyName?: string
    readonly apiKey?: string
  }[]
  readonly threshold: number
  /** Public keys by server object id (hex of 96 bytes). A server that shows another is refused. */
  readonly pinnedPublicKeys?: { readonly [objectId: string]: string } | undefined
  /** Names the risk to accept a threshold of 1 or a set that cannot lose a server. */
  readonly acceptRisk?: SealRisk | readonly SealRisk[] | undefined
  /** Transport for key-server requests. Defaults to `globalThis.fetch`. */
  readonly fetch?: Fetch | undefined
}

export type MemberRole = 'reader' | 'writer'

/** Who may read a space. `expiresAtMs` is `undefined` for access that does not expire. */
export type Member = { readonly address: string; readonly role: MemberRole; readonly expiresAtMs: number | undefined }

/** Lets `beneficiary` read from `releaseAtMs` on. */
export type Timelock = { readonly beneficiary: string; readonly releaseAtMs: number }

/** Lets `address` read once the owner has made no call for `silenceMs` (at least a day). */
export type Successor = { readonly address: string; readonly silenceMs: number }

/** What the shared `Space` object says. Everything here is public on chain. */
export type SpaceState = {
  readonly id: string
  readonly owner: string
  /** Policy package version the space is at. */
  readonly version: number
  /** Current key epoch. Identities of other epochs are refused by the policy. */
  readonly epoch: number
  /** Increments with each head update; 0 before the first. */
  readonly headVersion: bigint
  /** Blob id (base64url, 32 bytes) of the newest manifest's quilt, once there is one. */
  readonly headBlobId: string | undefined
  /** The Seal object that wraps the current epoch's data key. */
  readonly keyEnvelope: Bytes
  /** Older epochs' data keys, encrypted under the current one. Empty in epoch 0. */
  readonly keyHistory: Bytes
  /** Owner's name for the space, encrypted under the data key. */
  readonly label: Bytes
  readonly members: readonly Member[]
  readonly timelock: Timelock | undefined
  readonly successor: Successor | undefined
  /** When the owner last made a call, by the chain's clock. */
  readonly lastSeenMs: number
}

/** The data keys of one space this session may use. Held in memory only. */
export type SpaceKeys = {
  readonly spaceId: string
  readonly epoch: number
  /**
   * A copy of the 32-byte data key of an epoch; `undefined` for an epoch the space never had.
   * Throws `usage/wrong-state` once the engine has been locked.
   */
  keyOf(epoch: number): Bytes | undefined
}

/** The outcome for one space of a batch. */
export type KeysOutcome =
  | { readonly spaceId: string; readonly ok: true; readonly keys: SpaceKeys }
  | { readonly spaceId: string; readonly ok: false; readonly error: LocketError }

/**
 * What is known of one key server. `ok`: its last answer was what it should be.
 * `refused`: it answered with an error, named in `reason`. `down`: it did not
 * answer. `misbehaved`: it showed a key, proof or identity that does not verify.
 * `unknown`: it has not been asked yet.
 */
export type KeyServerStatus = {
  readonly objectId: string
  readonly state: 'unknown' | 'ok' | 'refused' | 'down' | 'misbehaved'
  readonly reason: string | undefined
  /** How far this device's clock is ahead of the server's, to about a second. */
  readonly skewMs: number | undefined
}

export type SealProgress = (event: {
  readonly step: 'session' | 'create-space' | 'encrypt-key' | 'fetch-keys' | 'rotate'
  readonly spaceId?: string
}) => void

export type SealOptions = AbortOptions & { readonly onProgress?: SealProgress | undefined }
