import { describe, expect, it } from 'vitest'
import { ERROR_TABLE, type ErrorCode } from '../../../src/core/error-codes.ts'
import { isLocketError, LocketError } from '../../../src/core/errors.ts'

const thrown = new LocketError('walrus/too-large', {
  operation: 'walrus.pack',
  message: 'patch 3 is too large',
  details: { limitBytes: 10 },
  cause: new Error('inner'),
})

describe('LocketError', () => {
  it.each(Object.keys(ERROR_TABLE) as ErrorCode[])('says what %s means, whether to try again and what to do', (code) => {
    const error = new LocketError(code, { operation: 'test.run' })
    const { meaning, retry, remedy } = ERROR_TABLE[code]
    expect(error).toMatchObject({ name: 'LocketError', code, operation: 'test.run', retry, remedy, message: `${meaning} (${code})` })
  })

  it('comes back whole from JSON and from structuredClone', () => {
    for (const wire of [JSON.parse(JSON.stringify(thrown)), structuredClone(thrown.toJSON())]) {
      const again = LocketError.fromWire(wire)
      expect(again).toMatchObject({
        code: 'walrus/too-large',
        operation: 'walrus.pack',
        message: thrown.message,
        details: { limitBytes: 10 },
        retry: 'never',
      })
      expect(isLocketError(again, 'walrus/too-large')).toBe(true)
    }
  })

  it('does not carry its cause over the wire', () => {
    expect(JSON.stringify(thrown)).not.toContain('inner')
    expect(thrown.cause).toMatchObject({ message: 'inner' })
  })

  it('cannot be altered through its details', () => {
    expect(Object.isFrozen(thrown.details)).toBe(true)
  })
})

describe('isLocketError', () => {
  it('knows an error of another copy of the package by its brand', () => {
    const foreign = Object.assign(new Error('from elsewhere'), { code: 'usage/closed', [Symbol.for('@locket/sdk/error')]: true })
    expect(isLocketError(foreign, 'usage/closed')).toBe(true)
    expect(isLocketError(foreign, 'usage/wrong-state')).toBe(false)
  })

  it('does not take anything else for one', () => {
    for (const other of [undefined, null, 'usage/closed', new Error('no'), { code: 'usage/closed', name: 'LocketError' }]) {
      expect(isLocketError(other)).toBe(false)
    }
  })
})
