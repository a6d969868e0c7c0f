import { bcs } from '@mysten/bcs'
import { decodeStrict, encode } from '../../core/codec.ts'
import type { Bytes } from '../../core/bytes.ts'
import type { SignedStatement } from './statement.ts'

/** What one party sends another in one step. */
export type Message = {
  readonly signed: SignedStatement
  readonly broadcast: Bytes
  readonly salt: Bytes
  readonly direct: Bytes
}

/** Bytes and a signature over them: of a statement, a notice or a result. */
export const SIGNED = /* @__PURE__ */ (() => bcs.struct('Signed', { bytes: bcs.byteVector(), signature: bcs.bytes(64) }))()
const MESSAGE = /* @__PURE__ */ (() =>
  bcs.struct('Message', {
    signed: SIGNED,
    broadcast: bcs.byteVector(),
    salt: bcs.bytes(32),
    direct: bcs.byteVector(),
  }))()

export function encodeMessage(message: Message): Bytes {
  return encode(MESSAGE, message)
}

/** @throws {LocketError} what `decodeStrict` throws. */
export function decodeMessage(bytes: Uint8Array): Message {
  return decodeStrict(MESSAGE, bytes, 'session.decodeMessage') as Message
}

/** The statement at the beginning of a message of which only the beginning is there, or nothing. */
export function peekStatement(bytes: Uint8Array): SignedStatement | undefined {
  try {
    return SIGNED.parse(bytes) as SignedStatement
  } catch {
    return undefined
  }
}
