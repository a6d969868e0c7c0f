import { describe, expect, it, vi } from 'vitest'
import { toBase64Url, toHex, utf8, type Bytes } from '../../src/core/bytes.ts'
import { randomBytes } from '../../src/core/capabilities.ts'
import { isLocketError, LocketError } from '../../src/core/errors.ts'
import { decodeDeviceCard, encodeDeviceCard, formatDeviceCard, parseDeviceCard } from '../../src/relay/session/card.ts'
import { parsePairingInvite } from '../../src/relay/session/invite.ts'
import { decodeEvidence, encodeEvidence } from '../../src/relay/session/evidence.ts'
import { decodeFrame, encodeFrame, KIND } from '../../src/relay/session/frame.ts'
import { decodeDeviceIdentity } from '../../src/relay/session/identity.ts'
import { decodeMessage, encodeMessage } from '../../src/relay/session/message.ts'
import { decodeNotice, encodeNotice } from '../../src/relay/session/notice.ts'
import { decodeResult, encodeResult } from '../../src/relay/session/result.ts'
import { decodeSetup, encodeSetup } from '../../src/relay/session/setup.ts'
import { decodeStatement, encodeStatement } from '../../src/relay/session/statement.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'
import { createSessionWorld, identityAt } from '../helpers/session-world.ts'

// Decoders that verify signatures would take hours with the real curves, and refuse all that is damaged for that alone.
vi.mock('@noble/curves/ed25519.js', () => import('../helpers/toy-curves.ts'))

const INVITE_PREFIX = 'locket-pair:'
/** Text of any bytes, one character each. */
const latin1 = (input: Uint8Array): string => Array.from(input, (byte) => String.fromCharCode(byte)).join('')

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 20_000)
const entropy = createSeededEntropy('session fuzz')
const bytes = (length: number): Bytes => randomBytes(entropy, length)
const signature = bytes(64)
const sign = () => signature

const statement = {
  context: bytes(32),
  kind: KIND.round,
  step: 2,
  sender: 3,
  echo: bytes(32),
  broadcast: bytes(32),
  directs: [
    { party: 1, commitment: bytes(32) },
    { party: 2, commitment: bytes(32) },
  ],
}
const signed = { bytes: encodeStatement(statement), signature }

const result = { context: bytes(32), sessionId: bytes(32), party: 1, result: bytes(70) }

type Codec = { readonly name: string; readonly sample: Bytes; decodeAgain(bytes: Uint8Array): Bytes }
const codecs: readonly Codec[] = [
  { name: 'setup', sample: encodeSetup(createSessionWorld(3).setup), decodeAgain: (input) => encodeSetup(decodeSetup(input)) },
  { name: 'statement', sample: signed.bytes, decodeAgain: (input) => encodeStatement(decodeStatement(input)) },
  {
    name: 'message',
    sample: encodeMessage({ signed, broadcast: utf8('to all'), salt: bytes(32), direct: utf8('to one') }),
    decodeAgain: (input) => encodeMessage(decodeMessage(input)),
  },
  {
    name: 'evidence',
    sample: encodeEvidence({ first: signed, second: { ...signed, bytes: encodeStatement({ ...statement, sender: 4 }) } }),
    decodeAgain: (input) => encodeEvidence(decodeEvidence(input)),
  },
  {
    name: 'notice',
    sample: encodeNotice({ context: bytes(32), sender: 2, reason: 'disagreement', view: [signed, signed] }, sign),
    decodeAgain(input) {
      let kept: Uint8Array = signature
      const notice = decodeNotice(input, (_, given) => {
        kept = given
        return true
      })
      return encodeNotice(notice as NonNullable<typeof notice>, () => kept)
    },
  },
  {
    name: 'result',
    sample: encodeResult(result, (body) => identityAt(0).sign('result', body)),
    decodeAgain(input) {
      const found = decodeResult(input, { index: 1, card: identityAt(0).card })
      if (found === undefined) throw new LocketError('codec/invalid', { operation: 'test' })
      return encodeResult(found, (body) => identityAt(0).sign('result', body))
    },
  },
  { name: 'card', sample: encodeDeviceCard(identityAt(0).card), decodeAgain: (input) => encodeDeviceCard(decodeDeviceCard(input)) },
  {
    name: 'card in text',
    sample: utf8(formatDeviceCard(identityAt(0).card)),
    decodeAgain: (input) => utf8(formatDeviceCard(parseDeviceCard(latin1(input)))),
  },
  {
    name: 'pairing invitation',
    sample: utf8(INVITE_PREFIX + toBase64Url(bytes(16))),
    decodeAgain: (input) => utf8(INVITE_PREFIX + toBase64Url(parsePairingInvite(latin1(input)))),
  },
  { name: 'secret identity', sample: identityAt(0).encodeSecret(), decodeAgain: (input) => decodeDeviceIdentity(input).encodeSecret() },
  {
    name: 'frame',
    sample: encodeFrame({ kind: KIND.round, route: bytes(8), attempt: 3, step: 2, index: 1, count: 4, sealed: bytes(60) }),
    decodeAgain: (input) => encodeFrame(decodeFrame(input)),
  },
]

/** One of the ways in which bytes get damaged. */
function damage(sample: Uint8Array, draw: Uint8Array): Uint8Array {
  const [way, at, value] = [(draw[0] as number) % 5, ((draw[1] as number) << 8) | (draw[2] as number), draw[3] as number]
  const place = at % (sample.length + 1)
  if (way === 0) return sample.subarray(0, place)
  if (way === 1) return new Uint8Array([...sample.subarray(0, place), value, ...sample.subarray(place)])
  if (way === 2) return new Uint8Array([...sample.subarray(0, place), ...sample.subarray(place + 1 + (value % 4))])
  const copy = new Uint8Array(sample)
  for (let i = 0; i <= (way === 3 ? 0 : value % 8); i++) {
    const spot = (at * (i + 1) + i) % copy.length
    copy[spot] = (copy[spot] as number) ^ (1 << ((value + i) % 8))
  }
  return copy
}

describe.each(codecs)('the decoder of a $name', ({ sample, decodeAgain }) => {
  const check = (input: Uint8Array) => {
    try {
      expect(toHex(decodeAgain(input))).toBe(toHex(input))
    } catch (error) {
      if (isLocketError(error) && /^(codec|session\/invalid-setup)/.test(error.code)) return
      throw new Error(`input ${toBase64Url(input)}`, { cause: error })
    }
  }

  it('gives back what was encoded', () => {
    expect(toHex(decodeAgain(sample))).toBe(toHex(sample))
  })

  it('refuses every beginning of it, and anything behind it', () => {
    for (let length = 0; length < sample.length; length++) check(sample.subarray(0, length))
    check(new Uint8Array([...sample, 0]))
  })

  it(`accepts nothing of ${RUNS} damaged inputs that it would not write itself`, () => {
    for (let run = 0; run < RUNS; run++) check(damage(sample, randomBytes(entropy, 4)))
  })
})
