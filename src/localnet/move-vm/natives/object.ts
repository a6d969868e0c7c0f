import { blake2b } from '@noble/hashes/blake2.js'
import { concatBytes, toHex } from '../../../core/bytes.ts'
import type { Owner } from '../../ledger/types.ts'
import { formatType } from '../move-type.ts'
import * as values from '../value.ts'
import { encodeValue } from '../value-bcs.ts'
import { argument, type Native, type NativeCall, typeArgument } from './native.ts'

/** Addresses, object ids, ownership, events and the transaction context of the Sui framework, package 0x2. */
export const OBJECT_NATIVES: Readonly<Record<string, Native>> = {
  'address::from_bytes': (call) => {
    const bytes = values.asBytes(argument(call, 0))
    // Code 0 is `EAddressParseError`.
    return [values.address(bytes.length === 32 ? `0x${toHex(bytes)}` : call.abort(0))]
  },
  'address::to_u256': (call) => [values.integer(256, BigInt(values.asAddress(argument(call, 0))))],
  'address::from_u256': (call) => [values.address(`0x${values.asInteger(argument(call, 0)).value.toString(16).padStart(64, '0')}`)],

  'object::borrow_uid': (call) => [values.referenceTo(values.asStruct(argument(call, 0)).fields, 0)],
  // Deleting and registering an id needs no note: an object that is placed nowhere when the call ends is gone.
  'object::delete_impl': () => [],
  'object::record_new_uid': () => [],

  'transfer::transfer_impl': (call) => place(call, { kind: 'address', address: values.asAddress(argument(call, 1)) }),
  // The ledger sets the version at which an object was shared when it commits.
  'transfer::share_object_impl': (call) => place(call, { kind: 'shared', initialVersion: 0n }),
  'transfer::freeze_object_impl': (call) => place(call, { kind: 'immutable' }),

  'event::emit': (call) => {
    const type = typeArgument(call, 0)
    call.session.emit({ type: formatType(type), bcs: encodeValue(argument(call, 0), type, call.session.store.layoutOf) })
    return []
  },

  'tx_context::native_sender': ({ session }) => [values.address(session.context.sender)],
  'tx_context::native_epoch': ({ session }) => [values.u64(session.context.epoch)],
  'tx_context::native_epoch_timestamp_ms': ({ session }) => [values.u64(session.context.timestampMs)],
  'tx_context::native_sponsor': () => [{ kind: 'vector', items: [] }],
  'tx_context::fresh_id': ({ session }) => [values.address(session.context.freshId())],
  'tx_context::derive_id': (call) => {
    const counter = new Uint8Array(8)
    new DataView(counter.buffer).setBigUint64(0, values.asInteger(argument(call, 1)).value, true)
    const id = blake2b(concatBytes(Uint8Array.of(0xf1), values.asBytes(argument(call, 0)), counter), { dkLen: 32 })
    return [values.address(`0x${toHex(id)}`)]
  },
}

function place(call: NativeCall, owner: Owner): readonly values.MoveValue[] {
  call.session.place(argument(call, 0), typeArgument(call, 0), owner)
  return []
}
