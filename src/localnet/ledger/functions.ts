import type { MoveAbilities, MoveCall, MoveFunctionInfo, MoveVm } from '../move-vm/types.ts'
import { normalizeId } from './framework.ts'
import type { ExecutionContext, PtbValue, Twin } from './types.ts'

/** Every Move function the ledger can run: TypeScript twins first, then compiled modules. */
export type FunctionTable = {
  registerTwin(twin: Twin): void
  describe(packageId: string, module: string, name: string): MoveFunctionInfo | undefined
  /** Runs a function that {@link FunctionTable.describe} knows. */
  call(context: ExecutionContext, call: MoveCall): readonly PtbValue[]
  /** `undefined` where only the compiled modules would know, and there are none of it. */
  abilitiesOf(type: string): MoveAbilities | undefined
  hasPackage(packageId: string): boolean
}

/** A function table over `vm`, if there is one. */
export function createFunctionTable(vm: MoveVm | undefined): FunctionTable {
  const twins = new Map<string, Twin>()
  const packages = new Set<string>()
  return {
    registerTwin(twin) {
      packages.add(normalizeId(twin.packageId))
      twins.set(key(twin.packageId, twin.module, twin.function), twin)
    },
    describe(packageId, module, name) {
      const twin = twins.get(key(packageId, module, name))
      if (twin === undefined) return vm?.describe(normalizeId(packageId), module, name)
      return { visibility: 'public', isEntry: false, typeParameters: twin.typeParameters ?? 0, parameters: twin.parameters, returns: [] }
    },
    call(context, call) {
      const twin = twins.get(key(call.packageId, call.module, call.function))
      if (twin !== undefined) return twin.run(context, call.args, call.typeArguments)
      return (vm as MoveVm).call(context, call)
    },
    abilitiesOf: (type) => vm?.abilitiesOf(type),
    hasPackage: (packageId) => packages.has(normalizeId(packageId)),
  }
}

function key(packageId: string, module: string, name: string): string {
  return `${normalizeId(packageId)}::${module}::${name}`
}
