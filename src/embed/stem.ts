import { irregularForms } from './irregular-forms.ts'

/** Reduces an English word to its stem; leaves everything else as it is. */
export type Stemmer = (word: string) => string

/**
 * A stemmer for English after Porter's suffix-stripping algorithm (M. F. Porter,
 * "An algorithm for suffix stripping", Program 14(3), 1980), with irregular
 * forms (`drank` is `drink`) and the spellings in -our, -ise, -re and -ick
 * folded first.
 *
 * Only words of the letters a to z, four or longer, are touched. In other
 * languages with these letters it may join a few words that differ; as texts and
 * questions pass through the same function, it never makes a word unfindable.
 */
export function createStemmer(): Stemmer {
  const irregular = irregularForms()
  return (word) => {
    const regular = irregular.get(word)
    if (regular !== undefined) return porter(regular)
    return porter(word)
  }
}

function porter(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word
  let stem = spelling(word)
  stem = plural(stem)
  stem = participle(stem)
  if (stem.length > 2 && stem.endsWith('y') && hasVowel(stem.slice(0, -1))) stem = `${stem.slice(0, -1)}i`
  stem = derivation(stem)
  return finalE(stem)
}

function spelling(word: string): string {
  if (word.length > 5) {
    const our = /^(.{2,}[^aeiou])our(s|ed|ing|able|ful|ite|less)?$/.exec(word)
    if (our !== null) return `${our[1]}or${our[2] ?? ''}`
    const ise = /^(.{3,})(is)(e|es|ed|ing|ation|ations)$/.exec(word)
    if (ise !== null) return `${ise[1]}iz${ise[3]}`
    const re = /^(.+[bt])re(s)?$/.exec(word)
    if (re !== null) return `${re[1]}er${re[2] ?? ''}`
    const ick = /^(.{3,}i)(ck|que)(s)?$/.exec(word)
    if (ick !== null) return `${ick[1]}c${ick[3] ?? ''}`
  }
  return word
}

function plural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2)
  if (word.endsWith('ies')) return word.length > 4 ? word.slice(0, -2) : word.slice(0, -1)
  if (/(?:x|ch|sh|zz)es$/.test(word)) return word.slice(0, -2)
  if (word.endsWith('s') && !/(?:ss|us|is)$/.test(word) && word !== 'news') return word.slice(0, -1)
  return word
}

function participle(word: string): string {
  if (word.endsWith('eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word
  let stem = word
  if (word.endsWith('edly')) stem = word.slice(0, -4)
  else if (word.endsWith('ingly')) stem = word.slice(0, -5)
  else if (word.endsWith('ed')) stem = word.slice(0, -2)
  else if (word.endsWith('ing')) stem = word.slice(0, -3)
  if (stem === word || !hasVowel(stem)) return word
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`
  if (/([^aeioulsz])\1$/.test(stem)) return stem.slice(0, -1)
  if (measure(stem) === 1 && endsShort(stem)) return `${stem}e`
  return stem
}

const DERIVATIONS: readonly (readonly [suffix: string, replacement: string, atLeast: number])[] = [
  ['ational', 'ate', 1],
  ['ization', 'ize', 1],
  ['fulness', '', 1],
  ['ousness', 'ous', 1],
  ['iveness', 'ive', 1],
  ['tional', 'tion', 1],
  ['biliti', 'ble', 1],
  ['fulli', '', 1],
  ['ousli', 'ous', 1],
  ['entli', 'ent', 1],
  ['ation', 'ate', 1],
  ['aliti', 'al', 1],
  ['iviti', 'ive', 1],
  ['alism', 'al', 1],
  ['alli', 'al', 1],
  ['ator', 'ate', 1],
  ['enci', 'ence', 1],
  ['anci', 'ance', 1],
  ['izer', 'ize', 1],
  ['abli', 'able', 1],
  ['bli', 'ble', 1],
  ['eli', 'e', 1],
  ['li', '', 1],
]

const ENDINGS: readonly (readonly [suffix: string, replacement: string, atLeast: number])[] = [
  ['icate', 'ic', 1],
  ['ative', '', 2],
  ['alize', 'al', 1],
  ['iciti', 'ic', 1],
  ['ical', 'ic', 1],
  ['ness', '', 1],
  ['ful', '', 1],
  ['ement', '', 2],
  ['ance', '', 2],
  ['ence', '', 2],
  ['able', '', 2],
  ['ible', '', 2],
  ['ment', '', 2],
  ['ant', '', 2],
  ['ent', '', 2],
  ['ism', '', 2],
  ['ate', '', 2],
  ['iti', '', 2],
  ['ous', '', 2],
  ['ive', '', 2],
  ['ize', '', 2],
  ['al', '', 2],
  ['er', '', 2],
  ['ic', '', 2],
]

function derivation(word: string): string {
  let stem = strip(word, DERIVATIONS)
  stem = strip(stem, ENDINGS)
  if (/[st]ion$/.test(stem) && measure(stem.slice(0, -3)) > 1) stem = stem.slice(0, -3)
  return stem
}

/** Stems that unlike words would share (`general`, `generous`): their endings stay. Porter's later stemmer has such exceptions too. */
const AMBIGUOUS = /^(?:gener|commun|univers|organ)$/

function strip(word: string, table: typeof DERIVATIONS): string {
  for (const [suffix, replacement, atLeast] of table) {
    if (!word.endsWith(suffix)) continue
    const stem = word.slice(0, -suffix.length)
    return measure(stem) >= atLeast && !AMBIGUOUS.test(stem + replacement) ? stem + replacement : word
  }
  return word
}

function finalE(word: string): string {
  if (word.endsWith('e')) {
    const stem = word.slice(0, -1)
    const m = measure(stem)
    if (m > 1 || (m === 1 && !endsShort(stem))) return stem
  }
  return word.endsWith('ll') && measure(word) > 1 ? word.slice(0, -1) : word
}

function isVowelAt(word: string, at: number): boolean {
  const letter = word.charAt(at)
  if (letter === 'y') return at > 0 && !isVowelAt(word, at - 1)
  return letter === 'a' || letter === 'e' || letter === 'i' || letter === 'o' || letter === 'u'
}

function hasVowel(word: string): boolean {
  for (let i = 0; i < word.length; i++) if (isVowelAt(word, i)) return true
  return false
}

/** Porter's m: how many times a run of vowels is followed by a run of consonants. */
function measure(word: string): number {
  let count = 0
  let afterVowel = false
  for (let i = 0; i < word.length; i++) {
    const vowel = isVowelAt(word, i)
    if (afterVowel && !vowel) count++
    afterVowel = vowel
  }
  return count
}

/** Consonant, vowel, consonant other than w, x, y: such a stem keeps or regains its e (`hop(e)`). */
function endsShort(word: string): boolean {
  const n = word.length
  return n >= 3 && !isVowelAt(word, n - 3) && isVowelAt(word, n - 2) && !isVowelAt(word, n - 1) && !/[wxy]$/.test(word)
}
