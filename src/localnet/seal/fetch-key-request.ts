import { fromBase64 } from '@mysten/bcs'
import type { Bytes } from '../../core/bytes.ts'
import { isG1, isG2 } from './identity-keys.ts'

/** What the wallet signed, and for which session key. */
export type Certificate = {
  readonly user: string
  readonly sessionVerificationKey: Bytes
  readonly creationTimeMs: number
  readonly ttlMin: number
  readonly signature: string
  readonly mvrName: string | undefined
}

/** A `POST /v1/fetch_key` body, its shape and points checked but nothing it claims. */
export type FetchKeyRequest = {
  /** BCS of the programmable transaction, without the kind's tag. */
  readonly ptb: string
  readonly encKey: Bytes
  readonly encVerificationKey: Bytes
  readonly requestSignature: Bytes
  readonly certificate: Certificate
}

/**
 * Reads the JSON body of a key request. `undefined` if a field is missing, of
 * the wrong type or length, or not a curve point: a server refuses such a body
 * while it parses it, before any protocol check.
 */
export function decodeFetchKeyRequest(body: unknown): FetchKeyRequest | undefined {
  const request = asRecord(body)
  const certificate = asRecord(request?.['certificate'])
  if (!request || !certificate) return undefined
  const encKey = base64(request['enc_key'], 48)
  const encVerificationKey = base64(request['enc_verification_key'], 96)
  const requestSignature = base64(request['request_signature'], 64)
  const sessionVerificationKey = base64(certificate['session_vk'], 32)
  const { ptb } = request
  const { user, signature, creation_time: creationTimeMs, ttl_min: ttlMin, mvr_name: mvrName } = certificate
  if (!encKey || !encVerificationKey || !requestSignature || !sessionVerificationKey) return undefined
  if (typeof ptb !== 'string' || typeof user !== 'string' || typeof signature !== 'string') return undefined
  if (!/^0x[0-9a-f]{64}$/.test(user) || !isUnsigned(creationTimeMs, Number.MAX_SAFE_INTEGER) || !isUnsigned(ttlMin, 0xffff))
    return undefined
  if (mvrName !== undefined && mvrName !== null && typeof mvrName !== 'string') return undefined
  if (!isG1(encKey) || !isG2(encVerificationKey)) return undefined
  return {
    ptb,
    encKey,
    encVerificationKey,
    requestSignature,
    certificate: { user, sessionVerificationKey, creationTimeMs, ttlMin, signature, mvrName: mvrName ?? undefined },
  }
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
}

function isUnsigned(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max
}

function base64(value: unknown, lengthBytes: number): Bytes | undefined {
  if (typeof value !== 'string') return undefined
  try {
    const bytes = fromBase64(value)
    return bytes.length === lengthBytes ? Uint8Array.from(bytes) : undefined
  } catch {
    return undefined
  }
}
