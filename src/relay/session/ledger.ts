import { equalBytes, type Bytes } from '../../core/bytes.ts'
import { verifyEvidence, type Evidence } from './evidence.ts'
import type { Party } from './setup.ts'
import { decodeStatement, hashView, type SignedStatement } from './statement.ts'

/** Proof against a party. */
export type Finding = { readonly party: number; readonly evidence: Evidence }

/** What each party stated in each step, as this device saw it. */
export type Ledger = {
  put(step: number, party: number, signed: SignedStatement): void
  get(step: number, party: number): SignedStatement | undefined
  /** What is known of a step, by ascending index. */
  view(step: number): readonly SignedStatement[]
  /** {@link hashView} of a step of which everything is known. */
  hash(step: number): Bytes
  /** The step another's view is of, if it is one. */
  stepOf(view: readonly SignedStatement[]): number | undefined
  /** Whom another's view convicts: of itself, or together with this one. */
  findEvidence(view: readonly SignedStatement[]): Finding | undefined
}

/** Knows nothing at first. Statements are put after they were verified; those of another's view are verified here. */
export function createLedger(parties: readonly Party[]): Ledger {
  const steps = new Map<number, Map<number, SignedStatement>>()
  const view = (step: number) =>
    parties.flatMap(({ index }) => {
      const signed = steps.get(step)?.get(index)
      return signed === undefined ? [] : [signed]
    })

  return Object.freeze({
    put(step: number, party: number, signed: SignedStatement) {
      const statements = steps.get(step) ?? new Map<number, SignedStatement>()
      steps.set(step, statements.set(party, signed))
    },
    get: (step: number, party: number) => steps.get(step)?.get(party),
    view,
    hash: (step: number) => hashView(view(step)),
    stepOf: ([first]: readonly SignedStatement[]) => first && decoded(first)?.step,
    findEvidence(others: readonly SignedStatement[]) {
      const seen = new Map<string, SignedStatement>()
      for (const second of others) {
        const statement = decoded(second)
        const slot = `${statement?.step}/${statement?.sender}`
        const first = (statement && steps.get(statement.step)?.get(statement.sender)) ?? seen.get(slot)
        seen.set(slot, second)
        const sender = parties.find(({ index }) => index === statement?.sender)
        if (first === undefined || sender === undefined || equalBytes(first.bytes, second.bytes)) continue
        if (verifyEvidence(sender.card, { first, second })) return { party: sender.index, evidence: Object.freeze({ first, second }) }
      }
      return undefined
    },
  })
}

function decoded(signed: SignedStatement) {
  try {
    return decodeStatement(signed.bytes)
  } catch {
    return undefined
  }
}
