import { bcs } from '@mysten/bcs'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Bytes } from '../../core/bytes.ts'
import { decodeStrict, encode } from '../../core/codec.ts'
import { verifySignature, type DeviceKeys } from './card.ts'
import type { DeviceIdentity } from './identity.ts'
import { labelled } from './purpose.ts'

/**
 * What a party says of everything it sends in one step, the same to all: signed once, it commits to the broadcast and to
 * each direct message. Two of them of one party and step are proof against it.
 */
export type Statement = {
  /** The setup's hash in the hello, the session id from then on. */
  readonly context: Uint8Array
  readonly kind: number
  readonly step: number
  /** The sender's index. */
  readonly sender: number
  /** {@link hashView} of the step before; zeros in the hello. */
  readonly echo: Uint8Array
  /** {@link hashBroadcast} of what everybody is sent. */
  readonly broadcast: Uint8Array
  /** {@link commitDirect} of what each other party is sent, by ascending index. */
  readonly directs: readonly { readonly party: number; readonly commitment: Uint8Array }[]
}

/** A statement as it was signed. */
export type SignedStatement = { readonly bytes: Bytes; readonly signature: Bytes }

const STATEMENT = /* @__PURE__ */ (() =>
  bcs.struct('Statement', {
    context: bcs.bytes(32),
    kind: bcs.u8(),
    step: bcs.u16(),
    sender: bcs.u8(),
    echo: bcs.bytes(32),
    broadcast: bcs.bytes(32),
    directs: bcs.vector(bcs.struct('Direct', { party: bcs.u8(), commitment: bcs.bytes(32) })),
  }))()

/** Canonical bytes (BCS): what is signed. */
export function encodeStatement(statement: Statement): Bytes {
  return encode(STATEMENT, { ...statement, directs: [...statement.directs] })
}

/** @throws {LocketError} what `decodeStrict` throws. */
export function decodeStatement(bytes: Uint8Array): Statement {
  return decodeStrict(STATEMENT, bytes, 'session.decodeStatement')
}

export function signStatement(identity: DeviceIdentity, statement: Statement): SignedStatement {
  const bytes = encodeStatement(statement)
  return Object.freeze({ bytes, signature: identity.sign('statement', bytes) })
}

export function verifyStatement(card: Pick<DeviceKeys, 'signKey'>, signed: SignedStatement): boolean {
  return verifySignature(card.signKey, labelled('statement', signed.bytes), signed.signature)
}

export function hashBroadcast(broadcast: Uint8Array): Bytes {
  return sha256(labelled('broadcast', broadcast))
}

/** Hides the message from the other parties, who see the commitment: `salt` is 32 random bytes only its receiver is sent. */
export function commitDirect(salt: Uint8Array, direct: Uint8Array): Bytes {
  return sha256(labelled('direct', salt, direct))
}

/** One hash over what everybody stated in a step, in the order of parties: what the next step echoes. */
export function hashView(statements: readonly SignedStatement[]): Bytes {
  return sha256(labelled('view', ...statements.map(({ bytes }) => sha256(bytes))))
}
