import type { Outcomes } from './desk.ts'

/** Not everybody did its part. */
export class CeremonyFailed extends Error {
  readonly outcomes: Outcomes

  constructor(outcomes: Outcomes) {
    super('Not every device did its part.')
    this.outcomes = outcomes
  }
}

/** The outcomes, if all of them are good. */
export function assertAll(outcomes: Outcomes): Outcomes {
  for (const { ok } of outcomes.values()) if (!ok) throw new CeremonyFailed(outcomes)
  return outcomes
}
