import { isAbort, throwIfAborted } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { checkVectors } from './check-vectors.ts'
import type { Embedder } from './port.ts'
import { type PurposePrefix, prefixMark } from './purpose-prefix.ts'

/** What a feature-extraction pipeline answers: one row per text, in row-major order. */
export type FeatureTensor = { readonly dims: readonly number[]; readonly data: ArrayLike<number> }

/** A feature-extraction pipeline as `@huggingface/transformers` makes it. */
export type FeaturePipeline = (
  texts: string[],
  options: { readonly pooling: 'mean' | 'cls' | 'last_token'; readonly normalize: boolean },
) => Promise<FeatureTensor>

/** The part of `@huggingface/transformers` that is used. */
export type TransformersLike = {
  pipeline(task: 'feature-extraction', model: string, options?: Record<string, unknown>): Promise<FeaturePipeline>
}

export type TransformersEmbedderOptions = {
  /** Loads the library on first use: `() => import('@huggingface/transformers')`. */
  readonly lib: () => Promise<TransformersLike>
  /** Model name, such as `Xenova/all-MiniLM-L6-v2`. */
  readonly model: string
  /** Revision of the model. Becomes part of the id, so that a changed model is noticed. Default `main`. */
  readonly revision?: string | undefined
  /** Length of the model's vectors. */
  readonly dimensions: number
  /** How token vectors become one. Default `mean`; the model's page says which. */
  readonly pooling?: 'mean' | 'cls' | 'last_token' | undefined
  /** Put before each text, for models trained with such marks. Default none. */
  readonly prefix?: PurposePrefix | undefined
  /** Passed on to `pipeline`, such as `{ dtype: 'q8', device: 'webgpu' }`. */
  readonly pipelineOptions?: Record<string, unknown> | undefined
  /** Texts per run of the model. Default 16. */
  readonly batchSize?: number | undefined
}

/**
 * A semantic embedder on the device, over a `@huggingface/transformers`
 * pipeline that the app brings along; nothing is imported here.
 *
 * No text leaves the device, but the library downloads the model on first use
 * unless the app has configured it otherwise. A failed load is not remembered:
 * the next call tries again. Aborting takes effect between batches.
 *
 * `embed` fails with `usage/missing-peer` if the library cannot be loaded and
 * with `embed/failed` if the model cannot be, or answers in another shape.
 *
 * @throws {LocketError} `usage/invalid-argument` for an empty model name or a bad number.
 */
export function createTransformersEmbedder(options: TransformersEmbedderOptions): Embedder {
  const { lib, model, revision = 'main', dimensions, pooling = 'mean', prefix, pipelineOptions, batchSize = 16 } = options
  if (model === '') throw invalid('model', 'a name')
  if (!Number.isInteger(dimensions) || dimensions < 1) throw invalid('dimensions', 'a whole number of 1 or more')
  if (!Number.isInteger(batchSize) || batchSize < 1) throw invalid('batchSize', 'a whole number of 1 or more')
  const id = `transformers:${model}@${revision}:${pooling}:${dimensions}${prefixMark(prefix)}`
  let loading: Promise<FeaturePipeline> | undefined

  const load = async (): Promise<FeaturePipeline> => {
    let library: TransformersLike
    try {
      library = await lib()
    } catch (cause) {
      throw new LocketError('usage/missing-peer', {
        operation: 'embed.transformers',
        message: 'the library could not be loaded',
        details: { package: '@huggingface/transformers' },
        cause,
      })
    }
    try {
      return await library.pipeline('feature-extraction', model, { ...pipelineOptions, revision })
    } catch (cause) {
      throw failed('the model could not be loaded', cause)
    }
  }
  const loaded = (): Promise<FeaturePipeline> => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }

  return Object.freeze({
    id,
    dimensions,
    sendsTextTo: null,
    async embed(texts, embedOptions = {}) {
      throwIfAborted(embedOptions)
      if (texts.length === 0) return []
      const run = await loaded()
      const mark = prefix?.[embedOptions.purpose ?? 'document'] ?? ''
      const vectors: Float32Array<ArrayBuffer>[] = []
      for (let start = 0; start < texts.length; start += batchSize) {
        throwIfAborted(embedOptions)
        const batch = texts.slice(start, start + batchSize).map((text) => mark + text)
        try {
          vectors.push(...rows(await run(batch, { pooling, normalize: true }), batch.length, dimensions))
        } catch (error) {
          if (isLocketError(error) || isAbort(error, embedOptions)) throw error
          throw failed('the model failed', error)
        }
      }
      return checkVectors(vectors, { count: texts.length, dimensions, embedderId: id })
    },
  } satisfies Embedder)
}

/** Copies the rows out: the library may use the tensor's memory again. */
function rows(tensor: FeatureTensor, count: number, dimensions: number): Float32Array<ArrayBuffer>[] {
  const { dims, data } = tensor
  if (dims.length !== 2 || dims[0] !== count || dims[1] !== dimensions || data.length !== count * dimensions) {
    throw new LocketError('embed/failed', {
      operation: 'embed.transformers',
      message: 'the model answered in another shape',
      details: { expected: [count, dimensions], received: [...dims] },
    })
  }
  return Array.from({ length: count }, (_, row) => {
    const vector = new Float32Array(dimensions)
    for (let i = 0; i < dimensions; i++) vector[i] = data[row * dimensions + i] as number
    return vector
  })
}

function failed(message: string, cause: unknown): LocketError {
  return new LocketError('embed/failed', { operation: 'embed.transformers', message, cause })
}

function invalid(parameter: string, wanted: string): LocketError {
  return new LocketError('usage/invalid-argument', {
    operation: 'embed.createTransformersEmbedder',
    message: `${parameter} must be ${wanted}`,
    details: { parameter },
  })
}
