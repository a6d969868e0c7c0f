import type { BytecodeJson, TypeJson } from './bytecode-json.ts'
import type { FunctionReference } from './loaded-module.ts'
import type { MoveType } from './move-type.ts'

/** Lookups into one module's tables, as the instruction reader needs them. */
export type ModuleTables = {
  readonly json: BytecodeJson
  type(json: TypeJson): MoveType
  signature(index: number): readonly MoveType[]
  functionReference(handle: number, typeArguments: readonly MoveType[]): FunctionReference
}

/** `list[index]`, which a well-formed module always has. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list[index]
  if (found === undefined) throw new RangeError(`index ${index} is outside a table of ${list.length}`)
  return found
}
