import type { ProtocolMessageCertificate } from '@mysten/walrus'
import { fromBase64Url, toBase64Url } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { byteReader } from '../core/byte-reader.ts'

const OPERATION = 'walrus.certificate'

/** A certificate as text, for the journal. */
export function formatCertificate(certificate: ProtocolMessageCertificate): string {
  return JSON.stringify({
    signers: certificate.signers,
    message: toBase64Url(certificate.serializedMessage),
    signature: toBase64Url(certificate.signature),
  })
}

/**
 * The certificate {@link formatCertificate} wrote.
 *
 * @throws {LocketError} `codec/invalid` if the text is anything else.
 */
export function parseCertificate(text: string): ProtocolMessageCertificate {
  try {
    const { signers, message, signature } = JSON.parse(text) as { signers: unknown; message: string; signature: string }
    if (!Array.isArray(signers) || !signers.every((signer) => Number.isInteger(signer) && signer >= 0 && signer <= 0xffff)) throw invalid()
    return { signers: signers as number[], serializedMessage: fromBase64Url(message), signature: fromBase64Url(signature) }
  } catch (cause) {
    throw invalid(cause)
  }
}

/**
 * The epoch whose committee signed: BCS of intent (3 bytes), then u32. A
 * certificate of another epoch than the present one is refused on chain.
 */
export function certificateEpoch(certificate: ProtocolMessageCertificate): number {
  const reader = byteReader(certificate.serializedMessage, OPERATION)
  reader.take(3)
  return reader.u32()
}

function invalid(cause?: unknown): LocketError {
  return new LocketError('codec/invalid', { operation: OPERATION, message: 'not a certificate', cause })
}
