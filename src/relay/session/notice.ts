import { bcs } from '@mysten/bcs'
import type { Bytes } from '../../core/bytes.ts'
import { decodeStrict, encode } from '../../core/codec.ts'
import { LocketError } from '../../core/errors.ts'
import { SIGNED } from './message.ts'
import type { SignedStatement } from './statement.ts'

/** Why a party is gone. Sent as its place in this list. */
export const GONE_REASONS = ['closed', 'failed', 'disagreement', 'restarted'] as const
export type GoneReason = (typeof GONE_REASONS)[number]

/** A party's last word: it will not go on. */
export type Notice = {
  /** The setup's hash as the sender has it. */
  readonly context: Uint8Array
  readonly sender: number
  readonly reason: GoneReason
  /** With `disagreement`: everything it saw stated in the step in question, so that others can find out who said two things. */
  readonly view: readonly SignedStatement[]
}

const BODY = /* @__PURE__ */ (() =>
  bcs.struct('NoticeBody', {
    context: bcs.bytes(32),
    sender: bcs.u8(),
    reason: bcs.u8(),
    view: bcs.vector(SIGNED),
  }))()

/** @param sign - Signs the body. */
export function encodeNotice(notice: Notice, sign: (body: Uint8Array) => Uint8Array): Bytes {
  const bytes = encode(BODY, { ...notice, reason: GONE_REASONS.indexOf(notice.reason), view: [...notice.view] })
  return encode(SIGNED, { bytes, signature: sign(bytes) })
}

/**
 * @returns nothing if `verify` does not take the signature.
 * @throws {LocketError} what `decodeStrict` throws; `codec/invalid` for a reason that is none.
 */
export function decodeNotice(bytes: Uint8Array, verify: (body: Uint8Array, signature: Uint8Array) => boolean): Notice | undefined {
  const operation = 'session.decodeNotice'
  const { bytes: body, signature } = decodeStrict(SIGNED, bytes, operation)
  if (!verify(body, signature)) return undefined
  const { reason: number, view, ...rest } = decodeStrict(BODY, body, operation)
  const reason = GONE_REASONS[number]
  if (reason === undefined) throw new LocketError('codec/invalid', { operation })
  return { ...rest, reason, view: view as SignedStatement[] }
}
