import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { toBase64Url, toHex } from '../../../../src/core/bytes.ts'
import {
  decodeDeviceCard,
  deviceFingerprint,
  encodeDeviceCard,
  formatDeviceCard,
  parseDeviceCard,
  verifySignature,
} from '../../../../src/relay/session/card.ts'
import { createDeviceIdentity, decodeDeviceIdentity } from '../../../../src/relay/session/identity.ts'
import { labelled } from '../../../../src/relay/session/purpose.ts'
import { createSeededEntropy } from '../../../../src/testkit/seeded-entropy.ts'
import { codeOf } from '../../../helpers/code-of.ts'
import { identityAt } from '../../../helpers/session-world.ts'

const code = (run: () => unknown) => codeOf(Promise.resolve().then(run))

describe('a device identity', () => {
  it('comes back from its secret with the same card', () => {
    const secret = identityAt(0).encodeSecret()
    const again = decodeDeviceIdentity(secret)
    expect(again.card).toEqual(identityAt(0).card)
    expect(again.agree(identityAt(1).card.agreeKey)).toEqual(identityAt(1).agree(identityAt(0).card.agreeKey))
  })

  it('signs for one purpose only', () => {
    const message = Uint8Array.of(1, 2)
    const { card, sign } = identityAt(0)
    expect(verifySignature(card.signKey, labelled('notice', message), sign('notice', message))).toBe(true)
    expect(verifySignature(card.signKey, labelled('statement', message), sign('notice', message))).toBe(false)
    expect(verifySignature(card.signKey, labelled('notice', message), new Uint8Array(3))).toBe(false)
  })

  it('shows its secrets to no log, no JSON and no clone', () => {
    const identity = createDeviceIdentity(createSeededEntropy('shown'))
    const secret = identity.encodeSecret()
    const halves = [secret.subarray(1, 33), secret.subarray(33)]
    const shown = [JSON.stringify(identity), inspect(identity, { depth: 9, showHidden: true }), Object.values(identity).join('\n')]
    for (const text of shown) {
      for (const half of halves) {
        expect(text).not.toContain(toHex(half))
        expect(text).not.toContain(toBase64Url(half))
        expect(text).not.toContain(half.join(','))
        expect(text).not.toContain(half.join(', '))
      }
    }
    expect(() => structuredClone(identity)).toThrow()
  })

  it('does nothing any more once it is forgotten', async () => {
    const identity = createDeviceIdentity(createSeededEntropy('forgotten'))
    identity.forget()
    expect(await code(() => identity.sign('card', new Uint8Array()))).toBe('usage/closed')
    expect(await code(() => identity.agree(identityAt(0).card.agreeKey))).toBe('usage/closed')
    expect(await code(() => identity.encodeSecret())).toBe('usage/closed')
  })

  it('refuses a secret of another length or version', async () => {
    const secret = identityAt(0).encodeSecret()
    expect(await code(() => decodeDeviceIdentity(secret.subarray(0, 64)))).toBe('codec/truncated')
    expect(await code(() => decodeDeviceIdentity(new Uint8Array([...secret, 0])))).toBe('codec/trailing-bytes')
    expect(await code(() => decodeDeviceIdentity(secret.with(0, 2)))).toBe('codec/unknown-version')
  })

  it('agrees with no key of small order', async () => {
    for (const low of [0, 1]) {
      const key = new Uint8Array(32)
      key[0] = low
      expect(await code(() => identityAt(0).agree(key))).toBe('codec/invalid')
    }
  })
})

describe('a device card', () => {
  const { card } = identityAt(0)

  it('is the same after a QR code', () => {
    const text = formatDeviceCard(card)
    expect(parseDeviceCard(text)).toEqual(card)
    expect(text).toMatch(/^locket-device:[A-Za-z0-9_-]{172}$/)
  })

  it('cannot carry another device’s agree key', async () => {
    const forged = encodeDeviceCard({ ...card, agreeKey: identityAt(1).card.agreeKey })
    expect(await code(() => decodeDeviceCard(forged))).toBe('codec/invalid')
  })

  it('is refused in every damaged form', async () => {
    const bytes = encodeDeviceCard(card)
    expect(await code(() => decodeDeviceCard(bytes.subarray(0, 128)))).toBe('codec/truncated')
    expect(await code(() => decodeDeviceCard(new Uint8Array([...bytes, 0])))).toBe('codec/trailing-bytes')
    expect(await code(() => decodeDeviceCard(bytes.with(0, 9)))).toBe('codec/unknown-version')
    for (const at of [1, 20, 40, 64, 70, 128]) {
      expect(await code(() => decodeDeviceCard(bytes.with(at, (bytes[at] as number) ^ 4)))).toBe('codec/invalid')
    }
    expect(await code(() => parseDeviceCard(formatDeviceCard(card).slice(1)))).toBe('codec/invalid')
    expect(await code(() => parseDeviceCard('locket-device:!'))).toBe('codec/invalid')
  })

  it('has a fingerprint of 128 bits that differs from any other', () => {
    expect(deviceFingerprint(card)).toMatch(/^([0-9a-f]{4} ){7}[0-9a-f]{4}$/)
    expect(deviceFingerprint(card)).not.toBe(deviceFingerprint(identityAt(1).card))
  })
})
