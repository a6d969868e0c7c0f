import { MAX_AMOUNT } from './canonical.ts'
import { runChecks } from './checks.ts'
import { testCondition, whyNot } from './conditions/test-condition.ts'
import { beneficiaryOf } from './conditions/to.ts'
import { createContext, type Answer, type Context } from './context.ts'
import { hashIntent } from './hash-intent.ts'
import type { Effect, Intent } from './intent.ts'
import type { AllowRule, ApproveRule, Condition, DenyRule } from './policy.ts'
import { preparedOf, type Prepared } from './prepared.ts'
import { readFacts } from './read-facts.ts'
import { readIntent } from './read-intent.ts'
import { isDeceptive } from './recipient.ts'
import type { EvaluateRequest, Facts } from './request.ts'
import { because, type Reason, type Verdict, type Wait } from './verdict.ts'

/** How far a device's clock may be set back, as clocks are when they are corrected. */
const MAX_SET_BACK_MS = 60_000
/** Rules that nearly cover an effect, in one verdict: enough to explain it. */
const MAX_NEAR_MISSES = 16

type Judged = Omit<Verdict, 'policyHash' | 'intentHash'>

/**
 * Decides about one intent. Pure: the same request has the same verdict on every device with the same ledger. Never
 * throws: whatever goes wrong denies.
 *
 * It is allowed if every effect is covered by an `allow` rule and no effect is unknown, no `deny` rule is about it, no
 * recipient is made to be taken for another, every check lets it pass, and all approvals are there. It waits if only
 * approvals or time are missing. The order of rules decides nothing.
 */
export function evaluate(request: EvaluateRequest): Verdict {
  let policyHash = ''
  let intentHash = ''
  let judged: Judged
  try {
    const prepared = preparedOf(request.policy)
    policyHash = prepared?.hash ?? ''
    const { intent, problems } = readIntent(request.intent)
    intentHash = hashIntent(intent)
    judged = prepared === undefined ? deny([because('unread-policy', 'policy')]) : judge(request, prepared, intent, intentHash, problems)
  } catch {
    // Not what was thrown: it may hold anything.
    judged = deny([because('failed', '')])
  }
  return { decision: judged.decision, policyHash, intentHash, reasons: judged.reasons, waitsFor: judged.waitsFor, spends: judged.spends }
}

function judge(request: EvaluateRequest, prepared: Prepared, intent: Intent, intentHash: string, problems: readonly Reason[]): Judged {
  const { policy, nowMs, spent } = request
  const against = [...problems]
  const facts = readFacts(request.facts)
  if (facts === undefined || !Number.isSafeInteger(nowMs) || nowMs < 0) return deny([...against, because('invalid-request', 'facts')])
  if (!policy.chains.includes(intent.chain)) against.push(because('other-chain', 'chain', { chain: intent.chain }))
  if (!policy.accounts.includes(intent.account)) against.push(because('other-account', 'account', { account: intent.account }))
  if (!(nowMs >= spent.latestMs - MAX_SET_BACK_MS)) against.push(because('clock-set-back', 'nowMs', { nowMs, latestMs: spent.latestMs }))

  const context = createContext({ policy, intent, intentHash, facts, nowMs, spent })
  for (const [asset, total] of context.totals) {
    if (total !== undefined && total > MAX_AMOUNT) against.push(because('invalid-amount', 'effects', { asset, amount: total.toString() }))
  }
  const covered: Reason[] = []
  const asking = new Set<ApproveRule>()
  for (const [index, effect] of intent.effects.entries()) {
    const path = `effects[${index}]`
    if (effect.kind === 'unknown') {
      against.push(because('not-covered', path))
      continue
    }
    const { allow, deny: denying, approve } = prepared.on[effect.kind]
    against.push(...againstRecipient(effect, path, prepared))
    for (const rule of denying) {
      if (isAbout(rule, effect, context) !== 'no') against.push({ code: 'denied-by-rule', rule: rule.name, path, details: {} })
    }
    const cover = allow.find((rule) => isAbout(rule, effect, context) === 'yes')
    if (cover !== undefined) covered.push({ code: 'covered', rule: cover.name, path, details: {} })
    else against.push(because('not-covered', path), ...nearMisses(allow, effect, path, context))
    for (const rule of approve) if (!asking.has(rule) && isAbout(rule, effect, context) !== 'no') asking.add(rule)
  }
  against.push(...runChecks(request, policy, intent))
  const waitsFor = waitsOf(asking, facts, { policyHash: prepared.hash, intentHash, nowMs }, against)
  if (against.length > 0) return deny(against)
  const spends = [...context.totals].map(([asset, total]) => ({ asset, amount: total ?? MAX_AMOUNT }))
  spends.sort((a, b) => (a.asset < b.asset ? -1 : 1))
  return { decision: waitsFor.length > 0 ? 'wait' : 'allow', reasons: covered, waitsFor, spends }
}

function deny(reasons: readonly Reason[]): Judged {
  return { decision: 'deny', reasons, waitsFor: [], spends: [] }
}

/** Whether a rule on effects of this kind is about this one. */
function isAbout({ when }: AllowRule | DenyRule | ApproveRule, effect: Effect, context: Context): Answer {
  let answer: Answer = 'yes'
  // PERF: an iterator for each rule would be most of what a verdict leaves to collect.
  for (let at = 0; at < when.length; at++) {
    const one = testCondition(when[at] as Condition, effect, context)
    if (one === 'no') return 'no'
    if (one === 'unsure') answer = 'unsure'
  }
  return answer
}

function againstRecipient(effect: Effect, path: string, { known }: Prepared): Reason[] {
  const beneficiary = beneficiaryOf(effect)
  if (beneficiary === undefined) return []
  const { address, field } = beneficiary
  if (isDeceptive(address)) return [because('deceptive-recipient', `${path}.${field}`)]
  const original = known.lookAlike(address)
  return original === undefined ? [] : [because('look-alike', `${path}.${field}`, { to: address, known: original })]
}

/** The rules that would cover an effect but for one condition. */
function nearMisses(rules: readonly AllowRule[], effect: Effect, path: string, context: Context): Reason[] {
  const misses: Reason[] = []
  for (const { name, when } of rules) {
    if (misses.length === MAX_NEAR_MISSES) break
    const fails = (condition: Condition) => testCondition(condition, effect, context) !== 'yes'
    const failed = when.find(fails)
    if (failed === undefined || when.findLast(fails) !== failed) continue
    misses.push({ rule: name, path, ...whyNot(failed, effect, context) })
  }
  return misses
}

/** What approvals and how much time the rules still ask for; what can never come is against the intent. */
function waitsOf(
  rules: Iterable<ApproveRule>,
  facts: Facts,
  { policyHash, intentHash, nowMs }: { policyHash: string; intentHash: string; nowMs: number },
  against: Reason[],
): Wait[] {
  const waits: Wait[] = []
  for (const rule of rules) {
    const others = rule.approvers.filter((approver) => approver !== facts.requester.id)
    const isMissing = (approver: string) =>
      !facts.approvals.some(
        (approval) =>
          approval.by === approver &&
          approval.policyHash === policyHash &&
          approval.intentHash === intentHash &&
          nowMs < approval.expiresAtMs,
      )
    const approvers = others.filter(isMissing)
    const missing = Math.max(0, rule.threshold - (others.length - approvers.length))
    const notBeforeMs = Math.max(facts.requestedAtMs + rule.delayMs, facts.policyChangedAtMs + rule.quietMs)
    if (others.length < rule.threshold) against.push({ code: 'approval-impossible', rule: rule.name, path: 'facts.requester', details: {} })
    else if (missing > 0 || nowMs < notBeforeMs)
      waits.push({ rule: rule.name, missing, approvers: missing > 0 ? approvers : [], notBeforeMs })
  }
  return waits
}
