import { diaryExcerpt, loadDiary } from '../helpers/diary.ts'

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
