import { binary, inRange } from './arithmetic.ts'
import type { Instruction, MoveFunction } from './loaded-module.ts'
import { type MoveType, substitute } from './move-type.ts'
import type { NativeTable } from './natives/native.ts'
import { type CodeLocation, MoveAbort, type RuntimeErrorReason, runtimeError } from './runtime-error.ts'
import { type Session, unsupportedNative } from './session.ts'
import * as values from './value.ts'
import type { MoveValue } from './value.ts'
import { decodeValue } from './value-bcs.ts'

/** The Move VM's own limit on nested calls. */
const MAX_CALL_DEPTH = 1024

export type Execution = {
  readonly session: Session
  readonly natives: NativeTable
  /** Instructions after which the call counts as out of gas. */
  readonly maxSteps: number
}

type Frame = {
  readonly fn: MoveFunction
  readonly code: readonly Instruction[]
  readonly typeArguments: readonly MoveType[]
  readonly locals: MoveValue[]
  readonly stack: MoveValue[]
  next: number
}

/**
 * Runs one function to its end and returns its values.
 *
 * @throws {MoveAbort} when the program aborts.
 * @throws {LocketError} `chain/rejected` on an arithmetic error, an index out of
 *   bounds, too deep a call or too many steps; `usage/unsupported` when a native
 *   function is reached that this VM lacks.
 */
export function execute(
  execution: Execution,
  entry: MoveFunction,
  typeArguments: readonly MoveType[],
  args: readonly MoveValue[],
): readonly MoveValue[] {
  const { session, natives, maxSteps } = execution
  const frames: Frame[] = []
  let steps = 0

  /** Enters a function, or runs a native one and returns what it returns. */
  const enter = (fn: MoveFunction, types: readonly MoveType[], actual: MoveValue[]): readonly MoveValue[] | undefined => {
    if (fn.code === undefined) {
      const native = natives.get(`${fn.module.id}::${fn.name}`)
      if (native === undefined) throw unsupportedNative(`${fn.module.id}::${fn.name}`)
      const abort = (code: number): never => {
        throw new MoveAbort(locationOf(fn), BigInt(code))
      }
      return native({ args: actual, typeArguments: types, session, abort })
    }
    if (frames.length >= MAX_CALL_DEPTH) throw runtimeError('CALL_STACK_OVERFLOW', locationOf(fn), 'too many nested calls')
    frames.push({ fn, code: fn.code, typeArguments: types, locals: actual, stack: [], next: 0 })
    return undefined
  }

  const returnedAtOnce = enter(entry, typeArguments, [...args])
  if (returnedAtOnce !== undefined) return returnedAtOnce

  for (;;) {
    const frame = frames.at(-1) as Frame
    const instruction = frame.code[frame.next++] as Instruction
    if (++steps > maxSteps) throw runtimeError('OUT_OF_GAS', locationOf(frame.fn), `more than ${maxSteps} instructions`)

    if (instruction.op === 'Ret') {
      frames.pop()
      const caller = frames.at(-1)
      if (caller === undefined) return frame.stack
      caller.stack.push(...frame.stack)
    } else if (instruction.op === 'Call') {
      const { callee, argumentCount } = instruction
      const actual = popMany(frame, argumentCount)
      const types = callee.typeArguments.map((type) => substitute(type, frame.typeArguments))
      const returned = enter(session.store.resolve(callee), types, actual)
      if (returned !== undefined) frame.stack.push(...returned)
    } else {
      step(session, frame, instruction)
    }
  }
}

/** One instruction that stays within its function. */
function step(session: Session, frame: Frame, instruction: Exclude<Instruction, { op: 'Ret' | 'Call' }> | Instruction): void {
  const { stack, locals } = frame
  const pop = (): MoveValue => popOne(frame)
  const push = (value: MoveValue): void => {
    stack.push(value)
  }
  const fail = (reason: RuntimeErrorReason, message: string): never => {
    throw runtimeError(reason, locationOf(frame.fn), message)
  }

  switch (instruction.op) {
    case 'Nop':
    case 'FreezeRef':
      return
    case 'Pop':
      pop()
      return
    case 'Push':
      return push(instruction.value)
    case 'Constant':
      return push(decodeValue(instruction.bytes, instruction.type, session.store.layoutOf))
    case 'Abort':
      throw new MoveAbort(locationOf(frame.fn), values.asInteger(pop()).value)

    case 'Branch':
      frame.next = instruction.target
      return
    case 'BrTrue':
      if (values.asBool(pop())) frame.next = instruction.target
      return
    case 'BrFalse':
      if (!values.asBool(pop())) frame.next = instruction.target
      return
    case 'VariantSwitch':
      frame.next = instruction.targets[values.asStruct(pop()).variant ?? -1] ?? fail('VARIANT_TAG_MISMATCH', 'no such variant')
      return

    case 'CopyLoc':
      return push(values.copyValue(local(frame, instruction.local)))
    case 'MoveLoc':
      return push(local(frame, instruction.local))
    case 'StLoc':
      locals[instruction.local] = pop()
      return
    case 'BorrowLoc':
      return push(values.referenceTo(locals, instruction.local))
    case 'ReadRef':
      return push(values.copyValue(values.asReference(pop()).read()))
    case 'WriteRef': {
      const reference = values.asReference(pop())
      reference.write(pop())
      return
    }

    case 'And':
    case 'Or': {
      const right = values.asBool(pop())
      const left = values.asBool(pop())
      return push(values.bool(instruction.op === 'And' ? left && right : left || right))
    }
    case 'Not':
      return push(values.bool(!values.asBool(pop())))
    case 'Eq':
    case 'Neq':
      return push(values.bool(values.equalValues(pop(), pop()) === (instruction.op === 'Eq')))
    case 'Binary': {
      const right = values.asInteger(pop())
      const left = values.asInteger(pop())
      return push(binary(instruction.operation, left, right) ?? fail('ARITHMETIC_ERROR', `${instruction.operation} of a u${left.bits}`))
    }
    case 'Cast': {
      const { value } = values.asInteger(pop())
      return push(inRange(instruction.bits, value) ?? fail('ARITHMETIC_ERROR', `cast to u${instruction.bits}`))
    }

    case 'Pack':
      return push({ kind: 'struct', variant: instruction.variant, fields: popMany(frame, instruction.fieldCount) })
    case 'Unpack':
      stack.push(...ofVariant(frame, pop(), instruction.variant).fields)
      return
    case 'UnpackReference': {
      const { fields } = ofVariant(frame, pop(), instruction.variant)
      fields.forEach((_, i) => push(values.referenceTo(fields, i)))
      return
    }
    case 'BorrowField':
      return push(values.referenceTo(values.asStruct(pop()).fields, instruction.field))

    case 'VecPack':
      return push({ kind: 'vector', items: popMany(frame, instruction.count) })
    case 'VecUnpack': {
      const { items } = values.asVector(pop())
      if (items.length !== instruction.count) fail('VECTOR_OPERATION_ERROR', `unpacks ${instruction.count} of ${items.length} elements`)
      stack.push(...items)
      return
    }
    case 'VecLen':
      return push(values.u64(values.asVector(pop()).items.length))
    case 'VecBorrow': {
      const index = values.asInteger(pop()).value
      const { items } = values.asVector(pop())
      if (index >= items.length) fail('VECTOR_OPERATION_ERROR', `index ${index} of ${items.length}`)
      return push(values.referenceTo(items, Number(index)))
    }
    case 'VecPushBack': {
      const item = pop()
      values.asVector(pop()).items.push(item)
      return
    }
    case 'VecPopBack':
      return push(values.asVector(pop()).items.pop() ?? fail('VECTOR_OPERATION_ERROR', 'pop of an empty vector'))
    case 'VecSwap': {
      const second = values.asInteger(pop()).value
      const first = values.asInteger(pop()).value
      const { items } = values.asVector(pop())
      if (first >= items.length || second >= items.length) fail('VECTOR_OPERATION_ERROR', `swap in ${items.length} elements`)
      const [i, j] = [Number(first), Number(second)]
      ;[items[i], items[j]] = [items[j] as MoveValue, items[i] as MoveValue]
      return
    }
    default:
      throw new TypeError(`${instruction.op} is not run here`)
  }
}

const locationOf = (fn: MoveFunction): CodeLocation => ({ packageId: fn.module.packageId, module: fn.module.name, function: fn.name })

function popOne(frame: Frame): MoveValue {
  const value = frame.stack.pop()
  if (value === undefined) throw new TypeError(`the stack of ${frame.fn.name} is empty`)
  return value
}

function popMany(frame: Frame, count: number): MoveValue[] {
  if (frame.stack.length < count) throw new TypeError(`the stack of ${frame.fn.name} is too short`)
  return frame.stack.splice(frame.stack.length - count, count)
}

function local(frame: Frame, index: number): MoveValue {
  const value = frame.locals[index]
  if (value === undefined) throw new TypeError(`local ${index} of ${frame.fn.name} is not set`)
  return value
}

function ofVariant(frame: Frame, value: MoveValue, variant: number | undefined): values.StructValue {
  const found = values.asStruct(value)
  if (found.variant !== variant)
    throw runtimeError('VARIANT_TAG_MISMATCH', locationOf(frame.fn), `variant ${found.variant} is not ${variant}`)
  return found
}
