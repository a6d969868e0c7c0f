import { bcs } from '@mysten/sui/bcs'
import { ExecutionFailure } from './failure.ts'
import { coinBalance, coinObjectType, encodeCoin, SUI_FRAMEWORK } from './framework.ts'
import type { ExecutionContext, ParameterType, PtbValue, Twin } from './types.ts'

const COIN: string = `${SUI_FRAMEWORK}::coin::Coin<T0>`
const byValue: ParameterType = { reference: null, body: COIN }
const byReference: ParameterType = { reference: 'immutable', body: COIN }
const byMutableReference: ParameterType = { reference: 'mutable', body: COIN }
const u64: ParameterType = { reference: null, body: 'u64' }

/**
 * The functions of `0x2::coin` that SDKs put into transactions: `zero`,
 * `destroy_zero`, `value`, `join`, `split`. Abort codes are those of
 * `sui::balance` (`ENonZero` 0, `ENotEnough` 2).
 */
export function coinTwins(): readonly Twin[] {
  return [
    twin('zero', [], (context, _args, [type]) => [mint(context, type as string, 0n)]),
    twin('destroy_zero', [byValue], (context, [coin]) => {
      const { id, balance } = read(context, coin)
      if (balance !== 0n) context.abort({ packageId: SUI_FRAMEWORK, module: 'balance', function: 'destroy_zero' }, 0)
      context.delete(id)
      return []
    }),
    twin('value', [byReference], (context, [coin]) => [{ type: 'u64', bcs: bcs.u64().serialize(read(context, coin).balance).toBytes() }]),
    twin('join', [byMutableReference, byValue], (context, [target, source]) => {
      const into = read(context, target)
      const from = read(context, source)
      context.delete(from.id)
      context.write({ id: into.id, type: into.type, contents: encodeCoin(into.id, into.balance + from.balance) })
      return []
    }),
    twin('split', [byMutableReference, u64], (context, [coin, amountArgument], [type]) => {
      const { id, type: objectType, balance } = read(context, coin)
      const amount = BigInt(bcs.u64().parse((amountArgument as PtbValue).bcs))
      if (amount > balance) context.abort({ packageId: SUI_FRAMEWORK, module: 'balance', function: 'split' }, 2)
      context.write({ id, type: objectType, contents: encodeCoin(id, balance - amount) })
      return [mint(context, type as string, amount)]
    }),
  ]
}

function twin(name: string, parameters: readonly ParameterType[], run: Twin['run']): Twin {
  return { packageId: SUI_FRAMEWORK, module: 'coin', function: name, typeParameters: 1, parameters, run }
}

function mint(context: ExecutionContext, coinType: string, balance: bigint): PtbValue {
  const id = context.freshId()
  const type = coinObjectType(coinType)
  const contents = encodeCoin(id, balance)
  context.write({ id, type, contents })
  return { type, bcs: contents, objectId: id }
}

function read(context: ExecutionContext, value: PtbValue | undefined): { id: string; type: string; balance: bigint } {
  const object = value?.objectId === undefined ? undefined : context.get(value.objectId)
  if (object === undefined) throw new ExecutionFailure({ InvariantViolation: true }, { detail: 'a coin argument is no object' })
  return { id: object.id, type: object.type, balance: coinBalance(object.contents) }
}
