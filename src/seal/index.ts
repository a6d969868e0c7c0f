export { createSealEngine } from './create-seal-engine.ts'
export { explainSpaceAbort } from './space-abort.ts'
export { MAX_CLOCK_SKEW_MS } from './server-time.ts'
export type { PreparedRotation, SealEngine, SealEngineDeps } from './seal-engine.ts'
export type { SealSdk } from './load-sdk.ts'
export type { SealClientApi, SealSigner } from './signer.ts'
export type {
  KeyServerStatus,
  KeysOutcome,
  Member,
  MemberRole,
  SealNetwork,
  SealOptions,
  SealProgress,
  SealRisk,
  SpaceKeys,
  SpaceState,
  Successor,
  Timelock,
} from './types.ts'
