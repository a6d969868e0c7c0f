import type { ForwardIndex, TermSequence } from './forward-index.ts'
import type { QueryPlan, QueryTerm } from './query-plan.ts'

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

/**
 * Where a text holds the question's terms, in order of position. Columns and not
 * objects, and kept from text to text: filling them is most of the work.
 */
type Occurrences = {
  size: number
  positions: Int32Array
  slots: Uint16Array
  strengths: Float64Array
}

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

  const widest = marks.reduce((most, mark) => Math.max(most, mark.length), 1)
  const found = occurrences(1_024)
  const counts = new Float64Array(terms.length)
  const strongest = new Float64Array(terms.length)

  return (sequence) => {
    if (sequence.length * widest > found.positions.length) Object.assign(found, occurrences(sequence.length * widest * 2))
    found.size = 0
    counts.fill(0)
    strongest.fill(0)
    const { positions, slots, strengths } = found
    for (let at = 0; at < sequence.length; at++) {
      const number = markOf[sequence[at] as number] as number
      if (number === 0) continue
      const mark = marks[number] as (typeof marks)[number]
      for (let i = 0; i < mark.length; i++) {
        const { slot, strength } = mark[i] as { slot: number; strength: number }
        positions[found.size] = at
        slots[found.size] = slot
        strengths[found.size] = strength
        found.size++
        counts[slot] = (counts[slot] as number) + strength
        if (strength > (strongest[slot] as number)) strongest[slot] = strength
      }
    }
    if (found.size === 0 || totalWeight === 0) return { score: 0, matched: [] }

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

function occurrences(capacity: number): Occurrences {
  return { size: 0, positions: new Int32Array(capacity), slots: new Uint16Array(capacity), strengths: new Float64Array(capacity) }
}

/** The greatest weight of distinct terms within `width` consecutive positions, each at its strongest there. */
function bestStretch({ size, positions, slots, strengths }: Occurrences, { terms }: QueryPlan, width: number): number {
  let best = 0
  // Where, for each slot, it was last seen at full and at partial strength.
  const lastFull = new Int32Array(terms.length).fill(-width)
  const lastPart = new Int32Array(terms.length).fill(-width)
  const partStrength = new Float64Array(terms.length)
  for (let n = 0; n < size; n++) {
    const at = positions[n] as number
    const slot = slots[n] as number
    const strength = strengths[n] as number
    if (strength === 1) lastFull[slot] = at
    else {
      lastPart[slot] = at
      partStrength[slot] = strength
    }
    let weight = 0
    for (let i = 0; i < terms.length; i++) {
      if (at - (lastFull[i] as number) < width) weight += (terms[i] as QueryTerm).weight
      else if (at - (lastPart[i] as number) < width) weight += (terms[i] as QueryTerm).weight * (partStrength[i] as number)
    }
    if (weight > best) best = weight
  }
  return best
}

/** 1 where `second` directly follows `first`, less with distance or in the other order, else 0. */
function closeness({ size, positions, slots, strengths }: Occurrences, first: number, second: number): number {
  let best = 0
  for (let i = 0; i < size; i++) {
    const slot = slots[i]
    if (slot !== first && slot !== second) continue
    const other = slot === first ? second : first
    for (let j = i + 1; j < size; j++) {
      const distance = (positions[j] as number) - (positions[i] as number)
      if (distance > PAIR_REACH) break
      if (slots[j] !== other) continue
      const strength = Math.min(strengths[i] as number, strengths[j] as number)
      const value = (strength * (slot === first ? 1 : 0.7)) / Math.sqrt(Math.max(1, distance))
      if (value > best) best = value
    }
  }
  return best
}
