import { describe, expect, it } from 'vitest'
import { checkVectors } from '../../../src/embed/check-vectors.ts'

const expected = { count: 2, dimensions: 3, embedderId: 'test' }
const good = () => [Float32Array.of(1, 0, 0), Float32Array.of(0, 0.5, 0)]

describe('checkVectors', () => {
  it('returns good vectors as they are', () => {
    const vectors = good()
    expect(checkVectors(vectors, expected)).toBe(vectors)
  })

  it.each([
    ['too few', () => good().slice(1)],
    ['too many', () => [...good(), Float32Array.of(1, 1, 1)]],
    ['a short one', () => [Float32Array.of(1, 0), ...good().slice(1)]],
    ['a long one', () => [Float32Array.of(1, 0, 0, 0), ...good().slice(1)]],
    ['NaN', () => [Float32Array.of(1, Number.NaN, 0), ...good().slice(1)]],
    ['infinity', () => [Float32Array.of(1, Number.NEGATIVE_INFINITY, 0), ...good().slice(1)]],
    ['zeros', () => [Float32Array.of(0, -0, 0), ...good().slice(1)]],
  ])('refuses %s', (_, vectors) => {
    expect(() => checkVectors(vectors(), expected)).toThrow(expect.objectContaining({ code: 'embed/failed' }))
  })
})
