import type { Clock, Entropy } from '../../core/capabilities.ts'
import type { Faults } from '../faults.ts'
import type { Ledger } from '../ledger/types.ts'
import type { BlobRegistry } from './blob-registry.ts'
import type { BlobShelf } from './blob-shelf.ts'
import type { StorageCommittee } from './committee.ts'
import type { Encoder } from './encoder.ts'
import type { Geometry } from './geometry.ts'
import type { SystemState } from './move-types.ts'

/** Everything the services of one localnet's Walrus share. Internal. */
export type WalrusWorld = {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly entropy: Entropy
  readonly faults: Faults
  readonly geometry: Geometry
  readonly encoder: Encoder
  readonly committee: StorageCommittee
  readonly registry: BlobRegistry
  readonly shelf: BlobShelf
  /** The state of the System object now. */
  systemState(): SystemState
  /** Walrus's own epoch, which is not Sui's. */
  epoch(): number
  advanceEpoch(): void
}
