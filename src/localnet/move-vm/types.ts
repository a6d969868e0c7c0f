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

/**
 * Runs compiled Move modules. Deterministic, synchronous, no I/O; every effect
 * goes through the {@link ExecutionContext}. `TxContext` parameters are
 * supplied by the VM and are not part of `args`.
 */
export type MoveVm = {
  publish(packageId: string, modules: readonly Uint8Array[]): void
  /** `undefined` when the package, module or function does not exist. */
  describe(packageId: string, module: string, name: string): MoveFunctionInfo | undefined
  /** `entryOnly` (transaction rules): the function must be `public` or `entry`. Aborts leave through `context.abort`. */
  call(context: ExecutionContext, call: MoveCall): readonly PtbValue[]
}
