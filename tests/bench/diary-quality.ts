import { diaryExcerpt, loadDiary, ownQuestions, type DiaryQuestion } from '../helpers/diary.ts'
import { hitsAtFive, meanReciprocalRank, rankDiary } from '../helpers/diary-ranks.ts'

export type Row = {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Plain Okapi BM25 in the same run. */
  readonly baseline: number
  readonly target: number
  readonly met: boolean
}

const row = (name: string, unit: string, value: number, baseline: number, target: number): Row => ({
  name,
  value,
  unit,
  baseline,
  target,
  met: value >= target && value >= baseline,
})

/**
 * How often the right day of a diary is among the first five hits, and how high
 * it stands, beside plain Okapi BM25. Without the whole diary beside the
 * repository it measures a built-in excerpt, and each row's name says so.
 */
export async function benchDiaryQuality(): Promise<Row[]> {
  const whole = loadDiary()
  const diary = whole ?? diaryExcerpt()
  const { hybrid, okapi } = await rankDiary(diary)
  const measure = async (name: string, questions: readonly DiaryQuestion[], targetHits: number): Promise<Row[]> => {
    const ours = await hybrid(questions)
    const plain = okapi(questions)
    return [
      row(`${name}: right day in the first five`, `share of ${questions.length}`, hitsAtFive(ours), hitsAtFive(plain), targetHits),
      row(`${name}: mean reciprocal rank`, 'mean of 1/rank', meanReciprocalRank(ours), meanReciprocalRank(plain), 0.7),
    ]
  }
  if (whole === undefined) return measure(`diary, excerpt of ${diary.entries.length} entries`, diary.questions, 0.95)
  const scope = `diary, ${diary.entries.length} entries`
  return [
    ...(await measure(`${scope}, given questions`, diary.questions, 0.95)),
    ...(await measure(`${scope}, own questions, held out from tuning`, ownQuestions('held-out'), 0.95)),
    ...(await measure(`${scope}, own questions, written last`, ownQuestions('fresh'), 0.75)),
  ]
}
