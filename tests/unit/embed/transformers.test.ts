import { describe, expect, it } from 'vitest'
import { createTransformersEmbedder, type FeaturePipeline, type TransformersLike } from '../../../src/embed/transformers.ts'

type Call = { readonly texts: string[]; readonly options: unknown }

function library(answer?: (texts: string[]) => Awaited<ReturnType<FeaturePipeline>>) {
  const calls: Call[] = []
  const loads: unknown[] = []
  const lib: TransformersLike = {
    async pipeline(task, model, options) {
      loads.push({ task, model, options })
      return async (texts, callOptions) => {
        calls.push({ texts, options: callOptions })
        return answer?.(texts) ?? { dims: [texts.length, 2], data: Float32Array.from(texts.flatMap((text) => [text.length, 1])) }
      }
    },
  }
  return { lib: async () => lib, calls, loads }
}

const options = { model: 'some/model', dimensions: 2 }

describe('createTransformersEmbedder', () => {
  it('loads nothing before the first text, then loads once', async () => {
    const { lib, loads } = library()
    const embedder = createTransformersEmbedder({ ...options, lib, pipelineOptions: { dtype: 'q8' } })
    expect(await embedder.embed([])).toEqual([])
    expect(loads).toEqual([])
    await Promise.all([embedder.embed(['a']), embedder.embed(['b'])])
    expect(loads).toEqual([{ task: 'feature-extraction', model: 'some/model', options: { dtype: 'q8', revision: 'main' } }])
  })

  it('runs in batches, marks texts by purpose and keeps the order', async () => {
    const { lib, calls } = library()
    const embedder = createTransformersEmbedder({ ...options, lib, batchSize: 2, prefix: { document: 'd: ', query: 'q: ' } })
    const vectors = await embedder.embed(['a', 'bb', 'ccc'], { purpose: 'query' })
    expect(vectors.map((vector) => vector[0])).toEqual([4, 5, 6])
    expect(calls.map((call) => call.texts)).toEqual([['q: a', 'q: bb'], ['q: ccc']])
    expect(calls[0]?.options).toEqual({ pooling: 'mean', normalize: true })
  })

  it('names model, revision, pooling, dimensions and prefixes', () => {
    const { lib } = library()
    const plain = createTransformersEmbedder({ ...options, lib })
    expect(plain).toMatchObject({ id: 'transformers:some/model@main:mean:2', sendsTextTo: null })
    expect(createTransformersEmbedder({ ...options, lib, prefix: { document: 'd: ', query: 'q: ' } }).id).not.toBe(plain.id)
  })

  it('tries again after a failed load', async () => {
    const { lib } = library()
    let attempts = 0
    const embedder = createTransformersEmbedder({
      ...options,
      lib: async () => {
        attempts++
        if (attempts === 1) throw new Error('offline')
        return lib()
      },
    })
    await expect(embedder.embed(['a'])).rejects.toMatchObject({
      code: 'usage/missing-peer',
      details: { package: '@huggingface/transformers' },
    })
    expect(await embedder.embed(['a'])).toHaveLength(1)
  })

  it('reports a model that cannot be loaded', async () => {
    const embedder = createTransformersEmbedder({ ...options, lib: async () => ({ pipeline: () => Promise.reject(new Error('404')) }) })
    await expect(embedder.embed(['a'])).rejects.toMatchObject({ code: 'embed/failed' })
  })

  it.each([
    ['a wrong number of rows', { dims: [2, 2], data: [1, 1, 1, 1] }],
    ['a wrong width', { dims: [1, 3], data: [1, 1, 1] }],
    ['token vectors', { dims: [1, 1, 2], data: [1, 1] }],
    ['too few values', { dims: [1, 2], data: [1] }],
    ['NaN', { dims: [1, 2], data: [1, Number.NaN] }],
    ['zeros', { dims: [1, 2], data: [0, 0] }],
  ])('refuses %s', async (_, tensor) => {
    const { lib } = library(() => tensor)
    await expect(createTransformersEmbedder({ ...options, lib }).embed(['a'])).rejects.toMatchObject({ code: 'embed/failed' })
  })

  it('stops between batches with the reason of the signal', async () => {
    const controller = new AbortController()
    const { lib, calls } = library((texts) => {
      controller.abort(new Error('enough'))
      return { dims: [texts.length, 2], data: [1, 1] }
    })
    const embedder = createTransformersEmbedder({ ...options, lib, batchSize: 1 })
    await expect(embedder.embed(['a', 'b'], { signal: controller.signal })).rejects.toThrow('enough')
    expect(calls).toHaveLength(1)
  })

  it.each([{ model: '' }, { dimensions: 0 }, { batchSize: 0 }])('refuses %j', (wrong) => {
    expect(() => createTransformersEmbedder({ ...options, lib: library().lib, ...wrong })).toThrow(
      expect.objectContaining({ code: 'usage/invalid-argument' }),
    )
  })
})
