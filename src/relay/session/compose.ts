import { equalBytes, type Bytes } from '../../core/bytes.ts'
import { randomBytes, type Entropy } from '../../core/capabilities.ts'
import { LocketError } from '../../core/errors.ts'
import { pad, unpad } from '../../crypto/padme.ts'
import { MAX_MESSAGE_BYTES } from './assembly.ts'
import { MAX_FRAMES, type Kind } from './frame.ts'
import type { DeviceIdentity } from './identity.ts'
import { decodeMessage, encodeMessage, type Message } from './message.ts'
import type { Party } from './setup.ts'
import {
  commitDirect,
  decodeStatement,
  hashBroadcast,
  signStatement,
  verifyStatement,
  type SignedStatement,
  type Statement,
} from './statement.ts'

/** Shortest message there is: all short ones look alike. */
const MIN_MESSAGE_BYTES = 512

/** One step's messages, before they are sealed: padded, one for each other party. */
export type ComposedStep = { readonly signed: SignedStatement; readonly messages: ReadonlyMap<number, Bytes> }

/**
 * Signs what a party gives out in a step, and writes each other party's message.
 *
 * @throws {LocketError} `codec/too-large` if a message is above {@link MAX_MESSAGE_BYTES}.
 */
export function composeStep(input: {
  readonly identity: DeviceIdentity
  readonly entropy: Entropy
  readonly others: readonly Party[]
  readonly statement: Omit<Statement, 'broadcast' | 'directs'>
  readonly broadcast: Uint8Array
  readonly direct: ReadonlyMap<number, Uint8Array>
}): ComposedStep {
  const { identity, entropy, others, broadcast, direct } = input
  const parts = others.map(({ index }) => {
    const [salt, bytes] = [randomBytes(entropy, 32), direct.get(index) ?? new Uint8Array()]
    return { index, salt, bytes, commitment: commitDirect(salt, bytes) }
  })
  const directs = parts.map(({ index, commitment }) => ({ party: index, commitment }))
  const signed = signStatement(identity, { ...input.statement, broadcast: hashBroadcast(broadcast), directs })
  const messages = new Map<number, Bytes>()
  for (const { index, salt, bytes } of parts) {
    const message = pad(encodeMessage({ signed, broadcast: broadcast as Bytes, salt, direct: bytes as Bytes }), MIN_MESSAGE_BYTES)
    if (message.length > MAX_MESSAGE_BYTES) {
      throw new LocketError('codec/too-large', { operation: 'session.exchange', details: { limitBytes: MAX_MESSAGE_BYTES } })
    }
    messages.set(index, message)
  }
  return { signed, messages }
}

/** A message taken apart. Authentic, as the channel is; whether it holds together, {@link verifyMessage} tells. */
export function openMessage(padded: Uint8Array): Message | undefined {
  try {
    return decodeMessage(unpad(padded))
  } catch {
    return undefined
  }
}

/** A message that is what its statement says it is. */
export type ReadMessage = Message & { readonly statement: Statement }

/**
 * Checks a message against the statement its sender signed.
 *
 * @returns nothing if it is not what an honest sender of this step writes.
 */
export function verifyMessage(input: {
  readonly message: Message
  readonly sender: Party
  readonly own: Party
  readonly kind: Kind
  readonly step: number
}): ReadMessage | undefined {
  const { message, sender, own, kind, step } = input
  try {
    const statement = decodeStatement(message.signed.bytes)
    const commitment = statement.directs.find(({ party }) => party === own.index)?.commitment
    const isWhole =
      statement.kind === kind &&
      statement.step === step &&
      statement.sender === sender.index &&
      commitment !== undefined &&
      equalBytes(statement.broadcast, hashBroadcast(message.broadcast)) &&
      equalBytes(commitment, commitDirect(message.salt, message.direct)) &&
      verifyStatement(sender.card, message.signed)
    return isWhole ? { ...message, statement } : undefined
  } catch {
    return undefined
  }
}

/**
 * `message` in pieces of `pieceBytes`, the last one shorter.
 *
 * @throws {LocketError} `relay/oversize` if the relay's messages are too small to carry it.
 */
export function splitMessage(message: Bytes, pieceBytes: number): readonly Bytes[] {
  const count = Math.ceil(message.length / pieceBytes)
  if (!(pieceBytes > 0) || count > MAX_FRAMES)
    throw new LocketError('relay/oversize', { operation: 'session.send', details: { limitBytes: pieceBytes } })
  return Array.from({ length: count }, (_, i) => message.subarray(i * pieceBytes, (i + 1) * pieceBytes))
}

/** Padded like a message. */
export function padMessage(bytes: Uint8Array): Bytes {
  return pad(bytes, MIN_MESSAGE_BYTES)
}
