import type { Intent } from './intent.ts'
import type { Policy } from './policy.ts'
import { readIntent } from './read-intent.ts'
import type { EvaluateRequest } from './request.ts'
import { because, type Reason } from './verdict.ts'

/** What the host's functions have against an intent. Each is given a copy of its own: it cannot change what is judged or signed. */
export function runChecks({ checks = {} }: Pick<EvaluateRequest, 'checks'>, { rules }: Policy, intent: Intent): Reason[] {
  const reasons: Reason[] = []
  for (const { effect, name } of rules) {
    if (effect === 'check' && !Object.hasOwn(checks, name)) reasons.push({ code: 'check-missing', rule: name, path: '', details: {} })
  }
  for (const [name, check] of Object.entries(checks)) {
    let answer: unknown
    try {
      answer = check(readIntent(intent).intent)
    } catch {
      reasons.push(because('check-failed', '', { check: name }))
      continue
    }
    if (answer !== 'pass') reasons.push(because('check-denied', '', { check: name }))
  }
  return reasons
}
