import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import excerpt from './diary-excerpt.json' with { type: 'json' }
import questionSets from './diary-questions.json' with { type: 'json' }

export type DiaryEntry = { readonly id: string; readonly date: string; readonly text: string }
export type DiaryQuestion = { readonly id: string; readonly query: string; readonly dates: readonly string[] }
export type Diary = {
  readonly entries: readonly DiaryEntry[]
  /** The twenty questions that come with the diary. */
  readonly questions: readonly DiaryQuestion[]
}

const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url))

function lines<T>(path: string): T[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

/** The whole diary of Samuel Pepys, where it lies beside the repository; `undefined` elsewhere. */
export function loadDiary(): Diary | undefined {
  const entries = beside('../../../shared/data/pepys-diary.jsonl')
  const questions = beside('../../../shared/data/pepys-queries.jsonl')
  if (!existsSync(entries) || !existsSync(questions)) return undefined
  return { entries: lines<DiaryEntry>(entries), questions: lines<DiaryQuestion>(questions) }
}

/** Sixty entries of the diary and the questions they answer: for where the whole is not at hand. */
export function diaryExcerpt(): Diary {
  return { entries: excerpt.entries, questions: excerpt.questions }
}

/**
 * Questions of our own about the whole diary. `tune`: the ranking was tuned on
 * them. `held-out`: never tuned on, but written before the list of related words
 * was. `fresh`: written after everything was settled.
 */
export function ownQuestions(set: 'tune' | 'held-out' | 'fresh'): DiaryQuestion[] {
  return questionSets.filter((question) => question.set === set)
}
