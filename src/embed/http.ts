import type { Fetch } from '../core/capabilities.ts'
import { type ErrorDetails, isLocketError, LocketError } from '../core/errors.ts'
import { checkVectors } from './check-vectors.ts'
import type { Embedder } from './port.ts'
import { type PurposePrefix, prefixMark } from './purpose-prefix.ts'

export type HttpEmbedderOptions = {
  /** The whole address of the endpoint, such as `https://host/v1/embeddings`. `https:`, or `http:` on the loopback interface. */
  readonly url: string
  /** What the request names as `model`. */
  readonly model: string
  /** Length of the vectors the model returns. */
  readonly dimensions: number
  /** Sent as a bearer token. Never logged, thrown or part of any error. */
  readonly apiKey?: string | undefined
  /** Ask the endpoint to shorten its vectors to `dimensions`. Only some models can. Default false. */
  readonly sendDimensions?: boolean | undefined
  /** Texts per request. Default 64. */
  readonly batchSize?: number | undefined
  /** Give up on one request after this long. Default 30,000. */
  readonly timeoutMs?: number | undefined
  /** Put before each text, for models trained with such marks (`query: `, `passage: `). Default none. */
  readonly prefix?: PurposePrefix | undefined
  readonly fetch?: Fetch | undefined
}

const OPERATION = 'embed.http'

/**
 * An embedder behind an OpenAI-compatible `POST …/embeddings` endpoint.
 *
 * The endpoint's operator reads every text: `sendsTextTo` names the host, and an
 * app should say so to the person. For embedding on the device use the hashing
 * or the Transformers.js embedder.
 *
 * `embed` sends batches one after another and does not retry. It fails with
 * `embed/failed`: `details.reason` is `network`, `timeout`, `status` (with
 * `details.status`) or `answer`. The server's own words are left out of errors,
 * because they may quote the text or the key.
 *
 * @throws {LocketError} `usage/invalid-argument` for an address that is not https, a bad number, or an empty model.
 */
export function createHttpEmbedder(options: HttpEmbedderOptions): Embedder {
  const { model, dimensions, apiKey, sendDimensions = false, batchSize = 64, timeoutMs = 30_000, prefix } = options
  const url = endpoint(options.url)
  if (model === '') throw invalid('model', 'a name')
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > 65_536) throw invalid('dimensions', 'a whole number from 1 to 65536')
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > 2_048) throw invalid('batchSize', 'a whole number from 1 to 2048')
  if (!(timeoutMs > 0)) throw invalid('timeoutMs', 'more than 0')
  const id = `http:${model}:${dimensions}${prefixMark(prefix)}`

  const post = async (input: readonly string[], signal: AbortSignal | undefined): Promise<readonly Float32Array<ArrayBuffer>[]> => {
    const fetch = options.fetch ?? globalThis.fetch
    const limit = AbortSignal.timeout(timeoutMs)
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) },
        body: JSON.stringify({ model, input, encoding_format: 'float', ...(sendDimensions ? { dimensions } : {}) }),
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        // A redirect could carry text and key to another host.
        redirect: 'error',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
      })
      if (!response.ok) throw failed('the endpoint refused', { reason: 'status', status: response.status })
      return vectorsOf(await response.text(), input.length)
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      if (isLocketError(error)) throw error
      if (limit.aborted) throw failed('the endpoint did not answer in time', { reason: 'timeout', timeoutMs })
      // The cause is left out: some runtimes put the request, key included, into it.
      throw failed('the endpoint could not be reached', { reason: 'network' })
    }
  }

  return Object.freeze({
    id,
    dimensions,
    sendsTextTo: url.host,
    async embed(texts, embedOptions = {}) {
      const { signal, purpose = 'document' } = embedOptions
      const vectors: Float32Array<ArrayBuffer>[] = []
      for (let start = 0; start < texts.length; start += batchSize) {
        signal?.throwIfAborted()
        // Endpoints refuse an empty text; a space stands for it. Lone surrogates have no UTF-8.
        const batch = texts.slice(start, start + batchSize).map((text) => wellFormed(`${prefix?.[purpose] ?? ''}${text}`) || ' ')
        vectors.push(...(await post(batch, signal)))
      }
      return checkVectors(vectors, { count: texts.length, dimensions, embedderId: id })
    },
  } satisfies Embedder)
}

/** Vectors by their `index`, as the answer may be in any order. */
function vectorsOf(answer: string, count: number): Float32Array<ArrayBuffer>[] {
  let rows: unknown
  try {
    rows = (JSON.parse(answer) as { data?: unknown } | null)?.data
  } catch {
    throw failed('the answer is not JSON', { reason: 'answer' })
  }
  if (!Array.isArray(rows) || rows.length !== count) throw failed('the answer does not hold one vector per text', { reason: 'answer' })
  const vectors: (Float32Array<ArrayBuffer> | undefined)[] = Array.from({ length: count })
  for (const [at, row] of (rows as unknown[]).entries()) {
    const { index = at, embedding } = (row ?? {}) as { index?: unknown; embedding?: unknown }
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= count || vectors[index] !== undefined) {
      throw failed('the answer numbers its vectors wrongly', { reason: 'answer' })
    }
    if (!Array.isArray(embedding) || !embedding.every((value) => typeof value === 'number')) {
      throw failed('the answer holds something that is not a vector', { reason: 'answer' })
    }
    vectors[index] = Float32Array.from(embedding)
  }
  return vectors as Float32Array<ArrayBuffer>[]
}

function endpoint(address: string): URL {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    throw invalid('url', 'a whole address')
  }
  const isLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback))
    throw invalid('url', 'https, or http on the loopback interface')
  if (url.username !== '' || url.password !== '') throw invalid('url', 'an address without a user name or password')
  return url
}

function wellFormed(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text))
}

function failed(message: string, details: ErrorDetails): LocketError {
  return new LocketError('embed/failed', { operation: OPERATION, message, details })
}

function invalid(parameter: string, wanted: string): LocketError {
  return new LocketError('usage/invalid-argument', {
    operation: OPERATION,
    message: `${parameter} must be ${wanted}`,
    details: { parameter },
  })
}
