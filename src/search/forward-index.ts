import type { Term } from '../embed/analyzer.ts'

/** The terms of one text, in order, as numbers. */
export type TermSequence = Uint32Array

/**
 * Which terms stand where in each text, and in how many texts each term occurs.
 * The inverted index finds candidates; this tells how well one fits: which terms
 * are close together and in the order asked.
 */
export type ForwardIndex = {
  readonly size: number
  /** Mean number of terms in a text. */
  readonly meanLength: number
  ids(): Iterable<string>
  has(id: string): boolean
  sequence(id: string): TermSequence | undefined
  /** Distinct terms of a text that the inverted index holds. */
  contentTerms(id: string): readonly string[]
  /** Number of a term, or `undefined` where no text holds it. */
  number(term: string): number | undefined
  /** In how many texts a term occurs. */
  documentFrequency(term: string): number
  /** One more than the largest number in use. */
  readonly numbers: number
  add(id: string, terms: readonly Term[]): void
  remove(id: string): void
}

/** Creates an empty forward index. Terms that no text holds any more are forgotten. */
export function createForwardIndex(): ForwardIndex {
  const numberOf = new Map<string, number>()
  const texts: string[] = []
  const grammar: boolean[] = []
  const frequency: number[] = []
  const free: number[] = []
  const entries = new Map<string, TermSequence>()
  let totalLength = 0

  const claim = (term: Term): number => {
    const known = numberOf.get(term.text)
    if (known !== undefined) return known
    const number = free.pop() ?? texts.length
    numberOf.set(term.text, number)
    texts[number] = term.text
    grammar[number] = term.isFunctionWord
    frequency[number] = 0
    return number
  }

  return {
    get size() {
      return entries.size
    },
    get meanLength() {
      return entries.size === 0 ? 0 : totalLength / entries.size
    },
    get numbers() {
      return texts.length
    },
    ids: () => entries.keys(),
    has: (id) => entries.has(id),
    sequence: (id) => entries.get(id),
    contentTerms(id) {
      const terms: string[] = []
      for (const number of new Set(entries.get(id) ?? [])) if (grammar[number] === false) terms.push(texts[number] as string)
      return terms
    },
    number: (term) => numberOf.get(term),
    documentFrequency(term) {
      const number = numberOf.get(term)
      return number === undefined ? 0 : (frequency[number] as number)
    },
    add(id, terms) {
      const sequence = Uint32Array.from(terms, claim)
      for (const number of new Set(sequence)) frequency[number] = (frequency[number] as number) + 1
      entries.set(id, sequence)
      totalLength += sequence.length
    },
    remove(id) {
      const sequence = entries.get(id)
      if (sequence === undefined) return
      entries.delete(id)
      totalLength -= sequence.length
      for (const number of new Set(sequence)) {
        const left = (frequency[number] as number) - 1
        frequency[number] = left
        if (left > 0) continue
        numberOf.delete(texts[number] as string)
        texts[number] = ''
        free.push(number)
      }
    },
  }
}
