import type { ExecutionContext, ParameterType, PtbValue } from '../ledger/types.ts'

export type MoveCall = {
  readonly packageId: string
  readonly module: string
  readonly function: string
  readonly typeArguments: readonly string[]
  /**
   * Pure bytes or objects. For an object (`objectId` set) the VM takes the
   * contents from `context.get` and, after the call, writes back what was
   * mutated through `context.write` and removes what was consumed and not
   * stored again through `context.delete`.
   */
  readonly args: readonly PtbValue[]
}

export type MoveFunctionInfo = {
  readonly visibility: 'private' | 'public' | 'friend'
  readonly isEntry: boolean
  readonly typeParameters: number
  readonly parameters: readonly ParameterType[]
  readonly returns: readonly ParameterType[]
}

/** What a type's values may be done with. */
export type MoveAbilities = { readonly copy: boolean; readonly drop: boolean; readonly store: boolean; readonly key: boolean }

/**
 * Runs compiled Move modules. Deterministic, synchronous, no I/O; every effect
 * goes through the {@link ExecutionContext}, at the end of a call that
 * succeeded. `TxContext` parameters are
 * supplied by the VM and are not part of `args`.
 */
export type MoveVm = {
  /** Modules compiled at 0x0 become `packageId`'s. All of them are added, or none. */
  publish(packageId: string, modules: readonly Uint8Array[]): void
  /** `undefined` when the package, module or function does not exist. */
  describe(packageId: string, module: string, name: string): MoveFunctionInfo | undefined
  /** `undefined` for a type no published module defines. */
  abilitiesOf(type: string): MoveAbilities | undefined
  /**
   * Runs a `public` or `entry` function. A Move abort leaves through
   * `context.abort`; every other failure (arithmetic error, index out of
   * bounds, too many steps, an argument that does not fit) is a `LocketError`
   * `chain/rejected` with `details.reason`. Either way nothing was written.
   */
  call(context: ExecutionContext, call: MoveCall): readonly PtbValue[]
}
