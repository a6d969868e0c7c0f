import { createHashingEmbedder } from '../../src/embed/hashing.ts'
import { createHybridSearch } from '../../src/search/hybrid.ts'
import { createKeywordIndex } from '../../src/search/keyword-index.ts'
import { createVectorIndex } from '../../src/vector-index/create-vector-index.ts'
import type { Diary, DiaryQuestion } from './diary.ts'
import { okapiBm25 } from './okapi.ts'

/** Where the right day stands for each question, from 1; infinity where it is not among the first hundred. */
export type Ranks = readonly number[]

/** Share of the questions whose right day is among the first five. */
export function hitsAtFive(ranks: Ranks): number {
  return ranks.filter((rank) => rank <= 5).length / Math.max(1, ranks.length)
}

/** Mean of 1 / rank. */
export function meanReciprocalRank(ranks: Ranks): number {
  return ranks.reduce((sum, rank) => sum + 1 / rank, 0) / Math.max(1, ranks.length)
}

const DEPTH = 100

/** Indexes a diary both ways: hybrid search as it ships by default, and the plain baseline. */
export async function rankDiary(diary: Diary) {
  const embedder = createHashingEmbedder()
  const vectorIndex = await createVectorIndex({ dimensions: embedder.dimensions, model: embedder.id })
  const search = createHybridSearch({ vectorIndex, embedder, keywordIndex: createKeywordIndex() })
  await search.index(diary.entries)
  const baseline = okapiBm25(diary.entries)
  const dateOf = new Map(diary.entries.map((entry) => [entry.id, entry.date]))
  const rankOf = (ids: readonly string[], { dates }: DiaryQuestion): number => {
    const at = ids.findIndex((id) => dates.includes(dateOf.get(id) ?? ''))
    return at === -1 ? Number.POSITIVE_INFINITY : at + 1
  }
  return {
    hybrid: async (questions: readonly DiaryQuestion[]): Promise<Ranks> => {
      const ranks: number[] = []
      for (const question of questions) {
        const hits = await search.search({ query: question.query, limit: DEPTH })
        ranks.push(
          rankOf(
            hits.map((hit) => hit.id),
            question,
          ),
        )
      }
      return ranks
    },
    okapi: (questions: readonly DiaryQuestion[]): Ranks =>
      questions.map((question) => rankOf(baseline.search(question.query, DEPTH), question)),
  }
}
