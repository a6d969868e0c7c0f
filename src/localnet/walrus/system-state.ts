import { bcs } from '@mysten/sui/bcs'
import { deriveDynamicFieldID } from '@mysten/sui/utils'
import type { Bytes } from '../../core/bytes.ts'
import type { LedgerObject } from '../ledger/types.ts'
import { type SystemState, SystemField } from './move-types.ts'
import { ROOT_VERSION } from './names.ts'

/** Id of the dynamic field under which System and Staking keep their inner state. */
export function innerStateId(rootId: string): string {
  return deriveDynamicFieldID(rootId, 'u64', bcs.u64().serialize(ROOT_VERSION).toBytes())
}

/** The state in the field object, a copy of the caller's own. */
export function readSystemState(field: LedgerObject): SystemState {
  return SystemField.parse(field.contents).value
}

/** The contents of the field object with `state` in place of what it held. */
export function withSystemState(field: LedgerObject, state: SystemState): Bytes {
  const { id, name } = SystemField.parse(field.contents)
  return SystemField.serialize({ id, name, value: state }).toBytes()
}

/** An accounting ring for `length` epochs from `epoch` on, nothing used. */
export function emptyAccounting(epoch: number, length: number): SystemState['future_accounting'] {
  const ring_buffer = Array.from({ length }, (_, i) => accountOf(epoch + i))
  return { current_index: 0, length, ring_buffer }
}

/** The account of the epoch `epochsAhead` from now (`storage_accounting::ring_lookup_mut`). */
export function accountAhead(state: SystemState, epochsAhead: number): SystemState['future_accounting']['ring_buffer'][number] {
  const { current_index, length, ring_buffer } = state.future_accounting
  return ring_buffer[(current_index + epochsAhead) % length] as (typeof ring_buffer)[number]
}

/**
 * Moves `state` to the next epoch with the same committee and prices, as
 * `system_state_inner::advance_epoch` does. Rewards are not paid out: no one stakes here.
 */
export function nextEpoch(state: SystemState): void {
  const accounting = state.future_accounting
  const { epoch } = accountAhead(state, 0)
  accounting.ring_buffer[accounting.current_index] = accountOf(epoch + accounting.length)
  accounting.current_index = (accounting.current_index + 1) % accounting.length
  state.used_capacity_size = accountAhead(state, 0).used_capacity
  state.committee.epoch++
}

function accountOf(epoch: number): SystemState['future_accounting']['ring_buffer'][number] {
  return { epoch, used_capacity: '0', rewards_to_distribute: { value: '0' } }
}
