import { LocketError } from '../../core/errors.ts'
import type { Abilities, DatatypeDefinition, FunctionReference, LoadedModule, ModuleId, MoveFunction } from './loaded-module.ts'
import { type DatatypeType, formatType, type MoveType, substitute } from './move-type.ts'
import type { Layout, LayoutOf } from './value-bcs.ts'

/** All published modules of one localnet. */
export type ModuleStore = {
  /** Links a package's modules; adds all of them or none. */
  add(packageId: string, modules: readonly LoadedModule[]): void
  findFunction(moduleId: ModuleId, name: string): MoveFunction | undefined
  /** For a call in linked code, which cannot fail. */
  resolve(reference: FunctionReference): MoveFunction
  definition(type: DatatypeType): DatatypeDefinition | undefined
  readonly layoutOf: LayoutOf
  abilitiesOf(type: MoveType): Abilities
}

const ALL: Abilities = { copy: true, drop: true, store: true, key: false }
const REFERENCE: Abilities = { copy: true, drop: true, store: false, key: false }
const SIGNER: Abilities = { copy: false, drop: true, store: false, key: false }

export function createModuleStore(): ModuleStore {
  const modules = new Map<ModuleId, LoadedModule>()

  const definition = (type: DatatypeType): DatatypeDefinition | undefined =>
    modules.get(`${type.address}::${type.module}`)?.datatypes.get(type.name)

  const known = (type: DatatypeType): DatatypeDefinition => {
    const found = definition(type)
    if (found === undefined || found.phantoms.length !== type.typeArguments.length) {
      throw new LocketError('usage/invalid-argument', { operation: 'localnet.type', message: `no such type: ${formatType(type)}` })
    }
    return found
  }

  const abilitiesOf = (type: MoveType): Abilities => {
    if (type.kind === 'reference') return REFERENCE
    if (type.kind === 'signer') return SIGNER
    if (type.kind === 'vector') return both(ALL, abilitiesOf(type.element))
    if (type.kind !== 'datatype') return ALL
    const { abilities, phantoms } = known(type)
    // A type has an ability if it declares it and what it may hold has it too; for `key` the contents need `store`.
    return type.typeArguments.reduce((have, argument, i) => {
      if (phantoms[i] === true) return have
      const inner = abilitiesOf(argument)
      return { ...both(have, inner), key: have.key && inner.store }
    }, abilities)
  }

  return Object.freeze({
    add(packageId: string, added: readonly LoadedModule[]) {
      const fresh = new Map(added.map((module) => [module.id, module]))
      if (fresh.size !== added.length) throw linkError(packageId, 'two modules have the same name')
      for (const module of added) {
        if (modules.has(module.id)) throw linkError(packageId, `${module.id} is published already`)
        link(packageId, module, (id) => fresh.get(id) ?? modules.get(id))
      }
      for (const [id, module] of fresh) modules.set(id, module)
    },
    findFunction: (moduleId: ModuleId, name: string) => modules.get(moduleId)?.functions.get(name),
    resolve(reference: FunctionReference) {
      const found = modules.get(reference.moduleId)?.functions.get(reference.name)
      if (found === undefined) throw new TypeError(`not linked: ${reference.moduleId}::${reference.name}`)
      return found
    },
    definition,
    layoutOf: (type: DatatypeType): Layout => {
      const { isEnum, variants } = known(type)
      return { isEnum, variants: variants.map((fields) => fields.map((one) => substitute(one, type.typeArguments))) }
    },
    abilitiesOf,
  })
}

const both = (a: Abilities, b: Abilities): Abilities => ({
  copy: a.copy && b.copy,
  drop: a.drop && b.drop,
  store: a.store && b.store,
  key: a.key && b.key,
})

/** Checks that everything `module` names exists where it says, with the signature it expects. */
function link(packageId: string, module: LoadedModule, find: (id: ModuleId) => LoadedModule | undefined): void {
  for (const type of module.importedDatatypes) {
    const { address, module: name } = type
    if (!find(`${address}::${name}`)?.datatypes.has(type.name)) throw linkError(packageId, `${module.id} needs ${formatType(type)}`)
  }
  for (const wanted of module.importedFunctions) {
    const found = find(wanted.moduleId)?.functions.get(wanted.name)
    const fits = found !== undefined && sameTypes(found.parameters, wanted.parameters) && sameTypes(found.returns, wanted.returns)
    if (!fits) throw linkError(packageId, `${module.id} needs ${wanted.moduleId}::${wanted.name}`)
  }
}

const sameTypes = (a: readonly MoveType[], b: readonly MoveType[]): boolean =>
  a.length === b.length && a.every((type, i) => signatureOf(type) === signatureOf(b[i] as MoveType))

const signatureOf = (type: MoveType): string =>
  type.kind === 'reference' ? `&${type.isMutable ? 'mut ' : ''}${formatType(type.target)}` : formatType(type)

function linkError(packageId: string, message: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation: 'localnet.publish', message: `cannot publish ${packageId}: ${message}` })
}
