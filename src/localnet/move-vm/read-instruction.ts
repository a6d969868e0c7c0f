import type { BytecodeJson, FieldJson, InstructionJson } from './bytecode-json.ts'
import { untag } from './bytecode-json.ts'
import type { BinaryOperation, Instruction } from './loaded-module.ts'
import type { IntegerBits } from './move-type.ts'
import { at, type ModuleTables } from './module-tables.ts'
import { bool, integer } from './value.ts'

type JumpTables = NonNullable<NonNullable<BytecodeJson['function_defs'][number]['code']>['jump_tables']>

/** One instruction with its table indices looked up. Generic and plain forms become the same instruction. */
export function readInstruction(tables: ModuleTables, jumpTables: JumpTables, source: InstructionJson): Instruction {
  const { json } = tables
  const [opcode, payload] = untag(source)
  const index = payload as number

  switch (opcode) {
    case 'Nop':
    case 'Pop':
    case 'Ret':
    case 'Abort':
    case 'ReadRef':
    case 'WriteRef':
    case 'FreezeRef':
    case 'And':
    case 'Or':
    case 'Not':
    case 'Eq':
    case 'Neq':
      return { op: opcode }
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
    case 'Mod':
    case 'BitAnd':
    case 'BitOr':
    case 'Xor':
    case 'Shl':
    case 'Shr':
    case 'Lt':
    case 'Gt':
    case 'Le':
    case 'Ge':
      return { op: 'Binary', operation: opcode satisfies BinaryOperation }
    case 'Branch':
    case 'BrTrue':
    case 'BrFalse':
      return { op: opcode, target: index }
    case 'LdTrue':
      return { op: 'Push', value: bool(true) }
    case 'LdFalse':
      return { op: 'Push', value: bool(false) }
    case 'LdConst': {
      const { type_: type, data } = at(json.constant_pool, index)
      return { op: 'Constant', type: tables.type(type), bytes: Uint8Array.from(data) }
    }
    case 'CopyLoc':
    case 'MoveLoc':
    case 'StLoc':
      return { op: opcode, local: index }
    case 'ImmBorrowLoc':
    case 'MutBorrowLoc':
      return { op: 'BorrowLoc', local: index }
    case 'Call':
      return call(tables, index, [])
    case 'CallGeneric': {
      const instantiation = at(json.function_instantiations, index)
      return call(tables, instantiation.handle, tables.signature(instantiation.type_parameters))
    }
    case 'Pack':
      return { op: 'Pack', fieldCount: structFields(json, index).length }
    case 'PackGeneric':
      return { op: 'Pack', fieldCount: structFields(json, at(json.struct_def_instantiations, index).def).length }
    case 'Unpack':
    case 'UnpackGeneric':
      return { op: 'Unpack' }
    case 'ImmBorrowField':
    case 'MutBorrowField':
      return { op: 'BorrowField', field: at(json.field_handles, index).field }
    case 'ImmBorrowFieldGeneric':
    case 'MutBorrowFieldGeneric':
      return { op: 'BorrowField', field: at(json.field_handles, at(json.field_instantiations, index).handle).field }
    case 'VariantSwitch':
      return { op: 'VariantSwitch', targets: at(jumpTables, index).jump_table.Full }
    case 'VecPack':
    case 'VecUnpack': {
      const [, count] = payload as readonly [number, bigint | number]
      return { op: opcode, count: Number(count) }
    }
    case 'VecLen':
    case 'VecPushBack':
    case 'VecPopBack':
    case 'VecSwap':
      return { op: opcode }
    case 'VecImmBorrow':
    case 'VecMutBorrow':
      return { op: 'VecBorrow' }
    default:
      return readLoad(opcode, payload) ?? readVariant(json, opcode, index)
  }
}

/** `LdU8` … `LdU256` and `CastU8` … `CastU256`. */
function readLoad(opcode: string, payload: unknown): Instruction | undefined {
  const match = /^(Ld|Cast)U(\d+)$/.exec(opcode)
  if (match === null) return undefined
  const bits = Number(match[2]) as IntegerBits
  if (match[1] === 'Cast') return { op: 'Cast', bits }
  // A u256 comes as 32 little-endian bytes, every other width as a number or bigint.
  const value = Array.isArray(payload)
    ? (payload as readonly number[]).reduceRight((high, byte) => (high << 8n) | BigInt(byte), 0n)
    : BigInt(payload as number | bigint)
  return { op: 'Push', value: integer(bits, value) }
}

function readVariant(json: BytecodeJson, opcode: string, index: number): Instruction {
  const isGeneric = opcode.includes('Generic')
  const handle = at(isGeneric ? json.variant_instantiation_handles : json.variant_handles, index)
  const definition = at(json.enum_defs, isGeneric ? at(json.enum_def_instantiations, handle.enum_def).def : handle.enum_def)
  const { variant } = handle
  switch (opcode) {
    case 'PackVariant':
    case 'PackVariantGeneric':
      return { op: 'Pack', fieldCount: at(definition.variants, variant).fields.length, variant }
    case 'UnpackVariant':
    case 'UnpackVariantGeneric':
      return { op: 'Unpack', variant }
    case 'UnpackVariantImmRef':
    case 'UnpackVariantMutRef':
    case 'UnpackVariantGenericImmRef':
    case 'UnpackVariantGenericMutRef':
      return { op: 'UnpackReference', variant }
    default:
      throw new TypeError(`unknown instruction ${opcode}`)
  }
}

function call(tables: ModuleTables, handle: number, typeArguments: ReturnType<ModuleTables['signature']>): Instruction {
  const { parameters } = at(tables.json.function_handles, handle)
  const argumentCount = at(tables.json.signatures, parameters).length
  return { op: 'Call', callee: tables.functionReference(handle, typeArguments), argumentCount }
}

function structFields(json: BytecodeJson, index: number): readonly FieldJson[] {
  const { field_information } = at(json.struct_defs, index)
  return field_information === 'Native' ? [] : field_information.Declared
}
