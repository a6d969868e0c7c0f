import type { BlobStore } from './port.ts'

/** A store that can be one half of a dual store. */
export type DualSide = BlobStore & {
  /** Damaged records found when it was opened; what they held is unknown. */
  readonly damagedRecords?: number | undefined
  /** Rewrites the store without what is dead or damaged. */
  readonly compact?: (() => Promise<void>) | undefined
}

/** A side that looks for damage when opened and can be rid of it. */
export type CompactingStore = BlobStore & {
  readonly damagedRecords: number
  readonly compact: () => Promise<void>
}
