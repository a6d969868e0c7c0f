import { describe, expect, it } from 'vitest'
import { words } from '../../../src/embed/words.ts'

describe('words', () => {
  it('lower-cases and splits at everything that is not a letter or digit', () => {
    expect(words('Red-hot TONGS, at 2 in the morning!')).toEqual(['red', 'hot', 'tongs', 'at', '2', 'in', 'the', 'morning'])
  })

  it('drops single letters cut off by straight and curly apostrophes', () => {
    expect(words("father’s o'clock don't l’eau")).toEqual(['father', 'clock', 'don', 'eau'])
  })

  it('folds accents, compatibility forms and case across scripts', () => {
    expect(words('Café CAFE\u0301 ﬁre Ｆｕｌｌ Straße ΆΘΗΝΑ ёлка İzmir')).toEqual([
      'cafe',
      'cafe',
      'fire',
      'full',
      'strasse',
      'αθηνα',
      'елка',
      'izmir',
    ])
  })

  it('keeps the marks of scripts whose vowels are marks', () => {
    expect(words('हिन्दी தமிழ் עִבְרִית')).toEqual(['हिन्दी', 'தமிழ்', 'עִבְרִית'])
  })

  it('gives characters and neighbouring pairs in scripts without spaces', () => {
    expect(words('東京都')).toEqual(['東', '東京', '京', '京都', '都'])
    expect(words('iPhone値段10円')).toEqual(['iphone', '値', '値段', '段', '10', '円'])
    expect(words('がく')).toEqual(['が', 'がく', 'く'])
    expect(words('สวัสดี').length).toBeGreaterThan(3)
  })

  it('takes a pictograph for a word', () => {
    expect(words('party 🎂🎉 today')).toEqual(['party', '🎂', '🎉', 'today'])
  })

  it.each([
    ['nothing', ''],
    ['punctuation', ' .,;:!?—“” \t\n'],
    ['lone surrogates', '\ud800 \udc00\udfff'],
    ['control characters', '\u0000\u0001\u001f\u007f'],
  ])('finds no word in %s', (_, text) => {
    expect(words(text)).toEqual([])
  })

  it('separates words at lone surrogates and NUL', () => {
    expect(words('tea\ud800china\u0000cup')).toEqual(['tea', 'china', 'cup'])
  })

  it('cuts a word without end, never within a surrogate pair', () => {
    expect(words('a'.repeat(10 * 1024 * 1024))).toEqual(['a'.repeat(40)])
    const [cut] = words(`a${'𐐨'.repeat(1000)}`)
    expect(cut).toHaveLength(39)
    expect(cut).not.toMatch(/[\ud800-\udbff]$/)
  })

  it('reads ten megabytes of prose, of noise and of Han', () => {
    expect(words('my wife and I '.repeat(750_000))).toHaveLength(3_000_000)
    const noise = Array.from({ length: 65_536 }, (_, i) => String.fromCharCode(i)).join('')
    expect(words(noise.repeat(20)).length).toBeGreaterThan(1000)
    expect(words('東'.repeat(1_000_000))).toHaveLength(1_999_999)
  })
})
