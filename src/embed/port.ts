import type { AbortOptions } from '../core/abort.ts'

/**
 * Turns texts into vectors of a fixed length. An embedder that sends text to a
 * server says so in `sendsTextTo`; the default never does.
 *
 * `embed` returns one vector per text, in order, finite and not all zero.
 */
export type Embedder = {
  /** Names model and version. Stored in the index, which refuses vectors of another id. */
  readonly id: string
  readonly dimensions: number
  /** Host that receives the text, or `null` when nothing leaves the device. */
  readonly sendsTextTo: string | null
  embed(
    texts: readonly string[],
    options?: AbortOptions & { readonly purpose?: 'document' | 'query' },
  ): Promise<readonly Float32Array<ArrayBuffer>[]>
}
