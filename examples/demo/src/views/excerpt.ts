import { el } from '../dom.ts'

const LENGTH = 340
/** Words that matched but say nothing. */
const IDLE = new Set(
  'the and that with from this then there they them was were for his her our had have has did not but you your which what when where who how are all one into upon out about again very'.split(
    ' ',
  ),
)

/** The part of a text that holds most of the matched words, with those words marked. */
export function excerptOf(text: string, matchedTerms: readonly string[]): HTMLElement {
  const stems = matchedTerms.filter((term) => term.length > 2 && !IDLE.has(term)).map((term) => term.toLowerCase())
  const words = [...text.matchAll(/[\p{L}\p{N}]+(?:['’]\p{L}+)?/gu)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    stem: stems.find((stem) => isOf(match[0].toLowerCase(), stem)),
  }))
  const marked = words.filter((word) => word.stem !== undefined)
  const from = bestStart(text, marked)
  const until = Math.min(text.length, from === 0 ? LENGTH : from + LENGTH)
  const end = until >= text.length ? text.length : Math.max(text.lastIndexOf(' ', until), from + 1)

  const paragraph = el('p', { class: 'excerpt' }, from > 0 ? '… ' : undefined)
  let at = from
  for (const { start, end: wordEnd } of marked) {
    if (start < at || wordEnd > end) continue
    paragraph.append(text.slice(at, start), el('mark', {}, text.slice(start, wordEnd)))
    at = wordEnd
  }
  paragraph.append(text.slice(at, end), end < text.length ? ' …' : '')
  return paragraph
}

/** Whether `word` is `stem` with an ending: the stem of “cheese” is “chees”, of “carried” “carri”, of “turkey” “turkei”. */
function isOf(word: string, stem: string): boolean {
  const root = stem.replace(/i$/, '')
  return word === stem || (root.length > 2 && word.startsWith(root) && word.length - stem.length <= 4)
}

/** Where to begin so that most different matched words are within reach. */
function bestStart(text: string, marked: readonly { readonly start: number; readonly stem: string | undefined }[]): number {
  if (text.length <= LENGTH) return 0
  // A word the text is full of says less about where the answer is.
  const occurrences = new Map<string | undefined, number>()
  for (const { stem } of marked) occurrences.set(stem, (occurrences.get(stem) ?? 0) + 1)
  let best = { start: 0, score: 0 }
  for (const [i, { start }] of marked.entries()) {
    const within = marked.slice(i).filter((word) => word.start < start + LENGTH - 60)
    const score = [...new Set(within.map(({ stem }) => stem))].reduce((sum, stem) => sum + 1 / (occurrences.get(stem) ?? 1), 0)
    if (score > best.score) best = { start, score }
  }
  if (best.start < 80) return 0
  const latest = Math.min(best.start - 50, text.length - LENGTH)
  return text.indexOf(' ', Math.max(0, latest)) + 1
}
