/**
 * The shape `@mysten/move-bytecode-template` deserialises a module to, as far
 * as it is read here. Field names are the Move binary format's own.
 */
export type BytecodeJson = {
  readonly self_module_handle_idx: number
  readonly module_handles: readonly { readonly address: number; readonly name: number }[]
  readonly datatype_handles: readonly {
    readonly module: number
    readonly name: number
    readonly abilities: number
    readonly type_parameters: readonly { readonly is_phantom: boolean }[]
  }[]
  readonly function_handles: readonly {
    readonly module: number
    readonly name: number
    readonly parameters: number
    readonly return_: number
    readonly type_parameters: readonly number[]
  }[]
  readonly field_handles: readonly { readonly owner: number; readonly field: number }[]
  readonly struct_def_instantiations: readonly { readonly def: number }[]
  readonly function_instantiations: readonly { readonly handle: number; readonly type_parameters: number }[]
  readonly field_instantiations: readonly { readonly handle: number }[]
  readonly signatures: readonly (readonly TypeJson[])[]
  readonly identifiers: readonly string[]
  readonly address_identifiers: readonly string[]
  readonly constant_pool: readonly { readonly type_: TypeJson; readonly data: readonly number[] }[]
  readonly struct_defs: readonly {
    readonly struct_handle: number
    readonly field_information: { readonly Declared: readonly FieldJson[] } | 'Native'
  }[]
  readonly function_defs: readonly {
    readonly function: number
    readonly visibility: 'Private' | 'Public' | 'Friend'
    readonly is_entry: boolean
    readonly code?: {
      readonly code: readonly InstructionJson[]
      readonly jump_tables: readonly { readonly jump_table: { readonly Full: readonly number[] } }[]
    } | null
  }[]
  readonly enum_defs: readonly {
    readonly enum_handle: number
    readonly variants: readonly { readonly fields: readonly FieldJson[] }[]
  }[]
  readonly enum_def_instantiations: readonly { readonly def: number }[]
  readonly variant_handles: readonly { readonly enum_def: number; readonly variant: number }[]
  /** `enum_def` points into `enum_def_instantiations`. */
  readonly variant_instantiation_handles: readonly { readonly enum_def: number; readonly variant: number }[]
}

export type FieldJson = { readonly signature: TypeJson }

/** A plain name (`"U64"`) or one key with its payload (`{"Vector":"U8"}`). */
export type TypeJson = string | { readonly [kind: string]: unknown }

export type InstructionJson = string | { readonly [opcode: string]: unknown }

/** Splits the JSON of a Rust enum into its name and payload. */
export function untag(json: TypeJson | InstructionJson): readonly [name: string, payload: unknown] {
  if (typeof json === 'string') return [json, undefined]
  const [entry] = Object.entries(json)
  if (entry === undefined) throw new TypeError('an empty variant')
  return entry
}
