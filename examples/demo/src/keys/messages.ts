import type { WireError } from '@locket/sdk'
import type { Invitation, ResharePlan, SuiSignRequest, Suite, ThresholdKey } from '@locket/sdk/mpc'
import type { PairingInvite } from '@locket/sdk/relay/session'
import type { DeviceName } from './names.ts'

/** What devices are asked to do together. None of it is secret; each device judges it by what it knows itself. */
export type Task =
  | { readonly kind: 'pair'; readonly pairings: readonly Pairing[]; readonly expiresAtMs: number }
  | { readonly kind: 'create'; readonly suite: Suite; readonly names: readonly DeviceName[]; readonly invitation: Invitation }
  | {
      readonly kind: 'sign'
      readonly keyId: string
      readonly names: readonly DeviceName[]
      readonly request: SuiSignRequest
      readonly invitation: Invitation
    }
  | { readonly kind: 'refresh'; readonly keyId: string; readonly invitation: Invitation }
  | { readonly kind: 'settle'; readonly keyId: string; readonly invitation: Invitation }
  | { readonly kind: 'reshare'; readonly plan: ResharePlan; readonly invitation: Invitation }

/** Two devices that are to meet. The invitation is text for a QR code; here the page carries it. */
export type Pairing = { readonly invite: PairingInvite; readonly inviter: DeviceName; readonly joiner: DeviceName }

/** How a device's part of a task ended. */
export type Outcome =
  | { readonly ok: true; readonly signature?: Uint8Array; readonly key?: ThresholdKey; readonly settled?: string }
  | { readonly ok: false; readonly error: Failure }

/** A typed error of the SDK, or a plain sentence. */
export type Failure = WireError | { readonly message: string }

/** What a device says of itself. */
export type Here = {
  readonly name: DeviceName
  readonly state: 'closed' | 'locked' | 'open'
  /** Names of the devices it has met. */
  readonly contacts: readonly string[]
  /** Its public card, once it is open. */
  readonly card?: Uint8Array
  readonly keys: readonly ThresholdKey[]
}

/** Between the page and its devices, on a channel of the page's own. */
export type Note =
  /** The page begins: whatever it asked before is off. */
  | { readonly type: 'who' }
  | { readonly type: 'ask'; readonly id: string; readonly to: readonly DeviceName[]; readonly task: Task }
  | { readonly type: 'cancel'; readonly id: string }
  | ({ readonly type: 'here' } & Here)
  | { readonly type: 'progress'; readonly id: string; readonly name: DeviceName; readonly text: string }
  | { readonly type: 'answer'; readonly id: string; readonly name: DeviceName; readonly outcome: Outcome }
  /** A tab of its own takes the device over from whoever has it open. */
  | { readonly type: 'takeover'; readonly name: DeviceName }
  /** Everything is about to be destroyed. */
  | { readonly type: 'erase' }
