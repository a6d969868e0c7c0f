import { evaluateAndReserve } from './evaluate-and-reserve.ts'
import type { Intent } from './intent.ts'
import { commit, createLedger, type Ledger } from './ledger.ts'
import type { Policy } from './policy.ts'
import type { EvaluateRequest, Facts } from './request.ts'
import type { Verdict } from './verdict.ts'

/** One intent of the past, and what was decided then. Oldest first. */
export type PastIntent = {
  readonly intent: Intent
  readonly facts: Facts
  readonly nowMs: number
  readonly decision: Verdict['decision']
}

export type BacktestResult = {
  /** One for each intent of the history, in its order. */
  readonly outcomes: readonly { readonly was: Verdict['decision']; readonly verdict: Verdict }[]
  /** Where in the history the policy would have decided otherwise. */
  readonly changed: readonly number[]
}

/**
 * What a policy would have decided, had it been in force: what it allows counts against its own limits, at once and in
 * full. Approvals of the past were for another policy, so whatever needs one waits. Pure.
 */
export function backtest(
  policy: Policy,
  history: readonly PastIntent[],
  { device = '', checks = {} }: { readonly device?: string; readonly checks?: NonNullable<EvaluateRequest['checks']> } = {},
): BacktestResult {
  let spent: Ledger = createLedger(device === '' ? (policy.devices[0]?.device ?? 'backtest') : device)
  const outcomes = history.map(({ intent, facts, nowMs, decision }) => {
    const { verdict, ledger } = evaluateAndReserve({ policy, intent, facts, nowMs, spent, checks })
    spent = verdict.decision === 'allow' ? commit(ledger, { id: verdict.intentHash, nowMs }) : ledger
    return { was: decision, verdict }
  })
  return { outcomes, changed: outcomes.flatMap(({ was, verdict }, index) => (was === verdict.decision ? [] : [index])) }
}
