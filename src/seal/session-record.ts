import { bcs } from '@mysten/bcs'
import { copyBytes, fromHex, toHex, type Bytes } from '../core/bytes.ts'
import { decodeStrict, encode, toExactNumber } from '../core/codec.ts'
import type { Session } from './session.ts'

const VERSION = 1
const Record = /* @__PURE__ */ (() =>
  bcs.struct('SessionRecord', {
    version: bcs.u8(),
    address: bcs.bytes(32),
    packageId: bcs.bytes(32),
    creationTimeMs: bcs.u64(),
    ttlMin: bcs.u8(),
    signature: bcs.string(),
    secretKey: bcs.bytes(32),
  }))()

/** Store key under which the session of an address and package is shared between tabs. */
export function sessionRecordKey(address: string, packageId: string): string {
  return `seal/session/${address}/${packageId}`
}

/** Bytes of a session, its secret included: for an encrypted store only. */
export function encodeSession(session: Session): Bytes {
  return encode(Record, {
    version: VERSION,
    address: fromHex(session.address),
    packageId: fromHex(session.packageId),
    creationTimeMs: session.creationTimeMs,
    ttlMin: session.ttlMin,
    signature: session.signature,
    secretKey: session.secretKey,
  })
}

/** A stored session, or `undefined` if the bytes are not exactly one. Its signature is not checked. */
export function decodeSession(stored: Uint8Array): Session | undefined {
  const operation = 'seal.session'
  try {
    const record = decodeStrict(Record, stored, operation)
    if (record.version !== VERSION) return undefined
    return {
      address: `0x${toHex(record.address)}`,
      packageId: `0x${toHex(record.packageId)}`,
      creationTimeMs: toExactNumber(record.creationTimeMs, operation),
      ttlMin: record.ttlMin,
      signature: record.signature,
      secretKey: copyBytes(record.secretKey),
    }
  } catch {
    return undefined
  }
}
