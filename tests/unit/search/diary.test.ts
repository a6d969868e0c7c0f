import { describe, expect, it } from 'vitest'
import { diaryExcerpt, loadDiary, ownQuestions } from '../../helpers/diary.ts'
import { hitsAtFive, meanReciprocalRank, rankDiary } from '../../helpers/diary-ranks.ts'

// The whole diary lies beside the repository on some machines only; the suite's name says which was searched.
const whole = loadDiary()
const diary = whole ?? diaryExcerpt()

describe(`searching ${whole === undefined ? 'an excerpt of a diary, as the whole is not at hand' : 'a whole diary'}`, () => {
  it('has the right day among the first five for 95 of 100 questions and is never below BM25 in the same run', async () => {
    const { hybrid, okapi } = await rankDiary(diary)
    const ranks = await hybrid(diary.questions)
    const plain = okapi(diary.questions)
    expect(ranks).toHaveLength(whole === undefined ? 13 : 20)
    expect(hitsAtFive(ranks)).toBeGreaterThanOrEqual(0.95)
    expect(hitsAtFive(ranks)).toBeGreaterThanOrEqual(hitsAtFive(plain))
    expect(meanReciprocalRank(ranks)).toBeGreaterThanOrEqual(meanReciprocalRank(plain))

    // Our own questions are about the whole; on the excerpt the given ones are all there is to ask.
    const own = whole === undefined ? [] : (['tune', 'held-out', 'fresh'] as const)
    const targets = { tune: 0.85, 'held-out': 0.95, fresh: 0.75 }
    for (const set of own) {
      const questions = ownQuestions(set)
      const ours = await hybrid(questions)
      expect(hitsAtFive(ours)).toBeGreaterThanOrEqual(targets[set])
      expect(hitsAtFive(ours)).toBeGreaterThan(hitsAtFive(okapi(questions)))
      expect(meanReciprocalRank(ours)).toBeGreaterThan(meanReciprocalRank(okapi(questions)))
    }
  })

  it('has the right day first for every question about sixty entries', async () => {
    const excerpt = diaryExcerpt()
    const { hybrid } = await rankDiary(excerpt)
    expect(meanReciprocalRank(await hybrid(excerpt.questions))).toBe(1)
  })
})
