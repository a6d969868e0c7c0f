import { isLocketError, LocketError } from '../../core/errors.ts'
import type { ExecutionContext, ParameterType, PtbValue } from '../ledger/types.ts'
import { bindArguments } from './bind-arguments.ts'
import type { BytecodeJson } from './bytecode-json.ts'
import { execute } from './interpreter.ts'
import type { MoveFunction } from './loaded-module.ts'
import { createModuleStore, type ModuleStore } from './module-store.ts'
import { formatType, type MoveType, normalizeAddress, parseType, substitute } from './move-type.ts'
import { createNativeTable } from './natives/table.ts'
import { readModule } from './read-module.ts'
import { type CodeLocation, MoveAbort, runtimeError } from './runtime-error.ts'
import { createSession, type Session } from './session.ts'
import type { MoveCall, MoveFunctionInfo, MoveVm } from './types.ts'
import { type MoveValue, objectIdOf } from './value.ts'
import { encodeValue } from './value-bcs.ts'

export type MoveVmOptions = {
  /** Instructions one call may take before it counts as out of gas. Default 2,000,000. */
  readonly maxSteps?: number | undefined
  /**
   * In a browser, where the WebAssembly of `@mysten/move-bytecode-template` is
   * (`./web/move_bytecode_template_bg.wasm` of that package), for bundlers that
   * do not find it themselves. Ignored in Node.
   */
  readonly bytecodeWasm?: URL | Response | BufferSource | WebAssembly.Module | undefined
}

/**
 * A Move VM that interprets compiled modules in plain TypeScript, for the localnet.
 *
 * It runs every instruction of bytecode version 7 and the native functions the
 * localnet's part of the framework reaches; another native function is an
 * error, never a guess. What it does not do: it verifies no bytecode (the
 * compiler has), meters no gas beyond a limit on instructions, knows no package
 * upgrade and runs no `init`. `tests/contract` compares it with the real Move VM.
 *
 * Loads `@mysten/move-bytecode-template`; the VM itself is synchronous.
 *
 * @throws {LocketError} `usage/missing-peer` if that package cannot be loaded.
 */
export async function createMoveVm(options: MoveVmOptions = {}): Promise<MoveVm> {
  const { maxSteps = 2_000_000 } = options
  const deserialize = await loadDeserializer(options)
  const store = createModuleStore()
  const natives = createNativeTable()

  return Object.freeze({
    publish(packageId: string, modules: readonly Uint8Array[]) {
      const id = normalizeAddress(packageId)
      store.add(
        id,
        modules.map((bytes) => readModule(id, deserialize(bytes))),
      )
    },
    describe(packageId: string, module: string, name: string) {
      const fn = store.findFunction(`${normalizeAddress(packageId)}::${module}`, name)
      return fn && describeFunction(fn)
    },
    abilitiesOf(type: string) {
      try {
        return store.abilitiesOf(parseType(type))
      } catch (error) {
        if (isLocketError(error, 'usage/invalid-argument')) return undefined
        throw error
      }
    },
    call(context: ExecutionContext, call: MoveCall) {
      const session = createSession(context, store)
      const location = { packageId: normalizeAddress(call.packageId), module: call.module, function: call.function }
      const fn = findCallable(store, location)
      const typeArguments = bindTypeArguments(store, fn, location, call.typeArguments)
      const returns = fn.returns.map((type) => substitute(type, typeArguments))
      const args = bindArguments(session, fn, typeArguments, call.args)
      try {
        const returned = execute({ session, natives, maxSteps }, fn, typeArguments, args)
        const results = returned.map((value, i) => hand(session, value, returns[i] as MoveType))
        session.commit()
        return results
      } catch (error) {
        if (error instanceof MoveAbort) return context.abort(error.location, error.abortCode)
        throw error
      }
    },
  })
}

async function loadDeserializer({ bytecodeWasm }: MoveVmOptions): Promise<(bytes: Uint8Array) => BytecodeJson> {
  try {
    const template = await import('@mysten/move-bytecode-template')
    // Ready at once in Node; in a browser a promise, which fetches the WebAssembly.
    const ready: unknown = template.default(bytecodeWasm === undefined ? undefined : { module_or_path: bytecodeWasm })
    await ready
    return (bytes) => readBytecode(template.deserialize, bytes)
  } catch (cause) {
    throw new LocketError('usage/missing-peer', {
      operation: 'localnet.createMoveVm',
      message: '@mysten/move-bytecode-template could not be loaded',
      details: { package: '@mysten/move-bytecode-template' },
      cause,
    })
  }
}

function readBytecode(deserialize: (bytes: Uint8Array) => unknown, bytes: Uint8Array): BytecodeJson {
  try {
    return deserialize(bytes) as BytecodeJson
  } catch (cause) {
    throw new LocketError('usage/invalid-argument', { operation: 'localnet.publish', message: 'not a compiled Move module', cause })
  }
}

/** Sui's rule: a transaction may call what is `public` or `entry`. */
function findCallable(store: ModuleStore, location: CodeLocation): MoveFunction {
  const fn = store.findFunction(`${location.packageId}::${location.module}`, location.function)
  if (fn === undefined) throw runtimeError('FUNCTION_NOT_FOUND', location, 'no such function')
  if (fn.visibility !== 'public' && !fn.isEntry) {
    throw runtimeError('FUNCTION_NOT_CALLABLE', location, 'a transaction calls public and entry functions only')
  }
  if (fn.returns.some((type) => type.kind === 'reference')) {
    throw runtimeError('INVALID_RETURN', location, 'a transaction cannot use a function that returns a reference')
  }
  return fn
}

function bindTypeArguments(store: ModuleStore, fn: MoveFunction, location: CodeLocation, tags: readonly string[]): readonly MoveType[] {
  if (tags.length !== fn.typeParameters.length) {
    throw runtimeError('TYPE_ARGUMENT_ERROR', location, `takes ${fn.typeParameters.length} type arguments, got ${tags.length}`)
  }
  return tags.map((tag, i) => {
    const need = fn.typeParameters[i]
    try {
      const type = parseType(tag)
      const have = store.abilitiesOf(type)
      const lacking = (['copy', 'drop', 'store', 'key'] as const).find((ability) => need?.[ability] === true && !have[ability])
      if (lacking !== undefined) throw runtimeError('TYPE_ARGUMENT_ERROR', location, `${tag} lacks the ability ${lacking}`)
      return type
    } catch (error) {
      if (isLocketError(error, 'usage/invalid-argument')) throw runtimeError('TYPE_ARGUMENT_ERROR', location, `no such type: ${tag}`)
      throw error
    }
  })
}

/** A returned value on its way to the next command. An object is written, placed nowhere yet. */
function hand(session: Session, value: MoveValue, type: MoveType): PtbValue {
  const result = { type: formatType(type), bcs: encodeValue(value, type, session.store.layoutOf) }
  if (!session.store.abilitiesOf(type).key) return result
  session.place(value, type, undefined)
  return { ...result, objectId: objectIdOf(value) }
}

function describeFunction(fn: MoveFunction): MoveFunctionInfo {
  return {
    visibility: fn.visibility,
    isEntry: fn.isEntry,
    typeParameters: fn.typeParameters.length,
    parameters: fn.parameters.map(describeParameter),
    returns: fn.returns.map(describeParameter),
  }
}

function describeParameter(type: MoveType): ParameterType {
  const reference = type.kind !== 'reference' ? null : type.isMutable ? 'mutable' : 'immutable'
  return { reference, body: formatType(type) }
}
