import MiniSearch from 'minisearch'
import { type AbortOptions, throwIfAborted } from '../core/abort.ts'
import { type Clock, systemClock } from '../core/capabilities.ts'
import { createAnalyzer } from '../embed/analyzer.ts'
import { relatedWords } from '../embed/related-words.ts'
import { createStemmer } from '../embed/stem.ts'
import { createFitter } from './fit.ts'
import { createForwardIndex } from './forward-index.ts'
import { planQuery, type QueryPlan } from './query-plan.ts'

export type KeywordHit = {
  readonly id: string
  /** 0 to 1: the share of the best possible match. Depends on the other texts, through how rare each word is. */
  readonly score: number
  /** Words of the question, as stems, that the text holds or holds a stand-in for. */
  readonly matchedTerms: readonly string[]
}

/**
 * Search by words over texts in memory. What is added, replaced or removed is
 * found, or gone, at once.
 */
export type KeywordIndex = {
  readonly size: number
  /** Adds texts, replacing those whose id is present. Gives the event loop a turn between chunks of a bulk build. */
  put(entries: readonly { readonly id: string; readonly text: string }[], options?: AbortOptions): Promise<void>
  /** Removes texts; ids that are not present are passed over. */
  remove(ids: readonly string[]): void
  /** The `k` best, best first. `allow`, when given, is applied before scoring: only these ids are considered. Only the first 4,096 units of a question count. */
  search(options: { readonly query: string; readonly k: number; readonly allow?: readonly string[] | undefined }): readonly KeywordHit[]
}

/** UTF-16 units of text indexed between two turns of the event loop. */
const CHUNK_UNITS = 128 * 1024
/** Texts whose fit is worked out in full, at least. */
const CANDIDATES = 150
/** Postings read for candidates, at least: the rarest terms' whole lists, then no more. */
const POSTINGS = 1_200
/** Longest part of a question that is looked at, in UTF-16 units. */
const QUESTION_UNITS = 4_096

/**
 * Creates an empty keyword index.
 *
 * MiniSearch (BM25+) proposes candidates by the rarest of the question's terms;
 * each candidate is then scored in full, see {@link createFitter}. Besides the
 * word itself, a spelling one or two letters off, the parts of a compound and a
 * short list of related English words may stand for it, at less strength. A
 * question of function words only is compared with every text.
 *
 * Texts are held as stems, in memory, until removed.
 */
export function createKeywordIndex(options: { readonly clock?: Clock | undefined } = {}): KeywordIndex {
  const clock = options.clock ?? systemClock()
  const analyze = createAnalyzer()
  const stem = createStemmer()
  const related = relatedWords(stem)
  const forward = createForwardIndex()
  const inverted = new MiniSearch<{ id: string; terms: string }>({
    fields: ['terms'],
    tokenize: (terms) => terms.split(' '),
    processTerm: (term) => term,
    autoVacuum: false,
    searchOptions: { bm25: { k: 1.2, b: 0.75, d: 0.3 } },
  })

  /** Ids of a bulk build under way that have not had their turn yet. */
  const waiting = new Map<string, object>()

  const removeOne = (id: string) => {
    if (!forward.has(id)) return
    inverted.remove({ id, terms: forward.contentTerms(id).join(' ') })
    forward.remove(id)
  }
  const putOne = (id: string, text: string) => {
    removeOne(id)
    forward.add(id, analyze(text))
    inverted.add({ id, terms: forward.contentTerms(id).join(' ') })
  }

  /** Indexed terms within one or two letters of a word, by the library's radix tree. */
  const similarlySpelled = (term: string): readonly string[] => {
    if (term.length < 4) return []
    const found = inverted.search(term, { fuzzy: term.length < 7 ? 1 : 2 })
    return [...new Set(found.slice(0, CANDIDATES).flatMap((result) => result.terms))]
  }

  const candidates = (plan: QueryPlan, k: number, allow: ReadonlySet<string> | undefined): Iterable<string> => {
    const wanted = Math.max(CANDIDATES, k)
    if (allow !== undefined && allow.size <= wanted) return allow
    const strengths = new Map<string, number>()
    for (const term of plan.terms) {
      if (term.isFunctionWord) continue
      for (const { text, strength } of term.stands) strengths.set(text, Math.max(strength, strengths.get(text) ?? 0))
    }
    if (strengths.size === 0) return allow ?? forward.ids()
    const cost = (text: string) => forward.documentFrequency(text)
    const rarest = [...strengths].toSorted(([a, x], [b, y]) => cost(a) / x - cost(b) / y)
    let postings = 0
    const read = rarest.filter(([text], at) => {
      postings += cost(text)
      return at === 0 || postings <= Math.max(POSTINGS, 4 * k)
    })
    const found = inverted.search(read.map(([text]) => text).join(' '), {
      boostTerm: (text) => strengths.get(text) ?? 1,
      ...(allow === undefined ? {} : { boostDocument: (id: string) => (allow.has(id) ? 1 : 0) }),
    })
    return found.slice(0, wanted).map((result) => result.id as string)
  }

  return Object.freeze({
    get size() {
      return forward.size
    },
    async put(entries, putOptions) {
      throwIfAborted(putOptions)
      const turn = {}
      const newest = new Map(entries.map(({ id, text }) => [id, text]))
      for (const id of newest.keys()) waiting.set(id, turn)
      try {
        let units = 0
        for (const [id, text] of newest) {
          if (units >= CHUNK_UNITS) {
            units = 0
            await clock.sleep(0, putOptions)
          }
          // A later call has replaced or removed this id meanwhile.
          if (waiting.get(id) !== turn) continue
          waiting.delete(id)
          putOne(id, text)
          units += text.length
        }
      } finally {
        for (const id of newest.keys()) if (waiting.get(id) === turn) waiting.delete(id)
      }
    },
    remove(ids) {
      for (const id of ids) {
        waiting.delete(id)
        removeOne(id)
      }
    },
    search({ query, k, allow }) {
      const plan = planQuery(analyze(query.slice(0, QUESTION_UNITS)), { forward, related, similarlySpelled, stem })
      if (plan.terms.every((term) => term.stands.length === 0)) return []
      const fit = createFitter(plan, forward)
      const hits: KeywordHit[] = []
      for (const id of candidates(plan, k, allow === undefined ? undefined : new Set(allow))) {
        const sequence = forward.sequence(id)
        if (sequence === undefined) continue
        const { score, matched } = fit(sequence)
        if (score > 0) hits.push({ id, score, matchedTerms: matched.map((slot) => plan.terms[slot]?.text ?? '') })
      }
      return hits.toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, k)
    },
  } satisfies KeywordIndex)
}
