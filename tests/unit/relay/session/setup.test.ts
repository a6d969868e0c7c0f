import { describe, expect, it } from 'vitest'
import {
  assertSetup,
  copySetup,
  decodeSetup,
  differingField,
  encodeSetup,
  MAX_CONTEXT_BYTES,
  setupHash,
  type Party,
  type SessionSetup,
} from '../../../../src/relay/session/setup.ts'
import { codeOf, errorOf } from '../../../helpers/code-of.ts'
import { createSessionWorld, identityAt } from '../../../helpers/session-world.ts'

const { setup } = createSessionWorld(3)
const [first, second, third] = setup.parties as [Party, Party, Party]
const fails = (run: () => unknown) => errorOf(Promise.resolve().then(run))

const impossible: readonly (readonly [keyof SessionSetup, Partial<SessionSetup>])[] = [
  ['ceremonyId', { ceremonyId: new Uint8Array(31) }],
  ['protocol', { protocol: '' }],
  ['protocol', { protocol: 'two words' }],
  ['suite', { suite: 'x'.repeat(65) }],
  ['keyId', { keyId: new Uint8Array(65) }],
  ['epoch', { epoch: -1 }],
  ['epoch', { epoch: 0.5 }],
  ['partyCount', { partyCount: 1 }],
  ['partyCount', { partyCount: 256 }],
  ['threshold', { threshold: 0 }],
  ['threshold', { threshold: 4 }],
  ['parties', { parties: [first] }],
  ['parties', { parties: [] }],
  ['parties', { parties: [first, second, third, { index: 4, card: identityAt(3).card }] }],
  ['parties', { parties: [second, first, third] }],
  ['parties', { parties: [first, { ...second, index: 1 }] }],
  ['parties', { parties: [{ ...first, index: 0 }, second] }],
  ['parties', { parties: [first, { ...second, card: first.card }] }],
  ['parties', { parties: [first, { ...second, card: { ...second.card, agreeKey: first.card.agreeKey } }] }],
  ['parties', { parties: [first, { ...second, card: { ...second.card, signKey: first.card.signKey } }] }],
  ['parties', { parties: [first, { ...second, card: { ...second.card, signKey: new Uint8Array(31) } }] }],
  ['context', { context: new Uint8Array(MAX_CONTEXT_BYTES + 1) }],
  ['expiresAtMs', { expiresAtMs: Number.POSITIVE_INFINITY }],
]

const others: Partial<SessionSetup> = {
  ceremonyId: new Uint8Array(32),
  protocol: 'sign',
  suite: 'toy-2',
  keyId: new Uint8Array(3),
  epoch: 4,
  threshold: 3,
  partyCount: 4,
  parties: [first, second],
  context: new Uint8Array(),
  expiresAtMs: setup.expiresAtMs + 1,
}

describe('a setup', () => {
  it('is the same after encoding', () => {
    expect(encodeSetup(decodeSetup(encodeSetup(setup)))).toEqual(encodeSetup(setup))
    expect(differingField(decodeSetup(encodeSetup(setup)), setup)).toBeUndefined()
  })

  it.each(impossible)('is refused, naming %s', async (field, change) => {
    const error = await fails(() => assertSetup({ ...setup, ...change }))
    expect([error.code, error.details]).toEqual(['session/invalid-setup', { field }])
  })

  it('differs from another in the field that differs, and in its hash', () => {
    for (const [field, value] of Object.entries(others)) {
      const other = { ...setup, [field]: value }
      expect(differingField(setup, other)).toBe(field)
      expect(setupHash(other)).not.toEqual(setupHash(setup))
    }
  })

  it('is not changed by what the caller does to its buffers', () => {
    const own = { ...setup, context: setup.context.slice() }
    const copy = copySetup(own)
    own.context.fill(9)
    expect(setupHash(copy)).toEqual(setupHash(setup))
  })

  it('is refused when encoded by a later version, cut short or continued', async () => {
    const bytes = encodeSetup(setup)
    expect((await fails(() => decodeSetup(bytes.with(0, 2)))).code).toBe('codec/unknown-version')
    expect(await codeOf(Promise.resolve().then(() => decodeSetup(bytes.subarray(0, -1))))).toBe('codec/truncated')
    expect(await codeOf(Promise.resolve().then(() => decodeSetup(new Uint8Array([...bytes, 0]))))).toBe('codec/trailing-bytes')
  })
})
