import type { Intent } from './intent.ts'
import type { Ledger } from './ledger.ts'
import type { Policy } from './policy.ts'

/** What a verdict is asked on. The engine reads no clock and keeps nothing. */
export type EvaluateRequest = {
  /** From `createPolicy` or `parsePolicy`. */
  readonly policy: Policy
  /** As this signer itself decoded it. */
  readonly intent: Intent
  readonly facts: Facts
  readonly nowMs: number
  /** This device's ledger. An entry of this very intent does not count against it: one intent happens once. */
  readonly spent: Ledger
  /** Functions of the host's, by name. All must let it pass, and those the policy names must be here. */
  readonly checks?: { readonly [name: string]: Check }
}

/** Can only tighten: all but `pass` denies, and so does throwing. It is given a copy. */
export type Check = (intent: Intent) => 'deny' | 'pass'

/** What this signer knows besides, from a source of its own: never what the requester says of itself. */
export type Facts = {
  readonly requester: Requester
  /** Whose signatures were verified. Those for another policy or intent, and those that have expired, do not count. */
  readonly approvals: readonly Approval[]
  /** When this device first saw the request. */
  readonly requestedAtMs: number
  /** Since when this policy is in force on this device. */
  readonly policyChangedAtMs: number
}

export type Requester = {
  readonly id: string
  readonly roles: readonly string[]
  readonly attributes: { readonly [name: string]: string }
}

export type Approval = {
  readonly by: string
  readonly policyHash: string
  readonly intentHash: string
  readonly expiresAtMs: number
}
