import { functionWords } from './function-words.ts'
import { createStemmer } from './stem.ts'
import { words } from './words.ts'

/** One word of a text as search sees it. */
export type Term = {
  /** What is compared: the stem, or the word itself where no rule applies. */
  readonly text: string
  /** The word as it was written, folded but not stemmed. */
  readonly word: string
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
  return (input) =>
    words(input).map((word) => {
      const known = cache.get(word)
      if (known !== undefined) return known
      if (cache.size >= CACHE_WORDS) cache.clear()
      const text = grammar.has(word) ? word : stem(word)
      // Decided by the stem, so that one text is never both.
      const term: Term = { text, word, isFunctionWord: grammar.has(text) }
      cache.set(word, term)
      return term
    })
}
