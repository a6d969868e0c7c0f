/** Key-value stores that keep what they acknowledge. */

export { type DualStore, openDualStore, type OpenDualStoreOptions, type RepairOutcome } from './dual.ts'
export type { DualHealth, HealReason } from './dual-heal.ts'
export type { DualSide } from './dual-side.ts'
export { createEncryptedStore, type EncryptedStore, type EncryptedStoreOptions } from './encrypted.ts'
export { openIdbStore, type OpenIdbStoreOptions } from './idb.ts'
export { createMemoryStore } from './memory.ts'
export { openOpfsJournal, type OpenOpfsJournalOptions } from './opfs.ts'
export type { BlobStore, StoreFeatures, StoreOp } from './port.ts'
