import { bcs } from '@mysten/sui/bcs'
import type { ExecutionContext, LedgerObject, ParameterType, PtbValue, Twin } from '../../ledger/types.ts'
import { Coin } from '../move-types.ts'
import { FRAMEWORK, TYPES, WALRUS_PACKAGE } from '../names.ts'

/** By value, `&mut` and `&`, as parameter types. */
export const byValue = (body: string): ParameterType => ({ reference: null, body })
/** See {@link byValue}. */
export const byMutRef = (body: string): ParameterType => ({ reference: 'mutable', body })
/** See {@link byValue}. */
export const byRef = (body: string): ParameterType => ({ reference: 'immutable', body })

/** One call of a twin: its arguments and how to abort as the real function would. */
export type TwinCall = {
  readonly context: ExecutionContext
  /** The bytes of argument `index`, as its pure type. */
  pure<T>(index: number, type: { parse(bytes: Uint8Array): T }): T
  /** The object given as argument `index`. */
  object(index: number): LedgerObject
  /** Ends the transaction with an abort of `walrus::{module}::{function}`. */
  abort(module: string, fn: string, code: number): never
  /** Takes `amount` FROST out of the WAL coin given as argument `index`, aborting as `balance::split` does. */
  pay(index: number, amount: bigint): void
}

/** A twin of a function of the Walrus package. */
export function walrusTwin(
  module: string,
  name: string,
  parameters: readonly ParameterType[],
  run: (call: TwinCall) => readonly PtbValue[] | void,
): Twin {
  return {
    packageId: WALRUS_PACKAGE,
    module,
    function: name,
    parameters,
    run: (context, args) => run(callOf(context, args)) ?? [],
  }
}

/** What a command that creates or returns an object hands to the next one. */
export function objectValue(type: string, objectId: string, contents: Uint8Array): PtbValue {
  return { type, objectId, bcs: new Uint8Array(contents) }
}

function callOf(context: ExecutionContext, args: readonly PtbValue[]): TwinCall {
  const argument = (index: number): PtbValue => {
    const value = args[index]
    if (value === undefined) throw new TypeError(`argument ${index} is missing`)
    return value
  }
  const object = (index: number): LedgerObject => {
    const { objectId } = argument(index)
    const found = objectId === undefined ? undefined : context.get(objectId)
    if (found === undefined) throw new TypeError(`argument ${index} is not an object`)
    return found
  }
  return {
    context,
    object,
    pure: (index, type) => type.parse(argument(index).bcs),
    abort: (module, fn, code) => context.abort({ packageId: WALRUS_PACKAGE, module, function: fn }, code),
    pay(index, amount) {
      const coin = object(index)
      const { id, balance } = Coin.parse(coin.contents)
      const rest = BigInt(balance) - amount
      // `balance::split` aborts with ENotEnough.
      if (rest < 0n) context.abort({ packageId: FRAMEWORK, module: 'balance', function: 'split' }, 2)
      context.write({ id, type: coin.type, contents: Coin.serialize({ id, balance: rest }).toBytes() })
    },
  }
}

/** Pure types by name. */
export const PURE = Object.freeze({
  u8: bcs.u8(),
  u32: bcs.u32(),
  u64: bcs.u64(),
  u256: bcs.u256(),
  bool: bcs.bool(),
  bytes: bcs.byteVector(),
  string: bcs.string(),
})

/** Parameters that many functions share. */
export const PARAMETERS = Object.freeze({
  system: byRef(TYPES.system),
  systemMut: byMutRef(TYPES.system),
  blob: byValue(TYPES.blob),
  blobMut: byMutRef(TYPES.blob),
  walMut: byMutRef(TYPES.walCoin),
  bytes: byValue('vector<u8>'),
})
