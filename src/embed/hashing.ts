import { throwIfAborted } from '../core/abort.ts'
import { LocketError } from '../core/errors.ts'
import { createAnalyzer, type Term } from './analyzer.ts'
import { featureHash } from './feature-hash.ts'
import type { Embedder } from './port.ts'
import { relatedWords } from './related-words.ts'
import { createStemmer } from './stem.ts'

export type HashingEmbedderOptions = {
  /** Length of the vectors, 64 to 4,096. Default 384. More dimensions mean fewer accidental collisions. */
  readonly dimensions?: number | undefined
}

const PREFIX = 'locket-hashing-1'
const WORD_SEED = 1
const GRAM_SEED = 2
const RAW_SEED = 3
const FUNCTION_WORD_WEIGHT = 0.1
const GRAM_WEIGHT = 0.7
const RELATED_WEIGHT = 0.3
/** Distinct terms whose features are remembered. */
const CACHE_TERMS = 20_000

/** Whether `embedder` compares letters and not meaning; hybrid ranking trusts such vectors less. */
export function isHashingEmbedder(embedder: Pick<Embedder, 'id'>): boolean {
  return embedder.id.startsWith(PREFIX)
}

type Features = { readonly slots: Int32Array; readonly weights: Float64Array }

/**
 * The built-in embedder: no download, no network, the same vector on every
 * platform.
 *
 * It is lexical, not semantic. Texts are near when they share words, stems or
 * parts of words, so it forgives endings and spelling mistakes. Beyond that it
 * has only a short list of everyday English words that go together; it
 * understands nothing. For meaning, use a model through
 * `createTransformersEmbedder` or `createHttpEmbedder`.
 *
 * Method: each distinct stem, each run of three letters in it and each of its
 * listed relatives is hashed to a signed dimension (K. Weinberger et al., "Feature hashing for large scale
 * multitask learning", ICML 2009), weighted by the square root of how often it
 * occurs; English function words weigh a tenth; the sum is scaled to length 1.
 * Only correctly rounded operations are used, so vectors agree bit for bit.
 * A text without words (empty, or punctuation only) is hashed as it stands:
 * its vector is valid and near only to the same text.
 *
 * @throws {LocketError} `usage/invalid-argument` if `dimensions` is not a whole number from 64 to 4,096.
 */
export function createHashingEmbedder(options: HashingEmbedderOptions = {}): Embedder {
  const { dimensions = 384 } = options
  if (!Number.isInteger(dimensions) || dimensions < 64 || dimensions > 4096) {
    throw new LocketError('usage/invalid-argument', {
      operation: 'embed.createHashingEmbedder',
      message: 'dimensions must be a whole number from 64 to 4096',
      details: { parameter: 'dimensions' },
    })
  }
  const analyze = createAnalyzer()
  const related = relatedWords(createStemmer())
  const cache = new Map<string, Features>()

  const featuresOf = (term: Term): Features => {
    const known = cache.get(term.text)
    if (known !== undefined) return known
    if (cache.size >= CACHE_TERMS) cache.clear()
    const features = termFeatures(term, related.get(term.text) ?? [], dimensions)
    cache.set(term.text, features)
    return features
  }

  const embedOne = (text: string): Float32Array<ArrayBuffer> => {
    const sum = new Float64Array(dimensions)
    const counts = new Map<Term, number>()
    for (const term of analyze(text)) counts.set(term, (counts.get(term) ?? 0) + 1)
    for (const [term, count] of counts) {
      const { slots, weights } = featuresOf(term)
      const times = Math.sqrt(count)
      for (let i = 0; i < slots.length; i++) {
        const slot = slots[i] as number
        sum[slot] = (sum[slot] as number) + times * (weights[i] as number)
      }
    }
    return scaled(sum) ?? wordless(text, dimensions)
  }

  return Object.freeze({
    id: `${PREFIX}-${dimensions}`,
    dimensions,
    sendsTextTo: null,
    async embed(texts, embedOptions) {
      const vectors: Float32Array<ArrayBuffer>[] = []
      for (const text of texts) {
        throwIfAborted(embedOptions)
        vectors.push(embedOne(text))
      }
      return vectors
    },
  } satisfies Embedder)
}

function termFeatures(term: Term, related: readonly string[], dimensions: number): Features {
  const hashes: number[] = []
  const strengths: number[] = []
  const add = (hash: number, strength: number) => {
    hashes.push(hash)
    strengths.push(strength)
  }
  add(featureHash(term.text, WORD_SEED), term.isFunctionWord ? FUNCTION_WORD_WEIGHT : 1)
  if (!term.isFunctionWord) {
    const padded = `<${term.text}>`
    const grams: string[] = []
    for (let i = 0; i + 3 <= padded.length; i++) grams.push(padded.slice(i, i + 3))
    for (const gram of grams) add(featureHash(gram, GRAM_SEED), GRAM_WEIGHT / Math.sqrt(grams.length))
    for (const other of related) add(featureHash(other, WORD_SEED), RELATED_WEIGHT / Math.sqrt(related.length))
  }
  return {
    slots: Int32Array.from(hashes, (hash) => (hash >>> 1) % dimensions),
    weights: Float64Array.from(hashes, (hash, i) => (hash & 1 ? (strengths[i] as number) : -(strengths[i] as number))),
  }
}

/** The sum at length 1, or `undefined` where nothing, or only what cancels out, was added. */
function scaled(sum: Float64Array): Float32Array<ArrayBuffer> | undefined {
  let squares = 0
  for (const value of sum) squares += value * value
  if (squares < 1e-12) return undefined
  const length = Math.sqrt(squares)
  const vector = new Float32Array(sum.length)
  for (let i = 0; i < sum.length; i++) vector[i] = (sum[i] as number) / length
  return vector
}

function wordless(text: string, dimensions: number): Float32Array<ArrayBuffer> {
  const vector = new Float32Array(dimensions)
  const hash = featureHash(text.trim(), RAW_SEED)
  vector[(hash >>> 1) % dimensions] = hash & 1 ? 1 : -1
  return vector
}
