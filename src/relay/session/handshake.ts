import { bcs } from '@mysten/bcs'
import { x25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { AbortOptions } from '../../core/abort.ts'
import { concatBytes, equalBytes, type Bytes } from '../../core/bytes.ts'
import { randomBytes, type Entropy } from '../../core/capabilities.ts'
import { encode } from '../../core/codec.ts'
import { isLocketError, LocketError } from '../../core/errors.ts'
import type { Message } from './message.ts'
import { KIND } from './frame.ts'
import { agreeOn, type DeviceIdentity } from './identity.ts'
import { deriveChannel } from './lanes.ts'
import type { Participants } from './participants.ts'
import { labelled } from './purpose.ts'
import { decodeSetup, differingField, encodeSetup, type Party, type SessionSetup } from './setup.ts'
import type { Steps } from './steps.ts'

const NONCE_BYTES = 32
const HELLO_BYTES = NONCE_BYTES + 32
const NOTHING = new Uint8Array()
const NONE: ReadonlyMap<number, Uint8Array> = new Map()

const CONTEXT = /* @__PURE__ */ (() =>
  bcs.struct('ChannelContext', {
    protocol: bcs.string(),
    suite: bcs.string(),
    sessionId: bcs.bytes(32),
    epoch: bcs.u32(),
    sender: bcs.u8(),
    receiver: bcs.u8(),
  }))()

/**
 * Steps 0 and 1: everybody gives a nonce and an ephemeral key, signed over the setup; all derive the session id from them, and
 * nothing goes on before everybody has signed the same one.
 *
 * As each party's own fresh nonce is in the id, nobody can make two sessions of one id, and nothing of one session
 * belongs to another.
 *
 * @throws {LocketError} what the session fails with; `session/setup-mismatch` names the field.
 */
export async function shakeHands(
  input: {
    readonly steps: Steps
    readonly setup: SessionSetup
    readonly setupHash: Bytes
    readonly identity: DeviceIdentity
    readonly entropy: Entropy
    readonly participants: Participants
  },
  options: AbortOptions,
): Promise<Bytes> {
  const { steps, setup, setupHash, identity, entropy } = input
  const { own, others } = input.participants
  const secretEphemeral = randomBytes(entropy, 32)
  try {
    const hello = concatBytes(randomBytes(entropy, NONCE_BYTES), x25519.getPublicKey(secretEphemeral))
    const encoded = encodeSetup(setup)
    const check = (message: Message, sender: Party) => assertHello(message, sender, setup)
    const heard = await steps.run(
      {
        step: 0,
        kind: KIND.hello,
        context: setupHash,
        broadcast: hello,
        direct: new Map(others.map(({ index }) => [index, encoded])),
        check,
      },
      options,
    )
    const hellos = new Map(Array.from(heard, ([index, { broadcast }]) => [index, broadcast])).set(own.index, hello)
    const sessionId = sessionIdOf(setup, setupHash, hellos)
    const agreeEphemeral = (publicKey: Uint8Array) => agreeOn(secretEphemeral, publicKey)
    for (const other of others) {
      const otherEphemeralKey = (hellos.get(other.index) as Bytes).subarray(NONCE_BYTES)
      const context = (sender: number, receiver: number) => {
        const { protocol, suite, epoch } = setup
        return encode(CONTEXT, { protocol, suite, sessionId, epoch, sender, receiver })
      }
      const keys = channelOr(other, () =>
        deriveChannel({
          sessionId,
          own,
          other,
          secretShared: other.lanes.secretShared,
          agreeStatic: identity.agree,
          agreeEphemeral,
          otherEphemeralKey,
        }),
      )
      steps.setChannel(other.index, {
        out: { ...keys.out, context: context(own.index, other.index) },
        in: { ...keys.in, context: context(other.index, own.index) },
      })
    }
    await steps.run({ step: 1, kind: KIND.confirm, context: sessionId, broadcast: NOTHING, direct: NONE }, options)
    return sessionId
  } finally {
    secretEphemeral.fill(0)
    for (const { lanes } of others) lanes.secretShared.fill(0)
  }
}

/** The SHA-256 of the setup, all nonces in the order of parties, and all ephemeral keys likewise. */
function sessionIdOf(setup: SessionSetup, hash: Uint8Array, hellos: ReadonlyMap<number, Bytes>): Bytes {
  const ordered = setup.parties.map(({ index }) => hellos.get(index) as Bytes)
  const nonces = ordered.map((hello) => hello.subarray(0, NONCE_BYTES))
  return sha256(labelled('session-id', hash, ...nonces, ...ordered.map((hello) => hello.subarray(NONCE_BYTES))))
}

function assertHello({ broadcast, direct }: Message, sender: Party, setup: SessionSetup): void {
  const operation = 'session.open'
  if (!equalBytes(direct, encodeSetup(setup))) {
    throw new LocketError('session/setup-mismatch', { operation, details: { party: sender.index, field: fieldOf(direct, setup) } })
  }
  if (broadcast.length !== HELLO_BYTES)
    throw new LocketError('session/malformed', { operation, details: { party: sender.index, round: 0 } })
}

function fieldOf(encoded: Uint8Array, setup: SessionSetup): string {
  try {
    return differingField(setup, decodeSetup(encoded)) ?? 'version'
  } catch (error) {
    // Theirs cannot be; where it says which field, that is the one.
    return isLocketError(error, 'session/invalid-setup') ? String(error.details['field']) : 'version'
  }
}

function channelOr<T>(other: Party, derive: () => T): T {
  try {
    return derive()
  } catch (cause) {
    throw new LocketError('session/malformed', { operation: 'session.open', details: { party: other.index, round: 0 }, cause })
  }
}
