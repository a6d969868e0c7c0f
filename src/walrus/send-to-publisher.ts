import { isAbort } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import { fromUtf8 } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { backOff } from './backoff.ts'
import type { WalrusContext } from './context.ts'

const OPERATION = 'walrus.upload'

/** What a publisher says it did. Its word, to be checked on chain. */
export type PublisherAnswer = { readonly blobId: string; readonly blobObjectId: string | undefined; readonly endEpoch: number }

/**
 * Has a publisher store a blob at its own expense and send the object to the
 * signer. Tries again with back-off on network errors, 429 and 5xx; the
 * publisher recognises a blob it has certified already.
 *
 * @throws {LocketError} `walrus/unavailable` after the last attempt, `walrus/too-large` if it refuses the size,
 * `walrus/inconsistent` if it reports another blob.
 */
export async function sendToPublisher(
  context: WalrusContext,
  request: {
    readonly url: string
    readonly bytes: Bytes
    readonly blobId: string
    readonly epochs: number
    readonly deletable: boolean
    readonly signal?: AbortSignal | undefined
  },
): Promise<PublisherAnswer> {
  const url = new URL('v1/blobs', request.url.endsWith('/') ? request.url : `${request.url}/`)
  url.searchParams.set('epochs', String(request.epochs))
  url.searchParams.set(request.deletable ? 'deletable' : 'permanent', 'true')
  url.searchParams.set('send_object_to', context.signer.toSuiAddress())
  let last: unknown
  for (let attempt = 1; attempt <= context.attempts; attempt++) {
    try {
      const response = await context.fetch(url, {
        method: 'PUT',
        body: request.bytes,
        ...(request.signal ? { signal: request.signal } : {}),
      })
      const body = new Uint8Array(await response.arrayBuffer())
      if (response.ok) return checked(parseAnswer(body), request.blobId, url.origin)
      last = new Error(`HTTP ${response.status}`)
      if (response.status === 413) {
        throw new LocketError('walrus/too-large', {
          operation: OPERATION,
          message: 'the publisher does not take blobs of this size',
          details: { sizeBytes: request.bytes.length, source: url.origin },
        })
      }
      if (response.status < 500 && response.status !== 429 && response.status !== 408) break
    } catch (error) {
      if (isAbort(error, request)) throw error
      if (error instanceof LocketError && error.code !== 'walrus/unavailable') throw error
      last = error
    }
    if (attempt < context.attempts) {
      await backOff(attempt, { clock: context.clock, entropy: context.entropy, baseMs: context.timeouts.backoffMs, signal: request.signal })
    }
  }
  throw new LocketError('walrus/unavailable', {
    operation: OPERATION,
    message: 'the publisher did not store the blob',
    details: { source: url.origin },
    cause: last,
  })
}

const invalid = (cause?: unknown) => new LocketError('codec/invalid', { operation: OPERATION, message: 'not a publisher answer', cause })

type BlobObjectJson = { readonly id?: unknown; readonly blobId?: unknown; readonly storage?: { readonly endEpoch?: unknown } }

function parseAnswer(body: Uint8Array): PublisherAnswer {
  let answer: { newlyCreated?: { blobObject?: BlobObjectJson }; alreadyCertified?: { blobId?: unknown; endEpoch?: unknown } }
  try {
    answer = JSON.parse(fromUtf8(body))
  } catch (cause) {
    throw invalid(cause)
  }
  const created = answer?.newlyCreated?.blobObject
  const blobId = created?.blobId ?? answer?.alreadyCertified?.blobId
  const endEpoch = created?.storage?.endEpoch ?? answer?.alreadyCertified?.endEpoch
  if (typeof blobId !== 'string' || typeof endEpoch !== 'number') throw invalid()
  return { blobId, endEpoch, blobObjectId: typeof created?.id === 'string' ? created.id : undefined }
}

function checked(answer: PublisherAnswer, blobId: string, source: string): PublisherAnswer {
  if (answer.blobId === blobId) return answer
  throw new LocketError('walrus/inconsistent', {
    operation: OPERATION,
    message: 'the publisher stored another blob than it was sent',
    details: { source, expected: blobId },
  })
}
