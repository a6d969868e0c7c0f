import type { Policy } from './policy.ts'
import { knownRecipients, type KnownRecipients } from './recipient.ts'

/** What is worked out of a policy once, so that a verdict need not. */
export type Prepared = {
  /** The policy's one JSON text, and its hash. */
  readonly text: string
  readonly hash: string
  /** Recipients that `allow` rules name. Only those: an added rule of another kind must not make an address look honest. */
  readonly known: KnownRecipients
}

// SECURITY: only policies that were read, and so are checked and frozen, are in here; any other object is no policy.
let prepared: WeakMap<Policy, Prepared> | undefined

export function preparedOf(policy: Policy): Prepared | undefined {
  return prepared?.get(policy)
}

export function prepare(policy: Policy, text: string, hash: string): void {
  const addresses = policy.rules.flatMap((rule) =>
    rule.effect === 'allow'
      ? rule.when.flatMap((condition) => (condition.kind === 'to' && condition.compare === 'in' ? condition.addresses : []))
      : [],
  )
  prepared ??= new WeakMap()
  prepared.set(policy, { text, hash, known: knownRecipients(addresses) })
}
