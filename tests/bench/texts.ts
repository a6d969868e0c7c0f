import { diaryExcerpt, loadDiary, ownQuestions } from '../helpers/diary.ts'

/** `count` texts of exactly `lengthUnits` ASCII characters, cut from the diary one after the other; from its start again at its end. */
export function diaryTexts({ count, lengthUnits }: { readonly count: number; readonly lengthUnits: number }): string[] {
  const whole = (loadDiary() ?? diaryExcerpt()).entries
    .map(({ text }) => text)
    .join(' ')
    .replaceAll(/[^\x20-\x7e]/g, ' ')
  const enough = whole.repeat(Math.ceil((count * lengthUnits) / whole.length))
  return Array.from({ length: count }, (_, i) => enough.slice(i * lengthUnits, (i + 1) * lengthUnits))
}

/** The entries of the diary cut at sentence ends into pieces of at most `limitUnits`, the length of a note a person would keep. */
export function diaryPieces(limitUnits: number): string[] {
  return (loadDiary() ?? diaryExcerpt()).entries.flatMap(({ text }) => {
    const pieces: string[] = []
    for (const sentence of text.split(/(?<=[.;:,]) /)) {
      const last = pieces.at(-1)
      if (last === undefined || last.length + sentence.length >= limitUnits) pieces.push(sentence.slice(0, limitUnits))
      else pieces[pieces.length - 1] = `${last} ${sentence}`
    }
    return pieces
  })
}

/** What the benches in a page work on: they cannot read files. */
export async function pageData(): Promise<{ readonly texts: readonly string[]; readonly questions: readonly string[] }> {
  const pieces = diaryPieces(600)
  const wanted = 10_000
  const texts = Array.from({ length: wanted }, (_, i) => {
    const piece = pieces[Math.floor((i * Math.max(pieces.length, wanted)) / wanted) % pieces.length] as string
    return i < pieces.length ? piece : `${piece} (${i})`
  })
  const questions = [...(loadDiary() ?? diaryExcerpt()).questions, ...ownQuestions('tune'), ...ownQuestions('held-out')].map(
    ({ query }) => query,
  )
  return { texts, questions }
}
