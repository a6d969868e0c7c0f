import { functionWords } from './function-words.ts'
import { createStemmer } from './stem.ts'
import { words } from './words.ts'

/** One word of a text as search sees it. */
export type Term = {
  /** What is compared: the stem, or the word itself where no rule applies. */
  readonly text: string
  /** Whether it is an English function word (`the`, `of`, `was`). */
  readonly isFunctionWord: boolean
}

/** Turns a text into terms, in order. Both the built-in embedder and the keyword index use it. */
export type Analyzer = (text: string) => readonly Term[]

/** How many distinct words the analyzer remembers before it starts afresh. */
const CACHE_WORDS = 50_000

/**
 * Creates the analyzer: {@link words}, then English stems. It remembers the
 * words it has met, up to 50,000, in memory only; the result never depends on
 * what it remembers.
 */
export function createAnalyzer(): Analyzer {
  const stem = createStemmer()
  const grammar = functionWords()
  const cache = new Map<string, Term>()
  return (text) =>
    words(text).map((word) => {
      const known = cache.get(word)
      if (known !== undefined) return known
      if (cache.size >= CACHE_WORDS) cache.clear()
      const isFunctionWord = grammar.has(word)
      const term: Term = { text: isFunctionWord ? word : stem(word), isFunctionWord }
      cache.set(word, term)
      return term
    })
}
