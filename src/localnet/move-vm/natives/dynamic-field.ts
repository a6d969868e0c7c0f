import { dynamicFieldId } from '../dynamic-field-id.ts'
import { formatType } from '../move-type.ts'
import type { HeldObject } from '../session.ts'
import * as values from '../value.ts'
import { encodeValue } from '../value-bcs.ts'
import { argument, type Native, type NativeCall, typeArgument } from './native.ts'

// Abort codes of `sui::dynamic_field`.
const E_ALREADY_EXISTS = 0
const E_DOES_NOT_EXIST = 1
const E_TYPE_MISMATCH = 2

/** Dynamic fields: child objects, owned by their parent's id. */
export const DYNAMIC_FIELD_NATIVES: Readonly<Record<string, Native>> = {
  'dynamic_field::hash_type_and_key': (call) => {
    const nameType = typeArgument(call, 0)
    const name = encodeValue(argument(call, 1), nameType, call.session.store.layoutOf)
    return [values.address(dynamicFieldId(values.asAddress(argument(call, 0)), nameType, name))]
  },
  'dynamic_field::add_child_object': (call) => {
    const child = argument(call, 1)
    const parent = values.asAddress(argument(call, 0))
    if (childOf(call, parent, values.objectIdOf(child)) !== undefined) call.abort(E_ALREADY_EXISTS)
    call.session.place(child, typeArgument(call, 0), { kind: 'object', parent })
    return []
  },
  'dynamic_field::borrow_child_object': (call) => [call.session.borrow(borrowed(call), false)],
  'dynamic_field::borrow_child_object_mut': (call) => [call.session.borrow(borrowed(call), true)],
  'dynamic_field::remove_child_object': (call) => {
    const child = typed(call, values.asAddress(argument(call, 0)))
    call.session.take(child.id)
    return [child.value]
  },
  'dynamic_field::has_child_object': (call) => [values.bool(lookUp(call) !== undefined)],
  'dynamic_field::has_child_object_with_ty': (call) => {
    const child = lookUp(call)
    return [values.bool(child !== undefined && formatType(child.type) === formatType(typeArgument(call, 0)))]
  },
}

function childOf(call: NativeCall, parent: string, id: string): HeldObject | undefined {
  const held = call.session.object(id)
  return held?.owner?.kind === 'object' && held.owner.parent === parent ? held : undefined
}

const lookUp = (call: NativeCall): HeldObject | undefined =>
  childOf(call, values.asAddress(argument(call, 0)), values.asAddress(argument(call, 1)))

/** The child named by the second argument, of the type argument's type. */
function typed(call: NativeCall, parent: string): HeldObject {
  const child = childOf(call, parent, values.asAddress(argument(call, 1))) ?? call.abort(E_DOES_NOT_EXIST)
  if (formatType(child.type) !== formatType(typeArgument(call, 0))) call.abort(E_TYPE_MISMATCH)
  return child
}

/** Borrowing names the parent by its `UID { id: ID { bytes } }`. */
const borrowed = (call: NativeCall): HeldObject => typed(call, values.asAddress(values.field(values.field(argument(call, 0), 0), 0)))
