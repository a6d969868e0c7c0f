import type { BytecodeJson, TypeJson } from './bytecode-json.ts'
import { untag } from './bytecode-json.ts'
import type { Abilities, DatatypeDefinition, FunctionReference, LoadedModule, MoveFunction } from './loaded-module.ts'
import type { DatatypeType, IntegerBits, MoveType } from './move-type.ts'
import { normalizeAddress } from './move-type.ts'
import { at, type ModuleTables } from './module-tables.ts'
import { readInstruction } from './read-instruction.ts'

/**
 * Turns a deserialised module into one whose indices are all looked up.
 *
 * A module compiled for publishing has 0x0 as its own address; it becomes
 * `packageId`, here and wherever the module names itself.
 */
export function readModule(packageId: string, json: BytecodeJson): LoadedModule {
  const self = at(json.module_handles, json.self_module_handle_idx)
  const addresses = json.address_identifiers.map((address, i) => (i === self.address ? packageId : normalizeAddress(address)))
  const name = (index: number): string => at(json.identifiers, index)
  const moduleId = (index: number): string => {
    const handle = at(json.module_handles, index)
    return `${at(addresses, handle.address)}::${name(handle.name)}`
  }
  const datatype = (index: number, typeArguments: readonly MoveType[]): DatatypeType => {
    const handle = at(json.datatype_handles, index)
    const module = at(json.module_handles, handle.module)
    return { kind: 'datatype', address: at(addresses, module.address), module: name(module.name), name: name(handle.name), typeArguments }
  }
  const type = (typeJson: TypeJson): MoveType => {
    const [kind, payload] = untag(typeJson)
    if (/^U\d+$/.test(kind)) return { kind: 'integer', bits: Number(kind.slice(1)) as IntegerBits }
    switch (kind) {
      case 'Bool':
        return { kind: 'bool' }
      case 'Address':
        return { kind: 'address' }
      case 'Signer':
        return { kind: 'signer' }
      case 'Vector':
        return { kind: 'vector', element: type(payload as TypeJson) }
      case 'Reference':
      case 'MutableReference':
        return { kind: 'reference', isMutable: kind === 'MutableReference', target: type(payload as TypeJson) }
      case 'TypeParameter':
        return { kind: 'parameter', index: payload as number }
      case 'Datatype':
        return datatype(payload as number, [])
      case 'DatatypeInstantiation': {
        const [index, typeArguments] = payload as readonly [number, readonly TypeJson[]]
        return datatype(index, typeArguments.map(type))
      }
      default:
        throw new TypeError(`unknown signature token ${kind}`)
    }
  }
  const signature = (index: number): readonly MoveType[] => at(json.signatures, index).map(type)
  const functionReference = (index: number, typeArguments: readonly MoveType[]): FunctionReference => {
    const handle = at(json.function_handles, index)
    return { moduleId: moduleId(handle.module), name: name(handle.name), typeArguments }
  }

  const tables: ModuleTables = { json, type, signature, functionReference }
  const functions = new Map<string, MoveFunction>()
  const datatypes = new Map<string, DatatypeDefinition>()
  const module: LoadedModule = {
    id: moduleId(json.self_module_handle_idx),
    packageId,
    name: name(self.name),
    functions,
    datatypes,
    importedFunctions: json.function_handles
      .filter((handle) => handle.module !== json.self_module_handle_idx)
      .map(({ module: owner, name: index, parameters, return_: returns }) => ({
        moduleId: moduleId(owner),
        name: name(index),
        parameters: signature(parameters),
        returns: signature(returns),
      })),
    importedDatatypes: json.datatype_handles.flatMap((handle, i) =>
      handle.module === json.self_module_handle_idx ? [] : [datatype(i, [])],
    ),
  }

  for (const definition of json.function_defs) {
    const { code } = definition
    const { name: index, type_parameters, parameters, return_: returns } = at(json.function_handles, definition.function)
    functions.set(name(index), {
      module,
      name: name(index),
      visibility: definition.visibility.toLowerCase() as MoveFunction['visibility'],
      isEntry: definition.is_entry,
      typeParameters: type_parameters.map(readAbilities),
      parameters: signature(parameters),
      returns: signature(returns),
      code: code?.code.map((instruction) => readInstruction(tables, code.jump_tables, instruction)),
    })
  }
  const define = (handleIndex: number, isEnum: boolean, variants: DatatypeDefinition['variants']): void => {
    const handle = at(json.datatype_handles, handleIndex)
    const phantoms = handle.type_parameters.map((parameter) => parameter.is_phantom)
    datatypes.set(name(handle.name), { name: name(handle.name), abilities: readAbilities(handle.abilities), phantoms, isEnum, variants })
  }
  for (const { struct_handle, field_information } of json.struct_defs) {
    if (field_information === 'Native') throw new TypeError('native structs do not exist on Sui')
    define(struct_handle, false, [field_information.Declared.map((one) => type(one.signature))])
  }
  for (const { enum_handle, variants } of json.enum_defs) {
    define(
      enum_handle,
      true,
      variants.map(({ fields }) => fields.map((one) => type(one.signature))),
    )
  }
  return module
}

/** The bits of an ability set in the Move binary format. */
const readAbilities = (bits: number): Abilities => ({
  copy: (bits & 1) !== 0,
  drop: (bits & 2) !== 0,
  store: (bits & 4) !== 0,
  key: (bits & 8) !== 0,
})
