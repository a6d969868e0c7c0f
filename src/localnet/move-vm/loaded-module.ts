import type { DatatypeType, IntegerBits, MoveType } from './move-type.ts'
import type { MoveValue } from './value.ts'

/** `address::module`, the key of a module. */
export type ModuleId = string

export type Abilities = { readonly copy: boolean; readonly drop: boolean; readonly store: boolean; readonly key: boolean }

/** A struct (one list of field types) or an enum (one list per variant). */
export type DatatypeDefinition = {
  readonly name: string
  readonly abilities: Abilities
  /** Per type parameter, whether it is phantom. */
  readonly phantoms: readonly boolean[]
  readonly isEnum: boolean
  readonly variants: readonly (readonly MoveType[])[]
}

/** A call target: which function, with which type arguments (which may mention the caller's own parameters). */
export type FunctionReference = {
  readonly moduleId: ModuleId
  readonly name: string
  readonly typeArguments: readonly MoveType[]
}

export type BinaryOperation = 'Add' | 'Sub' | 'Mul' | 'Div' | 'Mod' | 'BitAnd' | 'BitOr' | 'Xor' | 'Shl' | 'Shr' | 'Lt' | 'Gt' | 'Le' | 'Ge'

/** Move bytecode with every index into the module's tables already looked up. */
export type Instruction =
  | { readonly op: 'Nop' | 'Pop' | 'Ret' | 'Abort' | 'ReadRef' | 'WriteRef' | 'FreezeRef' }
  | { readonly op: 'And' | 'Or' | 'Not' | 'Eq' | 'Neq' }
  | { readonly op: 'Binary'; readonly operation: BinaryOperation }
  | { readonly op: 'Cast'; readonly bits: IntegerBits }
  | { readonly op: 'Branch' | 'BrTrue' | 'BrFalse'; readonly target: number }
  | { readonly op: 'Push'; readonly value: MoveValue }
  /** Constants are decoded when reached: their type may need another module's layout. */
  | { readonly op: 'Constant'; readonly type: MoveType; readonly bytes: Uint8Array }
  | { readonly op: 'CopyLoc' | 'MoveLoc' | 'StLoc' | 'BorrowLoc'; readonly local: number }
  | { readonly op: 'Call'; readonly callee: FunctionReference; readonly argumentCount: number }
  | { readonly op: 'Pack'; readonly fieldCount: number; readonly variant?: number | undefined }
  | { readonly op: 'Unpack'; readonly variant?: number | undefined }
  | { readonly op: 'UnpackReference'; readonly variant: number }
  | { readonly op: 'VariantSwitch'; readonly targets: readonly number[] }
  | { readonly op: 'BorrowField'; readonly field: number }
  | { readonly op: 'VecPack' | 'VecUnpack'; readonly count: number }
  | { readonly op: 'VecLen' | 'VecBorrow' | 'VecPushBack' | 'VecPopBack' | 'VecSwap' }

export type MoveFunction = {
  readonly module: LoadedModule
  readonly name: string
  readonly visibility: 'private' | 'public' | 'friend'
  readonly isEntry: boolean
  /** Required abilities per type parameter. */
  readonly typeParameters: readonly Abilities[]
  readonly parameters: readonly MoveType[]
  readonly returns: readonly MoveType[]
  /** `undefined` for a native function. */
  readonly code: readonly Instruction[] | undefined
}

export type LoadedModule = {
  readonly id: ModuleId
  readonly packageId: string
  readonly name: string
  readonly functions: ReadonlyMap<string, MoveFunction>
  readonly datatypes: ReadonlyMap<string, DatatypeDefinition>
  /** What it needs of other modules, to be checked when it is linked. */
  readonly importedFunctions: readonly {
    readonly moduleId: ModuleId
    readonly name: string
    readonly parameters: readonly MoveType[]
    readonly returns: readonly MoveType[]
  }[]
  readonly importedDatatypes: readonly DatatypeType[]
}
