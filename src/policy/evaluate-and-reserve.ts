import { evaluate } from './evaluate.ts'
import { canonicalText } from './canonical.ts'
import { reserve, type Ledger } from './ledger.ts'
import type { EvaluateRequest } from './request.ts'
import type { Verdict } from './verdict.ts'

/**
 * Decides, and counts what is allowed, in one step: between the two no other intent can take the same room. The ledger
 * that comes back is written down before a signature leaves; its entry has the verdict's `intentHash` as id. Asked
 * again for the same intent, it changes nothing.
 *
 * @throws {LocketError} `policy/reservation-conflict` if the same bytes were decoded to other spends before.
 */
export function evaluateAndReserve(request: EvaluateRequest): { readonly verdict: Verdict; readonly ledger: Ledger } {
  const verdict = evaluate(request)
  if (verdict.decision !== 'allow') return { verdict, ledger: request.spent }
  const { intent, nowMs, spent } = request
  const account = canonicalText(intent.account)
  return { verdict, ledger: reserve(spent, { id: verdict.intentHash, account, spends: verdict.spends, nowMs }) }
}
