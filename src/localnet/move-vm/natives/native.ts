import type { MoveType } from '../move-type.ts'
import type { Session } from '../session.ts'
import type { MoveValue } from '../value.ts'

/** What a native function is called with. */
export type NativeCall = {
  readonly args: readonly MoveValue[]
  readonly typeArguments: readonly MoveType[]
  readonly session: Session
  /** Aborts as the native function. */
  abort(code: number): never
}

export type Native = (call: NativeCall) => readonly MoveValue[]

/** Native functions by `address::module::function`, the address in full. */
export type NativeTable = ReadonlyMap<string, Native>

/** The argument at `index`. */
export function argument(call: NativeCall, index: number): MoveValue {
  const value = call.args[index]
  if (value === undefined) throw new TypeError(`a native function got ${call.args.length} arguments`)
  return value
}

/** The type argument at `index`. */
export function typeArgument(call: NativeCall, index: number): MoveType {
  const type = call.typeArguments[index]
  if (type === undefined) throw new TypeError(`a native function got ${call.typeArguments.length} type arguments`)
  return type
}
