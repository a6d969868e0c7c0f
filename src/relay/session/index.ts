/** Devices that know each other, and sessions among them over relays nobody trusts. */

export { MAX_MESSAGE_BYTES } from './assembly.ts'
export {
  decodeDeviceCard,
  deviceFingerprint,
  encodeDeviceCard,
  formatDeviceCard,
  parseDeviceCard,
  type DeviceCard,
  type DeviceKeys,
} from './card.ts'
export type { DropReason } from './courier.ts'
export { decodeEvidence, encodeEvidence, verifyEvidence, type Evidence } from './evidence.ts'
export { fetchResult, type FetchResultOptions } from './fetch-result.ts'
export { createDeviceIdentity, decodeDeviceIdentity, type DeviceIdentity } from './identity.ts'
export { createPairingInvite, type PairingInvite } from './invite.ts'
export { openSession, type OpenSessionOptions } from './open-session.ts'
export { pairDevices, type PairDevicesOptions } from './pair-devices.ts'
export type { Purpose } from './purpose.ts'
export type { PublishedResult } from './result.ts'
export { MAX_RESULT_BYTES } from './session.ts'
export { MAX_CONTEXT_BYTES, MAX_PARTIES, type Party, type SessionSetup } from './setup.ts'
export type { SignedStatement } from './statement.ts'
export type { Incoming, Outgoing, Session, SessionEvent, Stage } from './types.ts'
