import type { Term } from '../embed/analyzer.ts'
import type { ForwardIndex } from './forward-index.ts'

/** One distinct term of a question. */
export type QueryTerm = {
  readonly text: string
  readonly isFunctionWord: boolean
  /** How much a match says: the inverse document frequency, less for function words. */
  readonly weight: number
  /** Indexed terms that stand for it, with the strength of each from 0 to 1. The term itself has strength 1. */
  readonly stands: readonly StandIn[]
}

export type StandIn = { readonly text: string; readonly strength: number }

/** Two terms that stand side by side in the question, function words apart. */
export type QueryPair = { readonly first: number; readonly second: number; readonly weight: number }

export type QueryPlan = {
  readonly terms: readonly QueryTerm[]
  readonly pairs: readonly QueryPair[]
  readonly totalWeight: number
  readonly totalPairWeight: number
}

/** What the plan asks the rest of the index. */
export type PlanSources = {
  readonly forward: ForwardIndex
  /** Words of a related meaning. */
  readonly related: ReadonlyMap<string, readonly string[]>
  /** Indexed terms spelled almost like this one. Asked only for terms that no text holds. */
  readonly similarlySpelled: (term: string) => readonly string[]
  readonly stem: (word: string) => string
}

/** Function words keep a little weight: `of` and `my` tell two close passages apart. */
const FUNCTION_WORD_FACTOR = 0.3
const MISSPELLED_STRENGTH = 0.5
const PART_STRENGTH = 0.6
const RELATED_STRENGTH = 0.35

/**
 * What a question asks of this index: its distinct terms with their weights,
 * what else may stand for each, and which terms are neighbours.
 */
export function planQuery(asked: readonly Term[], sources: PlanSources): QueryPlan {
  const { forward } = sources
  const drafts: { text: string; word: string; isFunctionWord: boolean; weight: number; stands: StandIn[] }[] = []
  const position = new Map<string, number>()
  const pairs: QueryPair[] = []
  let previous: number | undefined
  for (const term of asked) {
    const { text, word, isFunctionWord } = term
    let at = position.get(text)
    if (at === undefined) {
      at = drafts.length
      position.set(text, at)
      const documentFrequency = forward.documentFrequency(text)
      const inverse = Math.log(1 + (forward.size - documentFrequency + 0.5) / (documentFrequency + 0.5))
      const weight = isFunctionWord ? inverse * FUNCTION_WORD_FACTOR : inverse
      drafts.push({ text, word, isFunctionWord, weight, stands: isFunctionWord ? itself(text, forward) : standIns(term, sources) })
    }
    if (isFunctionWord) continue
    if (previous !== undefined && previous !== at) {
      const a = drafts[previous] as (typeof drafts)[number]
      const b = drafts[at] as (typeof drafts)[number]
      pairs.push({ first: previous, second: at, weight: Math.sqrt(a.weight * b.weight) })
      // `coffee house` asks for `coffeehouse` too.
      const joined = sources.stem(a.word + word)
      if (forward.documentFrequency(joined) > 0) for (const draft of [a, b]) draft.stands.push({ text: joined, strength: 1 })
    }
    previous = at
  }
  let totalWeight = 0
  for (const term of drafts) totalWeight += term.weight
  let totalPairWeight = 0
  for (const pair of pairs) totalPairWeight += pair.weight
  return { terms: drafts, pairs, totalWeight, totalPairWeight }
}

function itself(text: string, forward: ForwardIndex): StandIn[] {
  return forward.documentFrequency(text) > 0 ? [{ text, strength: 1 }] : []
}

function standIns({ text, word }: Term, { forward, related, similarlySpelled, stem }: PlanSources): StandIn[] {
  const stands = itself(text, forward)
  if (stands.length === 0) {
    for (const similar of similarlySpelled(text)) stands.push({ text: similar, strength: MISSPELLED_STRENGTH })
    // `spyglass` asks for `spy` and `glass`.
    for (let cut = 3; cut <= word.length - 3; cut++) {
      const parts = [stem(word.slice(0, cut)), stem(word.slice(cut))]
      if (parts.every((part) => forward.documentFrequency(part) > 0))
        for (const part of parts) stands.push({ text: part, strength: PART_STRENGTH })
    }
  }
  for (const other of related.get(text) ?? []) {
    if (forward.documentFrequency(other) > 0) stands.push({ text: other, strength: RELATED_STRENGTH })
  }
  return stands
}
