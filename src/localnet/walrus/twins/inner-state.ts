import type { ExecutionContext, LedgerObject } from '../../ledger/types.ts'
import type { SystemState } from '../move-types.ts'
import { innerStateId, readSystemState, withSystemState } from '../system-state.ts'

/** The inner state of a `System` object inside a transaction; `save` writes it back. */
export function openSystemState(
  context: ExecutionContext,
  system: LedgerObject,
): { readonly state: SystemState; readonly epoch: number; save(): void } {
  const field = context.get(innerStateId(system.id))
  if (field === undefined) throw new TypeError('the system object has no inner state')
  const state = readSystemState(field)
  return {
    state,
    epoch: state.committee.epoch,
    save: () => context.write({ id: field.id, type: field.type, contents: withSystemState(field, state) }),
  }
}
