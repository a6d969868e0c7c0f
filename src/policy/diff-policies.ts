import { testTime } from './conditions/time.ts'
import { evaluate } from './evaluate.ts'
import type { Intent } from './intent.ts'
import { createLedger } from './ledger.ts'
import { localTime } from './local-time.ts'
import type { Policy } from './policy.ts'
import { conditionsOf, probeEffects, probeInstants, probeRequesters } from './probes.ts'
import type { EvaluateRequest, Facts, Requester } from './request.ts'
import type { Verdict, Wait } from './verdict.ts'

export type DiffOptions = {
  /** The requests lie in the week from this instant on. */
  readonly nowMs: number
  /** Most requests that are tried. Default 20,000. */
  readonly limitCount?: number
  /** Most examples of each kind. Default 8. */
  readonly exampleCount?: number
}

/** A request that two policies decide differently. It can be given to `evaluate` again. */
export type PolicyExample = {
  readonly request: Omit<EvaluateRequest, 'policy'>
  readonly before: Verdict
  readonly after: Verdict
}

export type PolicyDiff = {
  /**
   * What is decided more freely after the change, and what more strictly. To wait is less than to be allowed; to wait for
   * fewer approvals, for a shorter time or for another person is more than before. One request can be in both.
   */
  readonly allows: readonly PolicyExample[]
  readonly denies: readonly PolicyExample[]
  readonly triedCount: number
  /** Whether every request that was thought of was tried. */
  readonly isComplete: boolean
}

const FREEDOM = { deny: 0, wait: 1, allow: 2 }

/**
 * What a change of policy changes, in requests anybody can understand. They are made from the boundaries of both
 * policies' rules: each amount a limit names, and one more; each recipient, and one that is not listed; each call, and
 * those that differ from it; each role; each way the hours can be. One effect at a time, nothing spent before,
 * checks that both ask for let pass: what it shows is true, what it does not show is not proved. Pure.
 */
export function diffPolicies(before: Policy, after: Policy, { nowMs, limitCount = 20_000, exampleCount = 8 }: DiffOptions): PolicyDiff {
  const allows: PolicyExample[] = []
  const denies: PolicyExample[] = []
  let triedCount = 0
  for (const request of requests([before, after], nowMs)) {
    if (triedCount === limitCount) return { allows, denies, triedCount, isComplete: false }
    triedCount++
    const [was, is] = [evaluate({ ...request, policy: before }), evaluate({ ...request, policy: after })]
    const example = { request, before: was, after: is }
    if (isFreer(is, was) && allows.length < exampleCount) allows.push(example)
    if (isFreer(was, is) && denies.length < exampleCount) denies.push(example)
  }
  return { allows, denies, triedCount, isComplete: true }
}

/** Whether something is enough for one verdict that is not for the other. */
function isFreer(one: Verdict, other: Verdict): boolean {
  if (one.decision !== 'wait' || other.decision !== 'wait') return FREEDOM[one.decision] > FREEDOM[other.decision]
  const [asked, otherAsked] = [askedBy(one), askedBy(other)]
  if (asked.missing < otherAsked.missing || asked.notBeforeMs < otherAsked.notBeforeMs) return true
  return asked.approvers.some((approver) => !otherAsked.approvers.includes(approver))
}

function askedBy({ waitsFor }: Verdict): Omit<Wait, 'rule'> {
  return {
    missing: waitsFor.reduce((sum, { missing }) => sum + missing, 0),
    notBeforeMs: Math.max(...waitsFor.map(({ notBeforeMs }) => notBeforeMs)),
    approvers: waitsFor.flatMap(({ approvers }) => approvers),
  }
}

function* requests(policies: readonly [Policy, Policy], nowMs: number): Generator<Omit<EvaluateRequest, 'policy'>> {
  // Stands for a transaction: what is decided about is the effects.
  const bytes = new Uint8Array([0])
  const kinds = conditionsOf(policies)
  const chains = new Set(policies.flatMap((policy) => policy.chains))
  const accounts = new Set(policies.flatMap((policy) => policy.accounts))
  const devices = [...new Set(['unlisted', ...policies.flatMap((policy) => policy.devices.map(({ device }) => device))])].toReversed()
  const instants = probeInstants(kinds, nowMs, (instantMs) =>
    kinds.time.map((one) => testTime(one, { timeIn: (zone) => localTime(zone, instantMs) })).join(),
  )
  // A check that only one of them asks for is missing there; one that both ask for is not what they differ in.
  const asked = policies.map(({ rules }) => rules.flatMap(({ effect, name }) => (effect === 'check' ? [name] : [])))
  const checks = Object.fromEntries(
    (asked[0] as string[]).filter((name) => asked[1]?.includes(name)).map((name) => [name, () => 'pass' as const]),
  )
  for (const requester of probeRequesters(kinds)) {
    for (const instantMs of instants) {
      for (const device of devices) {
        for (const chain of chains) {
          for (const account of accounts) {
            for (const effect of probeEffects(policies, kinds, chain)) {
              const intent: Intent = { chain, account, effects: [effect], bytes }
              yield { intent, facts: factsOf(requester, instantMs), nowMs: instantMs, spent: createLedger(device), checks }
            }
          }
        }
      }
    }
  }
}

function factsOf(requester: Requester, nowMs: number): Facts {
  return { requester, approvals: [], requestedAtMs: nowMs, policyChangedAtMs: nowMs }
}
