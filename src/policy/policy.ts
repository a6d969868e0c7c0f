import type { AssetId, ChainId, Effect } from './intent.ts'

/**
 * Who may have what signed. Default deny: every effect of an intent must be covered by an `allow` rule, and nothing
 * else may speak against it. Made by `createPolicy` or `parsePolicy` only, deeply frozen, lists sorted.
 */
export type Policy = {
  readonly version: 1
  readonly id: string
  /** The chains and accounts it speaks for, each account on each chain. Any other is denied. */
  readonly chains: readonly ChainId[]
  readonly accounts: readonly string[]
  /** How limits per day and week are divided. Needed where there are such limits; a device that is not listed has none of them. */
  readonly devices: readonly DeviceShare[]
  readonly rules: readonly Rule[]
}

/** What one device may spend of a limit per day or week: `parts` of the sum of all parts, rounded down. */
export type DeviceShare = { readonly device: string; readonly parts: number }

export type Rule = AllowRule | DenyRule | ApproveRule | CheckRule

/** The effects a rule is about: of one of these kinds, and all conditions hold. */
type About = { readonly on: readonly EffectKind[]; readonly when: readonly Condition[] }

export type EffectKind = Exclude<Effect['kind'], 'unknown'>

/** Covers the effects it is about. */
export type AllowRule = About & { readonly effect: 'allow'; readonly name: string }

/** One effect it is about denies the whole intent. What cannot be told counts as if it held. */
export type DenyRule = About & { readonly effect: 'deny'; readonly name: string }

/** One effect it is about makes the whole intent wait. What cannot be told counts as if it held. */
export type ApproveRule = About & {
  readonly effect: 'approve'
  readonly name: string
  readonly approvers: readonly string[]
  /** How many of them. The requester never counts. 0 where only time must pass. */
  readonly threshold: number
  /** From the request on. */
  readonly delayMs: number
  /** From the last change of the policy on. */
  readonly quietMs: number
}

/** A function of the host's, under this name, must be given to `evaluate` and must let the intent pass. */
export type CheckRule = { readonly effect: 'check'; readonly name: string }

export type Condition = SpendCondition | ToCondition | TimeCondition | CallCondition | RoleCondition | AttributeCondition

/**
 * Of an asset's transfers, allowances and fees: what the whole intent spends, with all the account has spent in the
 * last 24 hours or 7 days, whatever rule allowed it. An allowance without limit is above every amount.
 */
export type SpendCondition = {
  readonly kind: 'spend'
  readonly asset: AssetId
  readonly per: 'transaction' | 'day' | 'week'
  readonly compare: '<=' | '>'
  readonly amount: bigint
}

/** Of transfers, allowances and gifts: who gets it. */
export type ToCondition = { readonly kind: 'to'; readonly compare: 'in' | 'not-in'; readonly addresses: readonly string[] }

/**
 * The hour where the person lives. A window that ends before it begins runs into the next day, and is of the day it
 * begins on; one that ends when it begins is the whole day.
 */
export type TimeCondition = {
  readonly kind: 'time'
  readonly compare: 'in' | 'not-in'
  /** IANA time zone: `Europe/Berlin`. */
  readonly zone: string
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[]
  /** `HH:MM`, the minute it begins, and the minute it is over. */
  readonly from: string
  readonly until: string
}

/** Of calls. What is not named may be anything. */
export type CallCondition = {
  readonly kind: 'call'
  readonly target?: string
  /** A function's name, or its selector with or without `0x`. */
  readonly method?: string
  readonly arguments: readonly ArgumentTest[]
}

/** An argument that is missing, of another type or named twice cannot be told. */
export type ArgumentTest =
  | { readonly name: string; readonly type: 'integer'; readonly compare: '=' | '!=' | '<' | '<=' | '>' | '>='; readonly value: bigint }
  | { readonly name: string; readonly type: 'text'; readonly compare: '=' | '!='; readonly value: string }
  | { readonly name: string; readonly type: 'flag'; readonly compare: '=' | '!='; readonly value: boolean }

/** The requester has one of these roles, or none of them. */
export type RoleCondition = { readonly kind: 'role'; readonly compare: 'in' | 'not-in'; readonly roles: readonly string[] }

/** Something said of the requester. Where nothing is said it cannot be told. */
export type AttributeCondition = {
  readonly kind: 'attribute'
  readonly name: string
  readonly compare: '=' | '!='
  readonly value: string
}
