import MiniSearch from 'minisearch'
import { type AbortOptions, throwIfAborted } from '../core/abort.ts'
import { type Clock, systemClock } from '../core/capabilities.ts'
import { createAnalyzer } from '../embed/analyzer.ts'
import { createFitter } from './fit.ts'
import { createForwardIndex } from './forward-index.ts'
import { planQuery, type QueryPlan } from './query-plan.ts'

export type KeywordHit = {
  readonly id: string
  /** 0 to 1: the share of the best possible match. */
  readonly score: number
  /** Words of the question, as stems, that the text holds. */
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
  /** The `k` best, best first. `allow`, when given, is applied before scoring: only these ids are considered. */
  search(options: { readonly query: string; readonly k: number; readonly allow?: readonly string[] | undefined }): readonly KeywordHit[]
}

/** UTF-16 units of text indexed between two turns of the event loop. */
const CHUNK_UNITS = 128 * 1024
/** Texts whose fit is worked out in full. */
const CANDIDATES = 250
/** Postings read for candidates; the rarest terms come first. */
const POSTINGS = 4_000

export function createKeywordIndex(options: { readonly clock?: Clock | undefined } = {}): KeywordIndex {
  const clock = options.clock ?? systemClock()
  const analyze = createAnalyzer()
  const forward = createForwardIndex()
  const inverted = new MiniSearch<{ id: string; terms: string }>({
    fields: ['terms'],
    tokenize: (terms) => terms.split(' '),
    processTerm: (term) => term,
    autoVacuum: false,
    searchOptions: { bm25: { k: 1.2, b: 0.6, d: 0.3 } },
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

  const candidates = (plan: QueryPlan, allow: ReadonlySet<string> | undefined): Iterable<string> => {
    if (allow !== undefined && allow.size <= CANDIDATES) return allow
    const known = plan.terms.filter((term) => term.number !== undefined && !term.isFunctionWord)
    if (known.length === 0) return allow ?? forward.ids()
    known.sort((a, b) => a.documentFrequency - b.documentFrequency)
    let postings = 0
    const rare = known.filter((term, at) => {
      postings += term.documentFrequency
      return at === 0 || postings <= POSTINGS
    })
    const found = inverted.search(
      rare.map((term) => term.text).join(' '),
      allow === undefined ? {} : { boostDocument: (id: string) => (allow.has(id) ? 1 : 0) },
    )
    return found.slice(0, CANDIDATES).map((result) => result.id as string)
  }

  return {
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
      const plan = planQuery(analyze(query), forward)
      if (!plan.terms.some((term) => term.number !== undefined)) return []
      const fit = createFitter(plan, { numbers: forward.numbers, meanLength: forward.meanLength })
      const hits: KeywordHit[] = []
      for (const id of candidates(plan, allow === undefined ? undefined : new Set(allow))) {
        const sequence = forward.sequence(id)
        if (sequence === undefined) continue
        const { score, matched } = fit(sequence)
        if (score > 0) hits.push({ id, score, matchedTerms: matched.map((slot) => plan.terms[slot]?.text ?? '') })
      }
      return hits.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, k)
    },
  }
}
