import { describe, expect, it } from 'vitest'
import { createAnalyzer } from '../../../src/embed/analyzer.ts'
import { createStemmer } from '../../../src/embed/stem.ts'

const stem = createStemmer()

describe('createStemmer', () => {
  it.each([
    ['experiments', 'experiment'],
    ['cheerfully', 'cheerful'],
    ['executed', 'execution'],
    ['houses', 'house'],
    ['hopping', 'hopped'],
    ['hoping', 'hoped'],
    ['stories', 'story'],
    ['crosses', 'cross'],
    ['happiness', 'happy'],
    ['colours', 'color'],
    ['organise', 'organized'],
    ['theatre', 'theaters'],
    ['musique', 'music'],
    ['musick', 'music'],
    ['drank', 'drink'],
    ['wives', 'wife'],
    ['children', 'child'],
    ['lying', 'lie'],
  ])('joins %s and %s', (a, b) => {
    expect(stem(a)).toBe(stem(b))
  })

  it.each([
    ['news', 'new'],
    ['general', 'generous'],
    ['wine', 'wind'],
    ['sing', 's'],
    ['university', 'universal'],
    ['king', 'k'],
  ])('keeps %s and %s apart', (a, b) => {
    expect(stem(a)).not.toBe(stem(b))
  })

  it.each(['tea', 'eye', 'über', 'москва', '東京', '1666', 'x86', ''])('leaves %j as it is', (word) => {
    expect(stem(word)).toBe(word)
  })
})

describe('createAnalyzer', () => {
  it('marks function words and stems the rest', () => {
    expect(createAnalyzer()('The dogs of the King')).toEqual([
      { text: 'the', word: 'the', isFunctionWord: true },
      { text: 'dog', word: 'dogs', isFunctionWord: false },
      { text: 'of', word: 'of', isFunctionWord: true },
      { text: 'the', word: 'the', isFunctionWord: true },
      { text: 'king', word: 'king', isFunctionWord: false },
    ])
  })

  it('never marks one text both ways, and gives the same after its memory is full', () => {
    const analyze = createAnalyzer()
    const before = analyze('experiments with dogs')
    analyze(Array.from({ length: 60_000 }, (_, i) => `w${i.toString(36)}`).join(' '))
    expect(analyze('experiments with dogs')).toEqual(before)
  })
})
