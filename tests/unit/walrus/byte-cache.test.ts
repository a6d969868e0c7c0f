import { describe, expect, it } from 'vitest'
import { createByteCache } from '../../../src/walrus/byte-cache.ts'
import { codeOf } from './helpers.ts'

describe('createByteCache', () => {
  it('gives copies of what it was given to keep', () => {
    const cache = createByteCache({ limitBytes: 10_000 })
    cache.set('a', new Uint8Array([1, 2, 3]))
    const first = cache.get('a')!
    first[1] = 9
    expect(cache.get('a')).toEqual(new Uint8Array([1, 2, 3]))
    expect(cache.get('b')).toBeUndefined()
  })

  it('drops the least recently used first and stays within its bytes', () => {
    const cache = createByteCache({ limitBytes: 3 * (1_000 + 128 + 2) })
    for (const key of ['a', 'b', 'c']) cache.set(key, new Uint8Array(1_000))
    cache.get('a')
    cache.set('d', new Uint8Array(1_000))
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c', 'd'])
    expect(cache.sizeBytes).toBeLessThanOrEqual(3 * 1_130)
  })

  it('does not keep what is larger than the whole cache, and forgets the older value under that key', () => {
    const cache = createByteCache({ limitBytes: 500 })
    cache.set('a', new Uint8Array(10))
    cache.set('a', new Uint8Array(1_000))
    expect(cache.get('a')).toBeUndefined()
    expect(cache.sizeBytes).toBe(0)
  })

  it('counts replaced, deleted and cleared entries', () => {
    const cache = createByteCache({ limitBytes: 10_000 })
    cache.set('a', new Uint8Array(100))
    cache.set('a', new Uint8Array(50))
    expect(cache.sizeBytes).toBe(50 + 128 + 2)
    cache.delete('a')
    cache.delete('a')
    expect(cache.sizeBytes).toBe(0)
    cache.set('b', new Uint8Array(1))
    cache.clear()
    expect(cache.sizeBytes).toBe(0)
  })

  it('holds a million empty entries to its limit too', () => {
    const cache = createByteCache({ limitBytes: 1_000 })
    for (let i = 0; i < 1_000; i++) cache.set(String(i), new Uint8Array(0))
    expect(cache.sizeBytes).toBeLessThanOrEqual(1_000)
  })

  it.each([-1, Number.NaN])('refuses a limit of %s', (limitBytes) => {
    expect(codeOf(() => createByteCache({ limitBytes }))).toBe('usage/invalid-argument')
  })
})
