/** Private memory, in the browser, with no server that sees it. */

export { ERROR_TABLE, type ErrorCode, type RetryClass } from './core/error-codes.ts'
export { type ErrorDetails, isLocketError, LocketError, type WireError } from './core/errors.ts'
export type { Clock, Entropy } from './core/capabilities.ts'
export { openLocket } from './locket/open-locket.ts'
export type { LocketOptions } from './locket/options.ts'
export { memoryStorage, type LocketStorage } from './locket/storage.ts'
export type { Locket, NetworkOptions, Status } from './locket/types.ts'
export type { BundleSecret } from './memory/bundle-key.ts'
export type { MemoryEvents } from './memory/events.ts'
export type { FlushedQuilt, FlushReceipt } from './memory/flush-types.ts'
export type { ForgetReceipt } from './memory/forget.ts'
export type { ListOptions, Page } from './memory/list.ts'
export { CATEGORY_PRESETS, DEFAULT_CATEGORY, type SharingRule } from './memory/presets.ts'
export type { Renewal } from './memory/renew.ts'
export type { RestoreReport } from './memory/restore.ts'
export type {
  Explanation,
  Hit,
  Memory,
  MemoryId,
  MemoryInput,
  MemoryState,
  Outcome,
  RecallFilter,
  RecallOptions,
} from './memory/types.ts'
export type { MemoryPatch } from './memory/update.ts'
export { type Network, testnet, type TestnetOptions } from './network.ts'
export type { KeyServerStatus, MemberRole } from './seal/types.ts'
export type { CostQuote } from './walrus/types.ts'
