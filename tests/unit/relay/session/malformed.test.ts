import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../src/core/bytes.ts'
import { createMemoryRelay } from '../../../../src/relay/memory.ts'
import { createAssembly, MAX_MESSAGE_BYTES } from '../../../../src/relay/session/assembly.ts'
import { composeStep, padMessage, type ComposedStep } from '../../../../src/relay/session/compose.ts'
import { decodeFrame, KIND, openFrame, sealFrame, type Frame, type Kind } from '../../../../src/relay/session/frame.ts'
import { deriveLanes } from '../../../../src/relay/session/lanes.ts'
import { decodeMessage, encodeMessage, type Message } from '../../../../src/relay/session/message.ts'
import { encodeNotice } from '../../../../src/relay/session/notice.ts'
import { openSession } from '../../../../src/relay/session/open-session.ts'
import { encodeSetup, setupHash } from '../../../../src/relay/session/setup.ts'
import { hashView, type SignedStatement } from '../../../../src/relay/session/statement.ts'
import { unpad } from '../../../../src/crypto/padme.ts'
import { createSeededEntropy } from '../../../../src/testkit/seeded-entropy.ts'
import { codeOf, errorOf } from '../../../helpers/code-of.ts'
import { createSessionWorld, identityAt, turns, type SessionWorld } from '../../../helpers/session-world.ts'

const entropy = createSeededEntropy('a party of ill will')

/** What the second party, of ill will, says to the first. */
async function say(world: SessionWorld, kind: Kind, content: Uint8Array, step = 0, position = { index: 0, count: 1 }): Promise<void> {
  const { out } = deriveLanes({ identity: identityAt(1), other: identityAt(0).card, ceremonyId: world.setup.ceremonyId })
  const frame = sealFrame({ key: out, header: { kind, step, ...position }, content, entropy })
  await createMemoryRelay({ hub: world.hub }).send(out.mailbox, frame)
}

/** A hello of the second party, as it should be but for what is changed. */
function helloOf(
  world: SessionWorld,
  broadcast: Uint8Array,
  change: (message: Message) => Partial<Message> = () => ({}),
  sender = 2,
): Uint8Array {
  const composed: ComposedStep = composeStep({
    identity: identityAt(1),
    entropy,
    others: world.setup.parties.filter(({ index }) => index !== 2),
    statement: { context: setupHash(world.setup), kind: KIND.hello, step: 0, sender, echo: new Uint8Array(32) },
    broadcast,
    direct: new Map([[1, encodeSetup(world.setup)]]),
  })
  const message = decodeMessage(unpad(composed.messages.get(1) as Uint8Array))
  return padMessage(encodeMessage({ ...message, ...change(message) }))
}

/** What the second party confirms after that hello, in a session of whatever id. */
function confirmOf(world: SessionWorld, hellos: readonly SignedStatement[], context: Uint8Array): Uint8Array {
  const { messages } = composeStep({
    identity: identityAt(1),
    entropy,
    others: world.setup.parties.filter(({ index }) => index !== 2),
    statement: { context, kind: KIND.confirm, step: 1, sender: 2, echo: hashView(hellos) },
    broadcast: new Uint8Array(),
    direct: new Map(),
  })
  return messages.get(1) as Uint8Array
}

const lowOrder = new Uint8Array(64)
const sound = new Uint8Array(64).fill(9)
const another = new Uint8Array(64).fill(8)
const cases: readonly (readonly [string, (world: SessionWorld) => Promise<void>])[] = [
  ['a message that is none', (world) => say(world, KIND.hello, padMessage(utf8('hello?')))],
  ['padding that is none', (world) => say(world, KIND.hello, new Uint8Array(3))],
  [
    'a broadcast it did not sign',
    (world) =>
      say(
        world,
        KIND.hello,
        helloOf(world, sound, () => ({ broadcast: another })),
      ),
  ],
  [
    'a direct message it did not commit to',
    (world) =>
      say(
        world,
        KIND.hello,
        helloOf(world, sound, () => ({ salt: another.slice(32) })),
      ),
  ],
  ['a statement in another’s name', (world) => say(world, KIND.hello, helloOf(world, sound, undefined, 1))],
  [
    'a signature that is none',
    (world) =>
      say(
        world,
        KIND.hello,
        helloOf(world, sound, ({ signed }) => ({ signed: { ...signed, signature: new Uint8Array(64) } })),
      ),
  ],
  ['a hello of another length', (world) => say(world, KIND.hello, helloOf(world, new Uint8Array(63)))],
  ['an ephemeral key of small order', (world) => say(world, KIND.hello, helloOf(world, lowOrder))],
  ['a kind that does not belong to its step', (world) => say(world, KIND.confirm, helloOf(world, sound), 0)],
]

describe('a party that sends what no correct party sends', () => {
  it.each(cases)('is named for %s', async (_, attack) => {
    const world = createSessionWorld(2)
    const opening = errorOf(openSession(world.options(0)))
    await turns()
    await attack(world)
    const { code, details } = await world.drive(opening)
    expect([code, details]).toEqual(['session/malformed', { party: 2, round: 0 }])
    expect(world.clock.sleeperCount).toBe(0)
  })

  it('is left when it confirms another session id, though it has seen the same', async () => {
    const world = createSessionWorld(2)
    const said: Uint8Array[] = []
    const relay = createMemoryRelay({ hub: world.hub })
    const opening = errorOf(
      openSession(
        world.options(0, {
          relay: { ...relay, send: (mailbox, body, options) => (said.push(body.slice()), relay.send(mailbox, body, options)) },
        }),
      ),
    )
    await turns()
    const lanes = deriveLanes({ identity: identityAt(1), other: identityAt(0).card, ceremonyId: world.setup.ceremonyId })
    const first = openFrame({ key: lanes.in, frame: decodeFrame(said[0] as Uint8Array) }) as Uint8Array
    const own = helloOf(world, sound)
    await say(world, KIND.hello, own)
    const hellos = [decodeMessage(unpad(first)).signed, decodeMessage(unpad(own)).signed]
    await say(world, KIND.confirm, confirmOf(world, hellos, new Uint8Array(32)), 1)
    const { code, details } = await world.drive(opening)
    expect([code, details]).toEqual(['session/disagreement', { party: 2, round: 0, field: 'sessionId' }])
  })

  it('ends nothing with a notice it did not sign, or signed as another', async () => {
    const world = createSessionWorld(2)
    const opening = codeOf(openSession(world.options(0)))
    await turns()
    const notice = { context: setupHash(world.setup), sender: 2, reason: 'closed', view: [] } as const
    await say(world, KIND.gone, padMessage(encodeNotice(notice, (body) => identityAt(0).sign('notice', body))))
    await say(world, KIND.gone, padMessage(encodeNotice({ ...notice, sender: 1 }, (body) => identityAt(1).sign('notice', body))))
    await say(world, KIND.gone, padMessage(utf8('gone')))
    await say(world, KIND.result, utf8('not here'))
    expect(await world.drive(opening)).toBe('session/timeout')
    const reasons = world.events[0]?.flatMap((event) => (event.type === 'dropped' ? [event.reason] : []))
    expect(reasons).toEqual(['unauthenticated', 'unauthenticated', 'unauthenticated', 'foreign'])
  })

  it('leaves early frames where they are until their time has come', async () => {
    const world = createSessionWorld(2)
    const opening = codeOf(openSession(world.options(0)))
    await turns()
    await say(world, KIND.confirm, utf8('x'), 7)
    await say(world, KIND.round, utf8('x'), 2)
    expect(await world.drive(opening)).toBe('session/timeout')
    expect(world.events[0]?.flatMap((event) => (event.type === 'dropped' ? [event.reason] : []))).toEqual(['early', 'early'])
  })
})

describe('createAssembly', () => {
  const frameOf = (index: number, count: number, fill = 0): Frame =>
    decodeFrame(
      sealFrame({
        key: { secretKey: new Uint8Array(32), route: new Uint8Array(8) },
        header: { kind: KIND.round, step: 2, index, count },
        content: Uint8Array.of(fill),
        entropy,
      }),
    )

  it('takes each piece once and gives the whole once', () => {
    const [first, second] = [frameOf(0, 2), frameOf(1, 2)]
    const assembly = createAssembly(first)
    expect(assembly.add(second, utf8('b'))).toBe('added')
    expect(assembly.has(second)).toBe(true)
    expect(assembly.take()).toBeUndefined()
    expect(assembly.add(second, utf8('b'))).toBe('repeated')
    expect(assembly.add(frameOf(1, 2, 1), utf8('c'))).toBe('different')
    expect(assembly.add(frameOf(1, 3), utf8('b'))).toBe('different')
    expect(assembly.add(first, utf8('a'))).toBe('completed')
    expect(assembly.take()).toEqual(utf8('ab'))
    expect(assembly.take()).toBeUndefined()
    expect(assembly.has(frameOf(0, 2, 5))).toBe(false)
  })

  it('holds no more than one message may be', () => {
    const half = new Uint8Array(MAX_MESSAGE_BYTES / 2 + 1)
    const assembly = createAssembly(frameOf(0, 3))
    expect(assembly.add(frameOf(0, 3), half)).toBe('added')
    expect(assembly.add(frameOf(1, 3), half)).toBe('oversize')
  })
})
