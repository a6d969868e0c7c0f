import type { LocketError } from '../core/errors.ts'
import type { MemoryId, MemoryState } from './types.ts'

/** What a locket tells whoever listens. Names and numbers only, never content. */
export type MemoryEvents = {
  /** A memory changed state, appeared (`local`) or was forgotten. */
  state: { readonly id: MemoryId; readonly state: MemoryState | 'forgotten' }
  /** Long work moved on. `total` is what is known now and may grow. */
  progress: {
    readonly task: 'remember' | 'flush' | 'restore' | 'open' | 'import' | 'export'
    readonly done: number
    readonly total: number
  }
  /** Something was repaired or set aside without losing anything acknowledged. */
  warning: { readonly error: LocketError }
}
