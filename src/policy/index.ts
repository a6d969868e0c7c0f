/** Who may have what signed: one engine, pure, deny by default. */

export { backtest, type BacktestResult, type PastIntent } from './backtest.ts'
export { canonicalMethod, canonicalText, MAX_AMOUNT } from './canonical.ts'
export { createPolicy, formatPolicy, hashPolicy, MAX_POLICY_CHARS, parsePolicy } from './create-policy.ts'
export { diffPolicies, type DiffOptions, type PolicyDiff, type PolicyExample } from './diff-policies.ts'
export { evaluate } from './evaluate.ts'
export { evaluateAndReserve } from './evaluate-and-reserve.ts'
export { explain } from './explain.ts'
export { hashIntent } from './hash-intent.ts'
export type { Argument, AssetId, ChainId, Effect, Intent } from './intent.ts'
export {
  commit,
  createLedger,
  pruneLedger,
  release,
  reserve,
  spentOf,
  type Ledger,
  type LedgerEntry,
  type Reservation,
  type Spend,
} from './ledger.ts'
export { decodeLedger, encodeLedger } from './ledger-codec.ts'
export type {
  AllowRule,
  ApproveRule,
  ArgumentTest,
  AttributeCondition,
  CallCondition,
  CheckRule,
  Condition,
  DenyRule,
  DeviceShare,
  EffectKind,
  Policy,
  RoleCondition,
  Rule,
  SpendCondition,
  TimeCondition,
  ToCondition,
} from './policy.ts'
export type { Approval, Check, EvaluateRequest, Facts, Requester } from './request.ts'
export type { Reason, ReasonCode, Verdict, Wait } from './verdict.ts'
