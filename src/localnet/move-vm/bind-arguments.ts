import { isLocketError } from '../../core/errors.ts'
import type { PtbValue } from '../ledger/types.ts'
import type { MoveFunction } from './loaded-module.ts'
import { type DatatypeType, formatType, type MoveType, normalizeAddress, parseType, substitute } from './move-type.ts'
import { isUtf8 } from './natives/std.ts'
import { type CodeLocation, type RuntimeErrorReason, runtimeError } from './runtime-error.ts'
import type { Session } from './session.ts'
import * as values from './value.ts'
import type { MoveValue } from './value.ts'
import { decodeValue } from './value-bcs.ts'

const TX_CONTEXT = `${normalizeAddress('0x2')}::tx_context::TxContext`
const OBJECT_ID = `${normalizeAddress('0x2')}::object::ID`
const OPTION = `${normalizeAddress('0x1')}::option::Option`
const STRINGS = new Set([`${normalizeAddress('0x1')}::string::String`, `${normalizeAddress('0x1')}::ascii::String`])

const isTxContext = (type: MoveType): boolean => type.kind === 'reference' && formatType(type.target) === TX_CONTEXT

/**
 * The Move values a function is entered with: objects from the session, by
 * value or by reference as the parameter says, pure bytes decoded by the
 * parameter's type, and the transaction context.
 *
 * Bytes without a type may only become plain data (numbers, addresses, ids,
 * strings, options and vectors of these). Structs are never made from bytes a
 * caller chose: that would forge capabilities.
 */
export function bindArguments(
  session: Session,
  fn: MoveFunction,
  typeArguments: readonly MoveType[],
  args: readonly PtbValue[],
): readonly MoveValue[] {
  const location: CodeLocation = { packageId: fn.module.packageId, module: fn.module.name, function: fn.name }
  const fail = (reason: RuntimeErrorReason, message: string): never => {
    throw runtimeError(reason, location, message)
  }
  const parameters = fn.parameters.map((parameter) => substitute(parameter, typeArguments))
  const wanted = parameters.filter((parameter) => !isTxContext(parameter)).length
  if (args.length !== wanted) fail('ARITY_MISMATCH', `takes ${wanted} arguments, got ${args.length}`)

  const uses = new Map<string, 'shared' | 'exclusive'>()
  const object = (id: string, parameter: MoveType): MoveValue => {
    const held = session.object(id) ?? fail('OBJECT_NOT_FOUND', `no object ${id}`)
    if (formatType(held.type) !== formatType(parameter)) {
      fail('TYPE_MISMATCH', `object ${id} is a ${formatType(held.type)}, not a ${formatType(parameter)}`)
    }
    const use = parameter.kind === 'reference' && !parameter.isMutable ? 'shared' : 'exclusive'
    if (uses.has(id) && !(use === 'shared' && uses.get(id) === 'shared')) fail('INVALID_REFERENCE_ARGUMENT', `object ${id} is passed twice`)
    uses.set(id, use)
    if (parameter.kind === 'reference') return session.borrow(held, parameter.isMutable)
    session.take(id)
    return held.value
  }
  const plain = (arg: PtbValue, parameter: MoveType): MoveValue => {
    if (parameter.kind === 'reference' && parameter.isMutable) {
      fail('INVALID_REFERENCE_ARGUMENT', 'only an object can be passed by mutable reference')
    }
    const type = parameter.kind === 'reference' ? parameter.target : parameter
    if (session.store.abilitiesOf(type).key) fail('TYPE_MISMATCH', `a ${formatType(type)} is passed as an object`)
    if (arg.type === undefined && !isPure(type)) fail('INVALID_PURE_ARGUMENT', `a ${formatType(type)} cannot be made from bytes`)
    if (arg.type !== undefined && formatType(parseType(arg.type)) !== formatType(type)) {
      fail('TYPE_MISMATCH', `a ${arg.type} is not a ${formatType(type)}`)
    }
    const value = decode(session, arg.bcs, type) ?? fail('INVALID_PURE_ARGUMENT', `the bytes are not a ${formatType(type)}`)
    return parameter.kind === 'reference' ? values.referenceTo([value], 0) : value
  }

  const rest = [...args]
  return parameters.map((parameter) => {
    if (isTxContext(parameter)) return values.referenceTo([txContext(session)], 0)
    const arg = rest.shift() as PtbValue
    return arg.objectId === undefined ? plain(arg, parameter) : object(arg.objectId, parameter)
  })
}

/** `TxContext { sender, tx_hash, epoch, epoch_timestamp_ms, ids_created }`; all but the hash are read through natives. */
function txContext({ context }: Session): MoveValue {
  return values.struct(
    values.address(context.sender),
    values.bytesValue(context.digest),
    values.u64(context.epoch),
    values.u64(context.timestampMs),
    values.u64(0),
  )
}

function isPure(type: MoveType): boolean {
  switch (type.kind) {
    case 'integer':
    case 'bool':
    case 'address':
      return true
    case 'vector':
      return isPure(type.element)
    case 'datatype': {
      const name = nameOf(type)
      return name === OBJECT_ID || STRINGS.has(name) || (name === OPTION && type.typeArguments.every(isPure))
    }
    default:
      return false
  }
}

const nameOf = (type: DatatypeType): string => `${type.address}::${type.module}::${type.name}`

/** The value the bytes spell, or `undefined` if they spell none. */
function decode(session: Session, bytes: Uint8Array, type: MoveType): MoveValue | undefined {
  try {
    const value = decodeValue(bytes, type, session.store.layoutOf)
    return isWellFormed(value, type) ? value : undefined
  } catch (error) {
    if (isLocketError(error) && error.code.startsWith('codec/')) return undefined
    throw error
  }
}

/** What BCS alone does not say: strings are UTF-8 or ASCII, an option holds at most one element. */
function isWellFormed(value: MoveValue, type: MoveType): boolean {
  if (type.kind === 'vector') return values.asVector(value).items.every((item) => isWellFormed(item, type.element))
  if (type.kind !== 'datatype') return true
  const name = nameOf(type)
  if (name === OPTION) {
    const { items } = values.asVector(values.field(value, 0))
    return items.length <= 1 && items.every((item) => isWellFormed(item, type.typeArguments[0] as MoveType))
  }
  if (!STRINGS.has(name)) return true
  const bytes = values.asBytes(values.field(value, 0))
  return type.module === 'ascii' ? bytes.every((byte) => byte < 0x80) : isUtf8(bytes)
}
