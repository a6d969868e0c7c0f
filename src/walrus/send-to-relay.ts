import type { ProtocolMessageCertificate } from '@mysten/walrus'
import { sha256 } from '@noble/hashes/sha2.js'
import { isAbort } from '../core/abort.ts'
import { concatBytes, utf8 } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { backOff } from './backoff.ts'
import type { WalrusContext } from './context.ts'
import { withDeadline } from './deadline.ts'
import type { SendRequest } from './send-to-nodes.ts'

const OPERATION = 'walrus.upload'

/**
 * The nonce that ties a relay's tip to an upload, from the SHA-256 of the blob.
 * Derived, not drawn: whoever holds the blob can resume a paid upload even if
 * the journal is lost, and nobody can compute it before the blob is public.
 */
export function relayNonce(blobDigest: Uint8Array): Uint8Array {
  return sha256(concatBytes(utf8('locket/upload-relay-nonce/v1'), blobDigest))
}

/** `refused`: the relay will not take this upload, whatever is tried; the storage nodes still may. */
export type RelayAnswer =
  | { readonly kind: 'certificate'; readonly certificate: ProtocolMessageCertificate }
  | { readonly kind: 'refused'; readonly status: number }

/**
 * Sends a registered blob to the upload relay, which encodes it, stores it and
 * returns the nodes' certificate. Tries again with back-off on network errors,
 * 429 and 5xx.
 *
 * The certificate is the relay's word: building the certify transaction
 * simulates it, so a false one is found out before the wallet is asked.
 *
 * @throws {LocketError} `walrus/unavailable` after the last attempt.
 */
export async function sendToRelay(
  context: WalrusContext,
  request: SendRequest & { readonly quiltDigest: Uint8Array; readonly registerDigest: string },
): Promise<RelayAnswer> {
  const sdk = await context.sdk()
  const nonce = relayNonce(request.quiltDigest)
  let last: unknown
  for (let attempt = 1; attempt <= context.attempts; attempt++) {
    try {
      const { certificate } = await withDeadline(
        (signal) =>
          sdk.writeBlobToUploadRelay({
            blobId: request.blobId,
            blob: request.bytes,
            nonce,
            txDigest: request.registerDigest,
            blobObjectId: request.blobObjectId,
            deletable: request.deletable,
            encodingType: 'RS2',
            signal,
          }),
        {
          clock: context.clock,
          timeoutMs: context.timeouts.uploadMs,
          operation: OPERATION,
          code: 'walrus/unavailable',
          signal: request.signal,
        },
      )
      return { kind: 'certificate', certificate }
    } catch (error) {
      if (isAbort(error, request)) throw error
      const status = statusOf(error)
      if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429) return { kind: 'refused', status }
      last = error
    }
    if (attempt < context.attempts) {
      await backOff(attempt, { clock: context.clock, entropy: context.entropy, baseMs: context.timeouts.backoffMs, signal: request.signal })
    }
  }
  throw new LocketError('walrus/unavailable', {
    operation: OPERATION,
    message: 'the upload relay did not take the blob',
    details: { source: context.network.upload.via === 'relay' ? context.network.upload.host : 'relay' },
    cause: last,
  })
}

function statusOf(error: unknown): number | undefined {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
  return typeof status === 'number' ? status : undefined
}
