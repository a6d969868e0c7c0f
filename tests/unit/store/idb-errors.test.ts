import { describe, expect, it } from 'vitest'
import { LocketError } from '../../../src/core/errors.ts'
import { fromIdbError, isConnectionLost } from '../../../src/store/idb-errors.ts'

describe('fromIdbError', () => {
  it.each([
    ['QuotaExceededError', '', 'store/quota'],
    ['InvalidStateError', 'The database connection is closing.', 'store/closed'],
    ['AbortError', 'The transaction was aborted.', 'store/aborted'],
    ['VersionError', '', 'codec/unknown-version'],
    ['NotReadableError', '', 'store/corrupt'],
    ['DataError', 'Failed to read large IndexedDB value', 'store/corrupt'],
    ['UnknownError', 'Internal error: disk full.', 'store/quota'],
    ['UnknownError', 'Connection to Indexed Database server lost. Refresh the page to try again', 'store/closed'],
    ['UnknownError', 'Internal error opening backing store for indexedDB.open.', 'store/unavailable'],
  ])('takes %s "%s" for %s', (name, message, code) => {
    const cause = new DOMException(message, name)
    expect(fromIdbError(cause, 'store.get')).toMatchObject({ code, operation: 'store.get', cause, details: { reason: name } })
  })

  it('leaves an error of ours as it is', () => {
    const ours = new LocketError('store/blocked', { operation: 'store.openIdb' })
    expect(fromIdbError(ours, 'store.get')).toBe(ours)
  })

  it('calls a connection lost only when a new one can help', () => {
    expect(isConnectionLost(fromIdbError(new DOMException('', 'InvalidStateError'), 'store.get'))).toBe(true)
    expect(isConnectionLost(fromIdbError(new DOMException('', 'AbortError'), 'store.get'))).toBe(false)
  })
})
