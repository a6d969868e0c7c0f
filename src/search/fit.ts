import type { TermSequence } from './forward-index.ts'
import type { QueryPlan, QueryTerm } from './query-plan.ts'

/** How well one text fits a question: 0 to 1, and which of the question's terms it holds. */
export type Fit = { readonly score: number; readonly matched: readonly number[] }

export const TUNING = {
  k1: 1.2,
  b: 0.6,
  delta: 0.3,
  widths: [12, 40],
  pairReach: 4,
  bm25Share: 0.45,
  windowShare: 0.4,
  pairShare: 0.15,
}

/**
 * Scores texts against one question.
 *
 * Three kinds of evidence, each from 0 to 1. Term weight: BM25+ (Lv and Zhai,
 * "Lower-bounding term frequency normalization", CIKM 2011) over the best it
 * could be. Nearness: the weight of distinct terms inside the best short
 * stretch, because what a person asks for is usually one passage of a long
 * memory. Order: pairs of neighbouring question words that are neighbours in
 * the text too.
 */
export function createFitter(plan: QueryPlan, options: { readonly numbers: number; readonly meanLength: number }) {
  const { terms, pairs, totalWeight, totalPairWeight } = plan
  const slotOf = new Uint16Array(options.numbers)
  for (const [slot, term] of terms.entries()) if (term.number !== undefined) slotOf[term.number] = slot + 1
  const { k1, b, delta } = TUNING
  const best = totalWeight * (k1 + 1 + delta)

  return (sequence: TermSequence): Fit => {
    const slots: number[] = []
    const positions: number[] = []
    const counts = new Uint32Array(terms.length)
    for (let at = 0; at < sequence.length; at++) {
      const slot = slotOf[sequence[at] as number] as number
      if (slot === 0) continue
      slots.push(slot - 1)
      positions.push(at)
      counts[slot - 1] = (counts[slot - 1] as number) + 1
    }
    if (slots.length === 0 || totalWeight === 0) return { score: 0, matched: [] }

    const matched: number[] = []
    const norm = k1 * (1 - b + (b * sequence.length) / options.meanLength)
    let bm25 = 0
    for (const [slot, term] of terms.entries()) {
      const count = counts[slot] as number
      if (count === 0) continue
      matched.push(slot)
      bm25 += term.weight * (delta + (count * (k1 + 1)) / (count + norm))
    }
    let window = 0
    for (const width of TUNING.widths) window += bestWindow(slots, positions, terms, width)
    window /= TUNING.widths.length * totalWeight
    let order = 0
    if (totalPairWeight > 0) {
      for (const { first, second, weight } of pairs) {
        order += weight * closeness(slots, positions, first, second)
      }
      order /= totalPairWeight
    }
    const orderShare = totalPairWeight > 0 ? TUNING.pairShare : 0
    const score =
      (TUNING.bm25Share * (bm25 / best) + TUNING.windowShare * window + orderShare * order) /
      (TUNING.bm25Share + TUNING.windowShare + orderShare)
    return { score, matched }
  }
}

/** The greatest weight of distinct terms within `width` consecutive positions. */
function bestWindow(slots: readonly number[], positions: readonly number[], terms: readonly QueryTerm[], width: number): number {
  const inside = new Uint32Array(terms.length)
  let weight = 0
  let best = 0
  let start = 0
  for (let end = 0; end < slots.length; end++) {
    const slot = slots[end] as number
    inside[slot] = (inside[slot] as number) + 1
    if (inside[slot] === 1) weight += (terms[slot] as QueryTerm).weight
    while ((positions[end] as number) - (positions[start] as number) >= width) {
      const left = slots[start] as number
      inside[left] = (inside[left] as number) - 1
      if (inside[left] === 0) weight -= (terms[left] as QueryTerm).weight
      start++
    }
    if (weight > best) best = weight
  }
  return best
}

/** 1 where `second` directly follows `first` (function words between count half), less with distance or in the other order, else 0. */
function closeness(slots: readonly number[], positions: readonly number[], first: number, second: number): number {
  let best = 0
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i]
    if (slot !== first && slot !== second) continue
    const other = slot === first ? second : first
    for (let j = i + 1; j < slots.length; j++) {
      const distance = (positions[j] as number) - (positions[i] as number)
      if (distance > TUNING.pairReach) break
      if (slots[j] !== other) continue
      const value = (slot === first ? 1 : 0.7) / Math.sqrt(distance)
      if (value > best) best = value
    }
  }
  return best
}
