import type { Explanation } from '@locket/sdk'
import { el } from '../dom.ts'
import { decimals } from '../format.ts'

/** Why a hit stands where it stands, folded away until somebody wants to know. */
export function whyThisOne(explain: Explanation, score: number): HTMLElement {
  const { similarity, vectorRank, keywordScore, keywordRank, matchedTerms, recencyFactor, importanceFactor } = explain
  const rows: readonly (readonly [string, string])[] = [
    ['Score', decimals(score)],
    ['Likeness of wording', `${decimals(similarity)}${ranked(vectorRank)}`],
    ['Keywords', `${decimals(keywordScore)}${ranked(keywordRank)}`],
    ['Word stems matched', matchedTerms.length === 0 ? 'none' : matchedTerms.join(', ')],
    ['Factor for recency', `× ${decimals(recencyFactor)}`],
    ['Factor for importance', `× ${decimals(importanceFactor)}`],
  ]
  return el(
    'details',
    { class: 'why' },
    el('summary', {}, 'Why this one'),
    el('dl', {}, ...rows.map(([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value)))),
  )
}

const ranked = (rank: number | undefined): string => (rank === undefined ? '' : `, number ${rank}`)
