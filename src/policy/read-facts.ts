import { canonicalText } from './canonical.ts'
import type { Facts } from './request.ts'

/** A copy of the facts with names in one spelling, or `undefined` if they are not facts. */
export function readFacts({ requester, approvals, requestedAtMs, policyChangedAtMs }: Facts): Facts | undefined {
  if (typeof requester.id !== 'string' || requester.id === '' || typeof requester.attributes !== 'object') return undefined
  if (!Number.isSafeInteger(requestedAtMs) || !Number.isSafeInteger(policyChangedAtMs)) return undefined
  return {
    requester: { id: canonicalText(requester.id), roles: [...requester.roles], attributes: { ...requester.attributes } },
    approvals: approvals.map((approval) => ({ ...approval, by: canonicalText(approval.by) })),
    requestedAtMs,
    policyChangedAtMs,
  }
}
