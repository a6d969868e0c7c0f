import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'

/**
 * The part of a blob store (`store/port.ts`) that a persistent index uses. It
 * must encrypt: vectors tell what texts are about, so they are as secret as the
 * texts. Operations of a batch that is not atomic must take effect in order.
 */
export type VectorStore = {
  get(key: string, options?: AbortOptions): Promise<Bytes | undefined>
  list(prefix: string, options?: AbortOptions): AsyncIterable<string>
  batch(
    ops: readonly (
      | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
      | { readonly type: 'delete'; readonly key: string }
    )[],
    options?: AbortOptions,
  ): Promise<void>
}
