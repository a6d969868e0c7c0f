import { bcs, toBase64 } from '@mysten/bcs'
import { Ed25519PublicKey } from '@mysten/sui/keypairs/ed25519'
import { verifyPersonalMessageSignature } from '@mysten/sui/verify'
import { utf8 } from '../../core/bytes.ts'
import { formatUtcSeconds } from '../../core/utc.ts'
import type { Certificate, FetchKeyRequest } from './fetch-key-request.ts'
import { KeyServerError } from './key-server-error.ts'

const SignedRequest = bcs.struct('RequestFormat', {
  ptb: bcs.byteVector(),
  encKey: bcs.byteVector(),
  encVerificationKey: bcs.byteVector(),
})

/**
 * Whether the certificate holds at `nowMs`: not longer than the server allows,
 * not from the future (no tolerance at all), not over. Both bounds are
 * inclusive, as in MystenLabs/seal `server.rs` `check_signature`.
 *
 * @throws {KeyServerError} `InvalidCertificate`
 */
export function checkCertificateTime(certificate: Certificate, nowMs: number, ttlMaxMin: number): void {
  const ageMs = nowMs - certificate.creationTimeMs
  if (certificate.ttlMin > ttlMaxMin || ageMs < 0 || ageMs > certificate.ttlMin * 60_000) {
    throw new KeyServerError('InvalidCertificate', 'Invalid certificate time or ttl')
  }
}

/**
 * Whether the wallet signed the session key, and the session key this request.
 *
 * @param packageName - What the message names: the first package id, or the MVR name.
 * @throws {KeyServerError} `InvalidSignature`, then `InvalidSessionSignature`
 */
export async function checkSignatures(request: FetchKeyRequest, ptb: Uint8Array, packageName: string): Promise<void> {
  const { user, sessionVerificationKey, creationTimeMs, ttlMin, signature } = request.certificate
  const message =
    `Accessing keys of package ${packageName} for ${ttlMin} mins from ${formatUtcSeconds(creationTimeMs)} UTC, ` +
    `session key ${toBase64(sessionVerificationKey)}`
  try {
    await verifyPersonalMessageSignature(utf8(message), signature, { address: user })
  } catch {
    throw new KeyServerError('InvalidSignature', 'Invalid user signature')
  }
  const signed = SignedRequest.serialize({ ptb, encKey: request.encKey, encVerificationKey: request.encVerificationKey }).toBytes()
  const verified = await new Ed25519PublicKey(sessionVerificationKey).verify(signed, request.requestSignature).catch(() => false)
  if (!verified) throw new KeyServerError('InvalidSessionSignature', 'Invalid session key signature')
}
