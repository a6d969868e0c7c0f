import { bcs } from '@mysten/sui/bcs'
import { concatBytes, copyBytes, type Bytes } from '../../core/bytes.ts'
import { asFailure } from './as-failure.ts'
import { argumentFailure, ExecutionFailure } from './failure.ts'
import { coinBalance, coinTypeOf, encodeCoin, normalizeId, normalizeType } from './framework.ts'
import type { FunctionTable } from './functions.ts'
import type { ProgrammableTransaction, ResolvedInput } from './inputs.ts'
import type { Overlay } from './overlay.ts'
import { callerParameters, hasCopy, isExactly, pureSchema, substitute } from './signature.ts'
import type { Owner, PtbValue } from './types.ts'

type Command = ProgrammableTransaction['commands'][number]
type Argument = Extract<Command, { $kind: 'MergeCoins' }>['MergeCoins']['destination']

/** Where a value lives between commands, and whether it is still there. */
type Slot = {
  readonly source: 'pure' | 'owned' | 'immutable' | 'shared-mutable' | 'shared-readonly' | 'receiving' | 'result' | 'gas'
  readonly value: PtbValue
  taken: boolean
}

const U64_MAX = 2n ** 64n - 1n

/**
 * Runs the commands of a programmable transaction against `overlay`.
 *
 * Follows `sui-adapter`'s rules for what an argument may be used as: values
 * without `copy` move once, shared and immutable objects are not given away,
 * pure bytes must be exactly one value of the parameter's type, and whatever
 * cannot be dropped must have found a place by the end.
 * Deviations: `Publish` and `Upgrade` are not supported; the abilities of types
 * that only twins know are guessed generously.
 *
 * @param call.checks - `false` also runs functions that are neither public nor entry, as an inspection may.
 * @returns what each command returned.
 * @throws {ExecutionFailure} with the index of the failing command. The overlay is then to be dropped.
 */
export function executePtb(call: {
  readonly overlay: Overlay
  readonly transaction: ProgrammableTransaction
  readonly inputs: readonly ResolvedInput[]
  readonly gasCoin: string | undefined
  readonly functions: FunctionTable
  readonly checks: boolean
}): PtbValue[][] {
  const { overlay, functions } = call
  const { context } = overlay
  const inputs = call.inputs.map(toSlot)
  const gas: Slot | undefined = call.gasCoin === undefined ? undefined : { source: 'gas', value: objectValue(call.gasCoin), taken: false }
  const results: Slot[][] = []

  function objectValue(id: string): PtbValue {
    const object = context.get(id)
    return { type: object?.type, bcs: object?.contents ?? new Uint8Array(), objectId: id }
  }

  function locate(argument: Argument, index: number): Slot {
    const slot = find(argument, index)
    if (slot.taken) throw argumentFailure(index, { InvalidValueUsage: true })
    return slot
  }

  function find(argument: Argument, index: number): Slot {
    switch (argument.$kind) {
      case 'GasCoin':
        if (gas === undefined) throw argumentFailure(index, { InvalidGasCoinUsage: true })
        return gas
      case 'Input': {
        const slot = inputs[argument.Input]
        if (slot === undefined) throw argumentFailure(index, { IndexOutOfBounds: { idx: argument.Input } })
        return slot
      }
      case 'Result': {
        const returned = results[argument.Result]
        if (returned === undefined) throw argumentFailure(index, { IndexOutOfBounds: { idx: argument.Result } })
        if (returned.length !== 1) throw argumentFailure(index, { InvalidResultArity: { resultIdx: argument.Result } })
        return returned[0] as Slot
      }
      case 'NestedResult': {
        const [result, secondary] = argument.NestedResult
        const returned = results[result]
        if (returned === undefined) throw argumentFailure(index, { IndexOutOfBounds: { idx: result } })
        const slot = returned[secondary]
        if (slot === undefined) {
          throw argumentFailure(index, { SecondaryIndexOutOfBounds: { resultIdx: result, secondaryIdx: secondary } })
        }
        return slot
      }
    }
  }

  /** The slot's value as it is now: objects may have changed since. */
  function current(slot: Slot): PtbValue {
    return slot.value.objectId === undefined ? slot.value : objectValue(slot.value.objectId)
  }

  function borrowMutably(slot: Slot, index: number): PtbValue {
    if (slot.source === 'immutable' || slot.source === 'shared-readonly') throw argumentFailure(index, { InvalidObjectByMutRef: true })
    const value = current(slot)
    if (value.objectId === undefined && slot.source === 'result') {
      // A change to a value that is no object has nowhere to go: better refused than lost.
      throw new ExecutionFailure({ FeatureNotYetSupported: true }, { detail: 'mutable reference to a returned value that is no object' })
    }
    return value
  }

  function mayCopy(type: string | undefined): boolean {
    return hasCopy(type) || (type !== undefined && functions.abilitiesOf(type)?.copy === true)
  }

  function takeValue(slot: Slot, index: number): PtbValue {
    if (slot.source === 'immutable' || slot.source === 'shared-readonly') throw argumentFailure(index, { InvalidObjectByValue: true })
    const value = current(slot)
    if (value.objectId !== undefined || !mayCopy(value.type)) slot.taken = true
    return value
  }

  function coinOf(slot: Slot, index: number): { id: string; type: string; balance: bigint; owner: Owner | undefined } {
    const value = current(slot)
    if (value.objectId === undefined || value.type === undefined || coinTypeOf(value.type) === undefined) {
      throw argumentFailure(index, { TypeMismatch: true })
    }
    return { id: value.objectId, type: value.type, balance: coinBalance(value.bcs), owner: overlay.ownerOf(value.objectId) }
  }

  function plain(slot: Slot, type: 'u64' | 'address', index: number): Bytes {
    const { value } = slot
    const schema = pureSchema(type)
    if (value.objectId !== undefined || (value.type !== undefined && value.type !== type))
      throw argumentFailure(index, { TypeMismatch: true })
    if (schema === undefined || !isExactly(schema, value.bcs)) throw argumentFailure(index, { InvalidBCSBytes: true })
    return value.bcs
  }

  function splitCoins(command: Extract<Command, { $kind: 'SplitCoins' }>['SplitCoins']): PtbValue[] {
    const slot = locate(command.coin, 0)
    borrowMutably(slot, 0)
    return command.amounts.map((argument, i) => {
      const amount = BigInt(bcs.u64().parse(plain(locate(argument, i + 1), 'u64', i + 1)))
      const coin = coinOf(slot, 0)
      if (coin.balance < amount) throw new ExecutionFailure({ InsufficientCoinBalance: true })
      context.write({ id: coin.id, type: coin.type, contents: encodeCoin(coin.id, coin.balance - amount) })
      const id = context.freshId()
      context.write({ id, type: coin.type, contents: encodeCoin(id, amount) })
      return objectValue(id)
    })
  }

  function mergeCoins(command: Extract<Command, { $kind: 'MergeCoins' }>['MergeCoins']): PtbValue[] {
    const target = locate(command.destination, 0)
    borrowMutably(target, 0)
    command.sources.forEach((argument, i) => {
      const slot = locate(argument, i + 1)
      if (slot === target) throw argumentFailure(i + 1, { InvalidValueUsage: true })
      if (slot.source === 'gas') throw argumentFailure(i + 1, { InvalidGasCoinUsage: true })
      const source = coinOf(slot, i + 1)
      const destination = coinOf(target, 0)
      if (source.type !== destination.type) throw argumentFailure(i + 1, { TypeMismatch: true })
      if (source.balance + destination.balance > U64_MAX) throw new ExecutionFailure({ CoinBalanceOverflow: true })
      takeValue(slot, i + 1)
      context.delete(source.id)
      context.write({
        id: destination.id,
        type: destination.type,
        contents: encodeCoin(destination.id, source.balance + destination.balance),
      })
    })
    return []
  }

  function transferObjects(command: Extract<Command, { $kind: 'TransferObjects' }>['TransferObjects']): PtbValue[] {
    const last = command.objects.length
    const address = normalizeId(bcs.Address.parse(plain(locate(command.address, last), 'address', last)))
    command.objects.forEach((argument, i) => {
      const slot = locate(argument, i)
      if (slot.source === 'shared-mutable') throw argumentFailure(i, { SharedObjectOperationNotAllowed: true })
      const value = takeValue(slot, i)
      const abilities = value.type === undefined ? undefined : functions.abilitiesOf(value.type)
      if (value.objectId === undefined || abilities?.store === false) throw argumentFailure(i, { InvalidTransferObject: true })
      overlay.place(value.objectId, { kind: 'address', address })
    })
    return []
  }

  function makeMoveVec(command: Extract<Command, { $kind: 'MakeMoveVec' }>['MakeMoveVec']): PtbValue[] {
    const declared = command.type === null ? undefined : normalizeType(command.type)
    const elements = command.elements.map((argument, i) => {
      const slot = locate(argument, i)
      if (slot.source === 'gas') throw argumentFailure(i, { InvalidGasCoinUsage: true })
      return takeValue(slot, i)
    })
    const element = declared ?? elements[0]?.type
    // Without a declared type the elements must be objects, as only those know theirs.
    if (element === undefined) throw argumentFailure(0, { InvalidMakeMoveVecNonObjectArgument: true })
    elements.forEach((value, i) => checkType(value, element, i))
    // Objects in a vector live inside it until something takes them out and stores them again.
    for (const value of elements) if (value.objectId !== undefined) context.delete(value.objectId)
    const length = bcs.uleb128().serialize(elements.length).toBytes()
    return [{ type: `vector<${element}>`, bcs: concatBytes(length, ...elements.map((value) => value.bcs)) }]
  }

  function moveCall(command: Extract<Command, { $kind: 'MoveCall' }>['MoveCall']): readonly PtbValue[] {
    const packageId = normalizeId(command.package)
    const info = functions.describe(packageId, command.module, command.function)
    if (info === undefined) {
      throw new ExecutionFailure({ FunctionNotFound: true }, { detail: `${packageId}::${command.module}::${command.function}` })
    }
    if (call.checks && info.visibility !== 'public' && !info.isEntry) throw new ExecutionFailure({ NonEntryFunctionInvoked: true })
    if (command.typeArguments.length !== info.typeParameters) throw new ExecutionFailure({ TypeArityMismatch: true })
    const parameters = callerParameters(info.parameters)
    if (command.arguments.length !== parameters.length) throw new ExecutionFailure({ ArityMismatch: true })

    const typeArguments = command.typeArguments.map(normalizeType)
    const used = new Map<Slot, 'mutable' | 'immutable'>()
    const args = parameters.map((parameter, i) => {
      const slot = locate(command.arguments[i] as Argument, i)
      const type = substitute(parameter.body, typeArguments)
      if (slot.source === 'receiving') {
        if (!type.includes('::transfer::Receiving<')) throw argumentFailure(i, { TypeMismatch: true })
      } else {
        checkType(current(slot), type, i)
      }
      const reference = parameter.reference === 'mutable' ? 'mutable' : 'immutable'
      const earlier = used.get(slot)
      if (earlier !== undefined && (earlier === 'mutable' || reference === 'mutable')) {
        throw argumentFailure(i, { InvalidReferenceArgument: true })
      }
      used.set(slot, reference)
      if (parameter.reference === 'mutable') return borrowMutably(slot, i)
      if (parameter.reference === 'immutable') return current(slot)
      if (slot.source === 'gas') throw argumentFailure(i, { InvalidGasCoinUsage: true })
      return takeValue(slot, i)
    })
    return functions.call(context, { packageId, module: command.module, function: command.function, typeArguments, args })
  }

  function run(command: Command): readonly PtbValue[] {
    switch (command.$kind) {
      case 'MoveCall':
        return moveCall(command.MoveCall)
      case 'SplitCoins':
        return splitCoins(command.SplitCoins)
      case 'MergeCoins':
        return mergeCoins(command.MergeCoins)
      case 'TransferObjects':
        return transferObjects(command.TransferObjects)
      case 'MakeMoveVec':
        return makeMoveVec(command.MakeMoveVec)
      default:
        throw new ExecutionFailure({ FeatureNotYetSupported: true }, { detail: `the localnet has no ${command.$kind} command` })
    }
  }

  call.transaction.commands.forEach((command, index) => {
    try {
      results.push(run(command).map((value) => ({ source: 'result', value, taken: false })))
    } catch (error) {
      throw asFailure(error, index)
    }
  })
  checkLeftovers(overlay, functions, inputs, results)
  return results.map((slots) => slots.map((slot) => slot.value))
}

function toSlot(input: ResolvedInput): Slot {
  if (input.kind === 'pure') return { source: 'pure', value: { type: undefined, bcs: input.bytes }, taken: false }
  const { object } = input
  if (input.kind === 'receiving') {
    const ticket = concatBytes(bcs.Address.serialize(object.id).toBytes(), bcs.u64().serialize(object.version).toBytes())
    return { source: 'receiving', value: { type: undefined, bcs: ticket }, taken: false }
  }
  return { source: input.access, value: { type: object.type, bcs: copyBytes(object.contents), objectId: object.id }, taken: false }
}

/** Refuses `value` where a `type` is wanted; pure bytes must be exactly one such value. */
function checkType(value: PtbValue, type: string, index: number): void {
  if (value.type !== undefined) {
    if (value.type !== type) throw argumentFailure(index, { TypeMismatch: true }, `expected ${type}, got ${value.type}`)
    return
  }
  const schema = pureSchema(type)
  if (schema === undefined) throw argumentFailure(index, { InvalidUsageOfPureArg: true }, type)
  if (!isExactly(schema, value.bcs)) throw argumentFailure(index, { InvalidBCSBytes: true }, type)
}

/** Refuses to end while a value that cannot be dropped has no place, or a shared object has been given away. */
function checkLeftovers(overlay: Overlay, functions: FunctionTable, inputs: readonly Slot[], results: readonly (readonly Slot[])[]): void {
  results.forEach((slots, resultIdx) => {
    slots.forEach((slot, secondaryIdx) => {
      if (!slot.taken && !canDrop(slot.value, overlay, functions))
        throw new ExecutionFailure({ UnusedValueWithoutDrop: { resultIdx, secondaryIdx } })
    })
  })
  for (const object of overlay.written.values()) {
    if (object.owner === undefined) {
      throw new ExecutionFailure({ UnusedValueWithoutDrop: { resultIdx: 0, secondaryIdx: 0 } }, { detail: `${object.type} was not placed` })
    }
  }
  for (const slot of inputs) {
    const id = slot.value.objectId
    if (slot.source !== 'shared-mutable' || id === undefined) continue
    const owner = overlay.ownerOf(id)
    if (!overlay.deleted.has(id) && owner?.kind !== 'shared') throw new ExecutionFailure({ SharedObjectOperationNotAllowed: true })
  }
}

function canDrop(value: PtbValue, overlay: Overlay, functions: FunctionTable): boolean {
  if (value.objectId !== undefined) return overlay.context.get(value.objectId) === undefined
  const abilities = value.type === undefined ? undefined : functions.abilitiesOf(value.type)
  return abilities?.drop ?? !/::balance::Balance</.test(value.type ?? '')
}
