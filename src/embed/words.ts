/** Longest word kept, in UTF-16 units; what follows is cut off. Keeps a megabyte without spaces from becoming one term. */
const MAX_WORD_UNITS = 40

// Scripts written without spaces between words: Han, kana, and the South-East Asian ones.
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const UNSPACED_RUNS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{M}]+/gu

/**
 * The words of a text, lower-case and without Latin, Greek or Cyrillic accents,
 * in order.
 *
 * Any string is accepted: lone surrogates, control characters and punctuation
 * separate words and never throw. Compatibility forms fold together (NFKC), so
 * full-width letters and ligatures match plain ones. What an apostrophe cuts off
 * with a single letter is dropped (`father's` is `father`, `o'clock` is
 * `clock`). Scripts without spaces give each character and each pair of
 * neighbours, because cutting them into words needs a dictionary that differs
 * between platforms. A pictograph is a word. Time is linear in the length.
 */
export function words(text: string): string[] {
  const out: string[] = []
  const folded = fold(text)
  for (const match of folded.matchAll(/[\p{L}\p{N}\p{M}]+(?:['’ʼ][\p{L}\p{N}\p{M}]+)*|\p{Extended_Pictographic}/gu)) {
    const word = match[0]
    if (isAscii(word)) pushSpaced(word, out)
    else if (UNSPACED.test(word)) pushMixed(word, out)
    else pushSpaced(word, out)
  }
  return out
}

function fold(text: string): string {
  if (isAscii(text)) return text.toLowerCase()
  return text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .replaceAll('ß', 'ss')
    .replaceAll('æ', 'ae')
    .replaceAll('œ', 'oe')
    .replaceAll('ø', 'o')
    .replaceAll('ł', 'l')
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text)
}

function pushSpaced(word: string, out: string[]): void {
  if (!/['’ʼ]/.test(word)) {
    out.push(cut(word))
    return
  }
  for (const piece of word.split(/['’ʼ]/)) {
    if (piece.length > 1) out.push(cut(piece))
  }
}

function pushMixed(word: string, out: string[]): void {
  let end = 0
  for (const match of word.matchAll(UNSPACED_RUNS)) {
    if (match.index > end) pushSpaced(word.slice(end, match.index), out)
    pushPairs(match[0], out)
    end = match.index + match[0].length
  }
  if (end < word.length) pushSpaced(word.slice(end), out)
}

/** `東京都` gives 東, 東京, 京, 京都, 都. A mark stays with the character it belongs to. */
function pushPairs(run: string, out: string[]): void {
  let previous = ''
  for (const [character] of run.matchAll(/\P{M}\p{M}{0,4}|\p{M}/gu)) {
    if (previous !== '') out.push(previous + character)
    out.push(character)
    previous = character
  }
}

function cut(word: string): string {
  if (word.length <= MAX_WORD_UNITS) return word
  const head = word.slice(0, MAX_WORD_UNITS)
  // Never end in half a surrogate pair.
  return /[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head
}
