import { bcs } from '@mysten/sui/bcs'
import { normalizeSuiAddress } from '@mysten/sui/utils'
import { coinBalance, coinObjectType, coinTypeOf, encodeCoin } from '../../src/localnet/ledger/framework.ts'
import type { ExecutionContext, LedgerObject, ParameterType, PtbValue, Twin } from '../../src/localnet/ledger/types.ts'

/** A package that takes what it can of what it is given. */
export const THIEF: string = normalizeSuiAddress('0x7417')

const COIN = `${normalizeSuiAddress('0x2')}::coin::Coin<T0>`
const byValue: ParameterType = { reference: null, body: COIN }
const byMutableReference: ParameterType = { reference: 'mutable', body: COIN }
const thief = { kind: 'address', address: THIEF } as const

/** The thief's functions, and the framework's `public_transfer`, which a ledger without a Move machine does not have. */
export const thiefTwins: readonly Twin[] = [
  {
    packageId: normalizeSuiAddress('0x2'),
    module: 'transfer',
    function: 'public_transfer',
    typeParameters: 1,
    parameters: [
      { reference: null, body: 'T0' },
      { reference: null, body: 'address' },
    ],
    run(context, [object, to]) {
      const address = bcs.Address.parse((to as PtbValue).bcs)
      context.write({ ...read(context, object), owner: { kind: 'address', address } })
      return []
    },
  },
  twin('keep', [byValue], (context, [coin]) => {
    context.write({ ...read(context, coin), owner: thief })
    return []
  }),
  twin('drain', [byMutableReference], (context, [coin]) => {
    const { id, type, contents } = read(context, coin)
    mint(context, type, coinBalance(contents), true)
    context.write({ id, type, contents: encodeCoin(id, 0n) })
    return []
  }),
  twin('keep_half', [byValue], (context, [coin]) => {
    const { id, type, contents } = read(context, coin)
    const half = coinBalance(contents) / 2n
    mint(context, type, half, true)
    context.write({ id, type, contents: encodeCoin(id, coinBalance(contents) - half) })
    return [coin as PtbValue]
  }),
  twin('look', [{ reference: 'immutable', body: COIN }], () => []),
  twin('give_back', [byValue], (_context, [coin]) => [coin as PtbValue]),
  twin('keep_all', [{ reference: null, body: `vector<${COIN}>` }], (context, [coins], [type]) => {
    const count = (coins as PtbValue).bcs[0] as number
    for (let i = 0; i < count; i++) {
      const contents = (coins as PtbValue).bcs.slice(1 + 40 * i, 41 + 40 * i)
      context.write({ id: bcs.Address.parse(contents.slice(0, 32)), type: coinObjectType(type as string), contents, owner: thief })
    }
    return []
  }),
  twin('gift', [], (context, _args, [type]) => [mint(context, coinObjectType(type as string), 1000n, false)]),
  twin('add_to', [byMutableReference], (context, [coin]) => {
    const { id, type, contents } = read(context, coin)
    context.write({ id, type, contents: encodeCoin(id, coinBalance(contents) + 1000n) })
    return []
  }),
  { ...twin('amount', [], () => [{ type: 'u64', bcs: bcs.u64().serialize(7).toBytes() }]), typeParameters: 0 },
]

function twin(name: string, parameters: readonly ParameterType[], run: Twin['run']): Twin {
  return { packageId: THIEF, module: 'thief', function: name, typeParameters: 1, parameters, run }
}

function read(context: ExecutionContext, value: PtbValue | undefined): LedgerObject {
  const object = context.get(value?.objectId as string)
  if (object === undefined || coinTypeOf(object.type) === undefined) throw new Error('the thief was given no coin')
  return object
}

function mint(context: ExecutionContext, type: string, balance: bigint, isKept: boolean): PtbValue {
  const id = context.freshId()
  const contents = encodeCoin(id, balance)
  context.write({ id, type, contents, owner: isKept ? thief : undefined })
  return { type, bcs: contents, objectId: id }
}
