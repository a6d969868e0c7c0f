import { bcs } from '@mysten/bcs'
import { equalBytes, type Bytes } from '../../core/bytes.ts'
import { decodeStrict, encode } from '../../core/codec.ts'
import type { DeviceKeys } from './card.ts'
import { SIGNED } from './message.ts'
import { decodeStatement, verifyStatement, type SignedStatement } from './statement.ts'

/** Proof that a party stated two different things in one step. It holds nothing secret and may be shown to anybody. */
export type Evidence = { readonly first: SignedStatement; readonly second: SignedStatement }

const EVIDENCE = /* @__PURE__ */ (() => bcs.struct('Evidence', { first: SIGNED, second: SIGNED }))()

export function encodeEvidence(evidence: Evidence): Bytes {
  return encode(EVIDENCE, evidence)
}

/** @throws {LocketError} what `decodeStrict` throws. */
export function decodeEvidence(bytes: Uint8Array): Evidence {
  return decodeStrict(EVIDENCE, bytes, 'session.decodeEvidence') as Evidence
}

/** Whether both statements are signed by `card`, are of one session and step, and differ. */
export function verifyEvidence(card: Pick<DeviceKeys, 'signKey'>, evidence: Evidence): boolean {
  const { first, second } = evidence
  if (equalBytes(first.bytes, second.bytes)) return false
  try {
    const [a, b] = [decodeStatement(first.bytes), decodeStatement(second.bytes)]
    if (!equalBytes(a.context, b.context) || a.step !== b.step || a.sender !== b.sender) return false
  } catch {
    return false
  }
  return verifyStatement(card, first) && verifyStatement(card, second)
}
