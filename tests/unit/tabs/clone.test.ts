import { describe, expect, it } from 'vitest'
import { isLocketError, LocketError } from '../../../src/core/errors.ts'
import { fromCloneable, toCloneable } from '../../../src/tabs/clone.ts'

const carry = (value: unknown) => fromCloneable(structuredClone(toCloneable(value)))

describe('what is carried between tabs', () => {
  it('is the same value, with errors of ours whole wherever they are', () => {
    const error = new LocketError('store/quota', { operation: 'store.put', message: 'full', details: { quotaBytes: 5 } })
    const value = { list: [1n, 'a', undefined, null, Number.NaN], outcome: [{ ok: false, error }], bytes: Uint8Array.of(1), flag: true }
    const carried = carry(value) as typeof value
    expect({ ...carried, outcome: [] }).toEqual({ ...value, outcome: [] })
    const arrived = carried.outcome[0]?.error
    expect(isLocketError(arrived, 'store/quota')).toBe(true)
    expect(arrived).toMatchObject({ operation: 'store.put', message: 'full (store/quota)', details: { quotaBytes: 5 }, retry: 'ask-user' })
  })

  it('holds no more of a buffer than its view shows', () => {
    const [bytes, vector] = carry([new Uint8Array(1_000).subarray(3, 5), new Float32Array(1_000).subarray(0, 2)]) as [
      Uint8Array,
      Float32Array,
    ]
    expect([bytes.buffer.byteLength, vector.buffer.byteLength]).toEqual([2, 8])
  })

  it('is null where it cannot be sent, and ends where a value contains itself', () => {
    const circle: { inner?: unknown } = {}
    circle.inner = circle
    expect(carry([() => 1, Symbol('x'), new DataView(new ArrayBuffer(9), 3)])).toEqual([null, null, null])
    expect(JSON.stringify(carry(circle))).toBe('{"inner":'.repeat(8) + 'null' + '}'.repeat(8))
  })

  it('keeps keys that an assignment would lose, and does not take a number for an error', () => {
    const counts = Object.fromEntries([
      ['__proto__', 1],
      ['lockets', 2],
    ])
    expect(Object.entries(carry(counts) as object)).toEqual(Object.entries(counts))
  })

  it('does not believe a code that is not in the table', () => {
    const forged = { lockets: { name: 'LocketError', code: 'constructor', operation: 'x', message: 'y', details: {} } }
    expect(isLocketError(fromCloneable(forged), 'worker/failed')).toBe(true)
  })
})
