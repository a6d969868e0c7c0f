import type { Spend } from './ledger.ts'

/** What a signer does with an intent. */
export type Verdict = {
  /** `wait` becomes `allow` once what `waitsFor` says has come, if nothing else has changed: ask again then. */
  readonly decision: 'allow' | 'deny' | 'wait'
  /** Of the policy and of the intent it was decided for: shares combine only where both are the same. Empty where there is none. */
  readonly policyHash: string
  readonly intentHash: string
  /** Of a denial, all that speaks against it; else which rule covers each effect. */
  readonly reasons: readonly Reason[]
  readonly waitsFor: readonly Wait[]
  /** What it spends, by asset: what is reserved before it is signed. Empty in a denial. */
  readonly spends: readonly Spend[]
}

export type Wait = {
  readonly rule: string
  /** How many approvals are missing, and who can still give one. */
  readonly missing: number
  readonly approvers: readonly string[]
  /** Not before this instant, whoever approves. */
  readonly notBeforeMs: number
}

export type Reason = {
  readonly code: ReasonCode
  /** The rule it comes from, if one does. */
  readonly rule?: string
  /** What of the request it is about: `effects[2].to`. */
  readonly path: string
  /** JSON-safe; amounts in decimal digits. */
  readonly details: { readonly [name: string]: string | number }
}

export type ReasonCode =
  | 'covered'
  | 'unread-policy'
  | 'invalid-request'
  | 'other-chain'
  | 'other-account'
  | 'no-effects'
  | 'unknown-effect'
  | 'invalid-amount'
  | 'clock-set-back'
  | 'deceptive-recipient'
  | 'look-alike'
  | 'denied-by-rule'
  | 'not-covered'
  | 'over-limit'
  | 'recipient-not-listed'
  | 'outside-hours'
  | 'other-call'
  | 'other-requester'
  | 'check-missing'
  | 'check-failed'
  | 'check-denied'
  | 'approval-impossible'
  | 'failed'

/** A reason that comes from no rule. */
export function because(code: ReasonCode, path: string, details: Reason['details'] = {}): Reason {
  return { code, path, details }
}
