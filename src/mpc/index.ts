/** Keys that no device has the whole of: made, used, replaced and recovered by several together. */

export { exportShareBackup, importShareBackup } from './backup.ts'
export { MAX_MEMBERS } from './checks.ts'
export { createKey, type CreateKeyRequest } from './create-key.ts'
export { derivePublicKey } from './derive-public-key.ts'
export type { DerivedKey } from './derivation.ts'
export { dangerouslyExportKey, type ExportKeyRequest } from './export-key.ts'
export { CEREMONY_TIMEOUT_MS, invite, type CeremonyOptions, type Invitation, type Party } from './flow.ts'
export { dangerouslyImportKey, type ImportKeyRequest } from './import-key.ts'
export type { Acknowledgement, Ban, EpochRecord, KeyRecord, PresignatureEntry, Standing } from './key-record.ts'
export { loadMpc, type LoadMpcOptions } from './load-mpc.ts'
export { mpcWorkers, type MpcWorkersOptions } from './mpc-workers.ts'
export { meetOver, type MeetOverOptions } from './meet-over.ts'
export type { Mpc, OpenMpc } from './port.ts'
export { presign, signWithPresignature } from './presign.ts'
export { refreshKey } from './refresh-key.ts'
export { planRepair, repairShare, type RepairPlan } from './repair-share.ts'
export { planReshare, reshareKey, type ResharePlan } from './reshare-key.ts'
export type { CeremonyProgress, Exchange, Outgoing } from './run-ceremony.ts'
export type { CeremonySession, CeremonySetup, Meeting } from './session.ts'
export { settleKey, type SettleOutcome } from './settle-key.ts'
export { openShareStore, type OpenShareStoreOptions, type PreparedEpoch, type ShareStore } from './share-store.ts'
export {
  fetchSignatures,
  MAX_BATCH,
  MAX_SIGNED_BYTES,
  sign,
  signBatch,
  type SignBatchRequest,
  type SignOutcome,
  type SignRequest,
} from './sign.ts'
export type { Received } from './step.ts'
export { createSuiSigner, suiMessageToSign, type SuiSignRequest, type SuiThresholdSigner } from './sui-signer.ts'
export { AGENT_PERSON_RECOVERY, type Member, type Suite, type ThresholdKey } from './types.ts'
export { verifySignature } from './verify-signature.ts'
