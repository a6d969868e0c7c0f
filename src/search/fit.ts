import type { ForwardIndex, TermSequence } from './forward-index.ts'
import type { QueryPlan } from './query-plan.ts'

/** How well one text fits a question: 0 to 1, and which of the question's terms it holds or has a stand-in for. */
export type Fit = { readonly score: number; readonly matched: readonly number[] }

// Chosen where neighbouring values give about the same results on the tuning questions, not at a peak.
const K1 = 1.2
const B = 0.75
const DELTA = 0.3
/** Lengths of the stretches, in words: about a sentence, and about a paragraph. */
const STRETCHES = [20, 60] as const
/** Farthest apart, in words, two neighbours of the question still count as neighbours. */
const PAIR_REACH = 4
const TERM_SHARE = 0.5
const STRETCH_SHARE = 0.4
const PAIR_SHARE = 0.1

type Occurrence = { readonly at: number; readonly slot: number; readonly strength: number }

/**
 * Prepares to score texts against one question.
 *
 * Three kinds of evidence, each from 0 to 1. Term weight: BM25+ (Y. Lv and
 * C. Zhai, "Lower-bounding term frequency normalization", CIKM 2011) over the
 * best it could be. Nearness: the weight of distinct terms inside the best short
 * stretch, because what a person asks for is usually one passage of a long
 * memory. Order: whether neighbours in the question are neighbours in the text.
 */
export function createFitter(plan: QueryPlan, forward: ForwardIndex): (sequence: TermSequence) => Fit {
  const { terms, pairs, totalWeight, totalPairWeight } = plan
  const { meanLength } = forward
  // From a term's number to the slots it counts for: 0 is none, else an index into `marks`.
  const markOf = new Uint16Array(forward.numbers)
  const marks: { slot: number; strength: number }[][] = [[]]
  for (const [slot, term] of terms.entries()) {
    for (const { text, strength } of term.stands) {
      const number = forward.number(text)
      if (number === undefined) continue
      if (markOf[number] === 0) markOf[number] = marks.push([]) - 1
      marks[markOf[number] as number]?.push({ slot, strength })
    }
  }
  const best = totalWeight * (K1 + 1 + DELTA)
  const pairShare = totalPairWeight > 0 ? PAIR_SHARE : 0
  const shares = TERM_SHARE + STRETCH_SHARE + pairShare

  return (sequence) => {
    const found: Occurrence[] = []
    const counts = new Float64Array(terms.length)
    const strongest = new Float64Array(terms.length)
    for (let at = 0; at < sequence.length; at++) {
      const mark = markOf[sequence[at] as number] as number
      if (mark === 0) continue
      for (const { slot, strength } of marks[mark] ?? []) {
        found.push({ at, slot, strength })
        counts[slot] = (counts[slot] as number) + strength
        if (strength > (strongest[slot] as number)) strongest[slot] = strength
      }
    }
    if (found.length === 0 || totalWeight === 0) return { score: 0, matched: [] }

    const matched: number[] = []
    const norm = K1 * (1 - B + (B * sequence.length) / meanLength)
    let bm25 = 0
    for (const [slot, term] of terms.entries()) {
      const count = counts[slot] as number
      if (count === 0) continue
      matched.push(slot)
      bm25 += term.weight * (strongest[slot] as number) * (DELTA + (count * (K1 + 1)) / (count + norm))
    }
    let window = 0
    for (const width of STRETCHES) window += bestStretch(found, plan, width)
    let order = 0
    for (const { first, second, weight } of pairs) order += weight * closeness(found, first, second)
    const score = TERM_SHARE * (bm25 / best) + (STRETCH_SHARE * window) / (STRETCHES.length * totalWeight)
    return { score: (score + (pairShare === 0 ? 0 : (pairShare * order) / totalPairWeight)) / shares, matched }
  }
}

/** The greatest weight of distinct terms within `width` consecutive positions, each at its strongest there. */
function bestStretch(found: readonly Occurrence[], { terms }: QueryPlan, width: number): number {
  let best = 0
  // Where, for each slot, it was last seen at full and at partial strength.
  const lastFull = new Int32Array(terms.length).fill(-width)
  const lastPart = new Int32Array(terms.length).fill(-width)
  const partStrength = new Float64Array(terms.length)
  for (const { at, slot, strength } of found) {
    if (strength === 1) lastFull[slot] = at
    else {
      lastPart[slot] = at
      partStrength[slot] = strength
    }
    let weight = 0
    for (let i = 0; i < terms.length; i++) {
      if (at - (lastFull[i] as number) < width) weight += terms[i]?.weight ?? 0
      else if (at - (lastPart[i] as number) < width) weight += (terms[i]?.weight ?? 0) * (partStrength[i] as number)
    }
    if (weight > best) best = weight
  }
  return best
}

/** 1 where `second` directly follows `first`, less with distance or in the other order, else 0. */
function closeness(found: readonly Occurrence[], first: number, second: number): number {
  let best = 0
  for (let i = 0; i < found.length; i++) {
    const { at, slot, strength } = found[i] as Occurrence
    if (slot !== first && slot !== second) continue
    const other = slot === first ? second : first
    for (let j = i + 1; j < found.length; j++) {
      const next = found[j] as Occurrence
      if (next.at - at > PAIR_REACH) break
      if (next.slot !== other) continue
      const value = (Math.min(strength, next.strength) * (slot === first ? 1 : 0.7)) / Math.sqrt(Math.max(1, next.at - at))
      if (value > best) best = value
    }
  }
  return best
}
