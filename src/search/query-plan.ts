import type { Term } from '../embed/analyzer.ts'
import type { ForwardIndex } from './forward-index.ts'

/** One distinct term of a question. */
export type QueryTerm = {
  readonly text: string
  readonly isFunctionWord: boolean
  /** Number in the forward index; `undefined` where no text holds the term. */
  readonly number: number | undefined
  readonly documentFrequency: number
  /** How much a match says: the inverse document frequency, less for function words. */
  readonly weight: number
}

/** Two terms that stand side by side in the question, function words apart. */
export type QueryPair = { readonly first: number; readonly second: number; readonly weight: number }

export type QueryPlan = {
  readonly terms: readonly QueryTerm[]
  readonly pairs: readonly QueryPair[]
  readonly totalWeight: number
  readonly totalPairWeight: number
}

const FUNCTION_WORD_FACTOR = 0.2

/** What a question asks of this index: its distinct terms with their weights, and which stand side by side. */
export function planQuery(asked: readonly Term[], index: ForwardIndex): QueryPlan {
  const terms: QueryTerm[] = []
  const position = new Map<string, number>()
  const pairs: QueryPair[] = []
  let previous: number | undefined
  for (const { text, isFunctionWord } of asked) {
    let at = position.get(text)
    if (at === undefined) {
      at = terms.length
      position.set(text, at)
      const documentFrequency = index.documentFrequency(text)
      const inverse = Math.log(1 + (index.size - documentFrequency + 0.5) / (documentFrequency + 0.5))
      const weight = isFunctionWord ? inverse * FUNCTION_WORD_FACTOR : inverse
      terms.push({ text, isFunctionWord, number: index.number(text), documentFrequency, weight })
    }
    if (isFunctionWord) continue
    if (previous !== undefined && previous !== at) {
      const a = terms[previous] as QueryTerm
      const b = terms[at] as QueryTerm
      pairs.push({ first: previous, second: at, weight: Math.sqrt(a.weight * b.weight) })
    }
    previous = at
  }
  let totalWeight = 0
  for (const term of terms) totalWeight += term.weight
  let totalPairWeight = 0
  for (const pair of pairs) totalPairWeight += pair.weight
  return { terms, pairs, totalWeight, totalPairWeight }
}
