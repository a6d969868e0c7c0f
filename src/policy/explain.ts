import type { Reason, ReasonCode, Verdict } from './verdict.ts'

const SENTENCES: { readonly [C in ReasonCode]: string } = {
  covered: 'allowed',
  'unread-policy': 'the policy was not read by createPolicy or parsePolicy',
  'invalid-request': 'this is missing or of the wrong type',
  'other-chain': 'the policy does not speak for this chain',
  'other-account': 'the policy does not speak for this account',
  'no-effects': 'nothing says what it does',
  'unknown-effect': 'it does something that could not be decoded',
  'invalid-amount': 'the amount cannot be',
  'clock-set-back': 'the clock of this device was set back',
  'deceptive-recipient': 'the recipient has characters that hide or imitate others',
  'look-alike': 'the recipient is not who it looks like',
  'denied-by-rule': 'the rule denies it',
  'not-covered': 'no rule allows it',
  'over-limit': 'it is over the limit',
  'recipient-not-listed': 'the recipient is not one the rule is about',
  'outside-hours': 'it is outside the hours of the rule',
  'other-call': 'the rule is about another call',
  'other-requester': 'the rule is about another requester',
  'check-missing': 'a check that the policy asks for is not installed',
  'check-failed': 'a check failed',
  'check-denied': 'a check refused it',
  'approval-impossible': 'too few others could approve it',
  failed: 'it could not be decided',
}

/** What a verdict says, for people: one line for the decision, and one for each reason. English; `reasons` is for machines. */
export function explain({ decision, reasons, waitsFor }: Verdict): string {
  const lines = [{ allow: 'Allowed.', deny: 'Denied.', wait: 'Waits.' }[decision], ...reasons.map(lineOf)]
  for (const { rule, missing, approvers, notBeforeMs } of waitsFor) {
    const who = missing > 0 ? `${missing} more of ${approvers.join(', ')} must approve; ` : ''
    lines.push(`- rule "${rule}": ${who}not before ${notBeforeMs} ms of Unix time`)
  }
  // What is shown may come from an attacker: nothing in it may hide or turn round what stands beside it.
  return lines.map((line) => line.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`)).join('\n')
}

function lineOf({ code, rule, path, details }: Reason): string {
  const about = [path, rule === undefined ? '' : `rule "${rule}"`].filter((part) => part !== '').join(', ')
  const numbers = Object.entries(details).map(([name, value]) => `${name} ${value}`)
  return `- ${about === '' ? '' : `${about}: `}${SENTENCES[code]}${numbers.length === 0 ? '' : ` (${numbers.join(', ')})`}`
}
