import { x25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../../../src/core/bytes.ts'
import { encodeDeviceCard } from '../../../../src/relay/session/card.ts'
import { decodeFrame, encodeFrame, KIND, openFrame, sealFrame } from '../../../../src/relay/session/frame.ts'
import { agreeOn } from '../../../../src/relay/session/identity.ts'
import { deriveChannel, deriveLanes } from '../../../../src/relay/session/lanes.ts'
import { commitPairing, pairingCode } from '../../../../src/relay/session/pairing-code.ts'
import { encodeSetup, setupHash } from '../../../../src/relay/session/setup.ts'
import { commitDirect, encodeStatement, hashBroadcast, hashView } from '../../../../src/relay/session/statement.ts'
import { createSeededEntropy } from '../../../../src/testkit/seeded-entropy.ts'
import { createSessionWorld, identityAt } from '../../../helpers/session-world.ts'

const short = (bytes: Uint8Array) => toHex(sha256(bytes).subarray(0, 8))
const filled = (byte: number) => new Uint8Array(32).fill(byte)
const world = createSessionWorld(2, { seed: 'wire' })
const [one, two] = world.setup.parties as [(typeof world.setup.parties)[0], (typeof world.setup.parties)[0]]
const lanesOf = (self: number, other: number) =>
  deriveLanes({ identity: identityAt(self), other: identityAt(other).card, ceremonyId: world.setup.ceremonyId })

/** A channel as the party at `self` derives it. */
function channelOf(self: 0 | 1) {
  const [own, other] = self === 0 ? [one, two] : [two, one]
  const [secret, otherSecret] = self === 0 ? [filled(3), filled(4)] : [filled(4), filled(3)]
  return deriveChannel({
    sessionId: filled(5),
    own,
    other,
    secretShared: lanesOf(self, 1 - self).secretShared,
    agreeStatic: identityAt(self).agree,
    agreeEphemeral: (publicKey) => agreeOn(secret, publicKey),
    otherEphemeralKey: x25519.getPublicKey(otherSecret),
  })
}

describe('on the wire', () => {
  it('nothing changes without a new version', () => {
    const frame = encodeFrame({
      kind: KIND.round,
      route: filled(1).slice(0, 8),
      attempt: 2,
      step: 3,
      index: 4,
      count: 5,
      sealed: filled(6),
    })
    expect(toHex(frame)).toMatchInlineSnapshot(
      `"0102010101010101010102000300040005000606060606060606060606060606060606060606060606060606060606060606"`,
    )
    const statement = encodeStatement({
      context: filled(1),
      kind: KIND.round,
      step: 2,
      sender: 3,
      echo: filled(4),
      broadcast: filled(5),
      directs: [{ party: 1, commitment: filled(6) }],
    })
    expect(toHex(statement)).toMatchInlineSnapshot(
      `"0101010101010101010101010101010101010101010101010101010101010101020200030404040404040404040404040404040404040404040404040404040404040404050505050505050505050505050505050505050505050505050505050505050501010606060606060606060606060606060606060606060606060606060606060606"`,
    )
    expect(
      [
        encodeSetup(world.setup),
        setupHash(world.setup),
        encodeDeviceCard(identityAt(0).card),
        hashBroadcast(utf8('x')),
        commitDirect(filled(7), utf8('x')),
        hashView([{ bytes: statement, signature: filled(0) }]),
        commitPairing(identityAt(0).card, filled(8)),
      ].map(short),
    ).toMatchInlineSnapshot(`
      [
        "774373487248a1cc",
        "b40b08a2ca476543",
        "215ddccbd932cc63",
        "f820f4e0251affa0",
        "1a867eed5d3af3e1",
        "3341bc524ce9005a",
        "83191f537ff36fa0",
      ]
    `)
    const { out, in: into } = lanesOf(0, 1)
    const channel = channelOf(0)
    expect(
      [
        out.mailbox,
        out.resultMailbox,
        out.secretKey,
        out.route,
        into.mailbox,
        channel.out.secretKey,
        channel.in.secretKey,
        channel.in.route,
      ].map(short),
    ).toMatchInlineSnapshot(`
      [
        "329d35259afe2caf",
        "49343f37f8551c9b",
        "20d5edf6a4f61e66",
        "989b546221bb9e64",
        "7664f43419db37fe",
        "739221cec6ae765f",
        "c23ece5629f8e966",
        "a0256bc4580fc20e",
      ]
    `)
    const sealed = sealFrame({
      key: { ...channel.out, context: utf8('context') },
      header: { kind: KIND.round, step: 2, index: 0, count: 1 },
      content: utf8('content'),
      entropy: createSeededEntropy('frame'),
    })
    expect(toHex(sealed)).toMatchInlineSnapshot(
      `"010228cb6ffff5a538e80000020000000100723aa89f27c31fc625f8abb7e0ef85b46f0df072dfe1edcb75c735f73fa28e56b1713d332dee6c313789dcb3ca07fe"`,
    )
    const cards = { inviter: identityAt(0).card, joiner: identityAt(1).card }
    expect(pairingCode({ ...cards, inviterRandom: filled(9), joinerRandom: filled(10) })).toMatchInlineSnapshot(`"90057 99936"`)
  })

  it('both ends derive the same keys, and each direction its own', () => {
    const [mine, theirs] = [lanesOf(0, 1), lanesOf(1, 0)]
    expect([mine.out, mine.in]).toEqual([theirs.in, theirs.out])
    const [here, there] = [channelOf(0), channelOf(1)]
    expect([here.out, here.in]).toEqual([there.in, there.out])
    const keys = [mine.out, mine.in, here.out, here.in].flatMap(({ secretKey, route }) => [toHex(secretKey), toHex(route)])
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('a frame opens with its key, header and context, and with no other', () => {
    const { out, in: into } = channelOf(0)
    const header = { kind: KIND.round, step: 2, index: 1, count: 3 } as const
    const [context, content] = [utf8('context'), utf8('content')]
    const key = { ...out, context }
    const frame = decodeFrame(sealFrame({ key, header, content, entropy: createSeededEntropy('open') }))
    expect(openFrame({ key, frame })).toEqual(content)
    expect(openFrame({ key, frame: { ...frame, attempt: 9 } })).toEqual(content)
    expect(openFrame({ key: { ...into, context }, frame })).toBeUndefined()
    expect(openFrame({ key: out, frame })).toBeUndefined()
    expect(openFrame({ key: { ...out, context: utf8('contexts') }, frame })).toBeUndefined()
    for (const change of [{ kind: KIND.closing }, { step: 3 }, { index: 2 }, { count: 4 }]) {
      expect(openFrame({ key, frame: { ...frame, ...change } })).toBeUndefined()
    }
  })
})
