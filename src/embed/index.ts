/** What turns texts into vectors. */

export { createHashingEmbedder, type HashingEmbedderOptions } from './hashing.ts'
export { createHttpEmbedder, type HttpEmbedderOptions } from './http.ts'
export type { Embedder } from './port.ts'
export { createTransformersEmbedder, type TransformersEmbedderOptions, type TransformersLike } from './transformers.ts'
