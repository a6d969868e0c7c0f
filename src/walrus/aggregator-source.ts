import type { Bytes } from '../core/bytes.ts'
import { isAbort } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { Answer } from './bounded-fetch.ts'
import { formatPatchId, type PatchLocation } from './blob-id.ts'
import type { WalrusContext } from './context.ts'
import type { Source } from './try-sources.ts'

const OPERATION = 'walrus.read'

/** What to ask an aggregator for. */
export type AggregatorTarget =
  | { readonly kind: 'blob'; readonly blobId: string }
  | { readonly kind: 'patch'; readonly location: PatchLocation }
  | { readonly kind: 'patch-by-name'; readonly quiltId: string; readonly identifier: string }

/** An aggregator as a source. It may serve anything: whoever reads from it authenticates. */
export function aggregatorSource(context: WalrusContext, baseUrl: string, target: AggregatorTarget): Source {
  const url = new URL(pathOf(target), baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`)
  const name = new URL(baseUrl).origin
  return {
    name,
    read: async (signal) => ({ bytes: await get(context, url, name, signal), source: name }),
  }
}

function pathOf(target: AggregatorTarget): string {
  if (target.kind === 'blob') return `v1/blobs/${target.blobId}`
  if (target.kind === 'patch') return `v1/blobs/by-quilt-patch-id/${formatPatchId(target.location)}`
  return `v1/blobs/by-quilt-id/${target.quiltId}/${encodeURIComponent(target.identifier)}`
}

async function get(context: WalrusContext, url: URL, source: string, signal: AbortSignal): Promise<Bytes> {
  let answer: Answer
  try {
    answer = await context.answer(url, { signal })
  } catch (error) {
    if (isAbort(error, { signal }) || isLocketError(error, 'walrus/unavailable')) throw error
    // A body over the cap is no answer to the question: as wrong as any other bytes.
    if (isLocketError(error)) throw new LocketError('walrus/inconsistent', { operation: OPERATION, details: { source }, cause: error })
    throw new LocketError('walrus/unavailable', { operation: OPERATION, details: { source }, cause: error })
  }
  if (answer.status === 200) return answer.body
  const code = answer.status === 404 ? 'walrus/not-found' : 'walrus/unavailable'
  throw new LocketError(code, { operation: OPERATION, details: { source, status: answer.status } })
}
