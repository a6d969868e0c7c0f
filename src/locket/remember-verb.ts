import type { AbortOptions } from '../core/abort.ts'
import type { Memory, MemoryInput, Outcome } from '../memory/types.ts'
import type { Locket } from './types.ts'

/** The two ways to call `remember`, one memory or many, over the one that keeps many. */
export function rememberVerb(
  rememberMany: (inputs: readonly MemoryInput[], options: AbortOptions) => Promise<readonly Outcome<Memory>[]>,
): Locket['remember'] {
  async function remember(input: string | readonly MemoryInput[], details: Omit<MemoryInput, 'text'> & AbortOptions = {}) {
    const { signal, ...rest } = details
    if (Array.isArray(input)) return rememberMany(input as readonly MemoryInput[], { signal })
    const [outcome] = await rememberMany([{ ...rest, text: input as string }], { signal })
    if (outcome?.ok) return outcome.value
    throw (outcome as Extract<Outcome<Memory>, { ok: false }>).error
  }
  return remember as Locket['remember']
}
