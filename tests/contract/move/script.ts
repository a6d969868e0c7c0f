import { bcs } from '@mysten/bcs'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, fromHex } from '../../../src/core/bytes.ts'
import type { PtbValue } from '../../../src/localnet/ledger/types.ts'
import type { MoveVm } from '../../../src/localnet/move-vm/types.ts'
import { isLocketError } from '../../../src/core/errors.ts'
import { Aborted, addressOf, createMoveWorld } from '../../helpers/move-context.ts'
import type { Verdict } from './verdict.ts'

/** One call, as `driver.move` reads it. What a field means depends on `kind`. */
export type ScriptCall = {
  readonly kind: number
  /** Which of the two spaces. */
  readonly target: number
  readonly sender: number
  readonly advanceMs: number
  readonly number: bigint
  readonly other: bigint
  readonly who: number
  readonly first: Uint8Array
  readonly second: Uint8Array
  readonly third: Uint8Array
}

const Address = bcs.fixedArray(32, bcs.u8())
const Call = bcs.struct('Call', {
  kind: bcs.u8(),
  target: bcs.u8(),
  sender: Address,
  advanceMs: bcs.u64(),
  number: bcs.u64(),
  other: bcs.u64(),
  who: Address,
  first: bcs.byteVector(),
  second: bcs.byteVector(),
  third: bcs.byteVector(),
})

const addressBytes = (n: number): number[] => [...fromHex(addressOf(n))]

/** The script as `driver::run` takes it. */
export function encodeScript(calls: readonly ScriptCall[]): Uint8Array {
  const rows = calls.map((call) => ({ ...call, sender: addressBytes(call.sender), who: addressBytes(call.who) }))
  return bcs.vector(Call).serialize(rows).toBytes()
}

export const FUNCTIONS = [
  'set_key',
  'set_label',
  'rotate',
  'set_head',
  'add_member',
  'remove_member',
  'set_timelock',
  'clear_timelock',
  'set_successor',
  'clear_successor',
  'heartbeat',
  'migrate',
] as const
export const BRANCHES = ['owner', 'member', 'timelock', 'successor'] as const

const CLOCK = addressOf(6)
const PACKAGE = addressOf(0x10c)

/** Replays a script in the interpreter, call by call, each a transaction of its own. */
export function replay(vm: MoveVm, calls: readonly ScriptCall[]): Verdict {
  const world = createMoveWorld()
  const setClock = (ms: number): void => {
    const contents = concatBytes(fromHex(CLOCK), bcs.u64().serialize(ms).toBytes())
    world.objects.set(CLOCK, {
      id: CLOCK,
      version: 1n,
      type: `${addressOf(2)}::clock::Clock`,
      owner: { kind: 'shared', initialVersion: 1n },
      contents,
      previousTransaction: null,
    })
  }
  let nowMs = 1_000_000
  setClock(nowMs)
  const run = (sender: number, name: string, args: readonly PtbValue[]): void => {
    const context = world.context({ sender: addressOf(sender), timestampMs: nowMs })
    vm.call(context, { packageId: PACKAGE, module: 'space', function: name, typeArguments: [], args })
  }
  const spaces = [0xa, 0x5].map((owner) => {
    const known = new Set(world.objects.keys())
    run(owner, 'create', [objectArgument(CLOCK)])
    return [...world.objects.values()].find(({ id, type }) => !known.has(id) && type.endsWith('::space::Space'))?.id ?? ''
  })

  try {
    for (const call of calls) {
      nowMs += call.advanceMs
      setClock(nowMs)
      const space = spaces[call.target] ?? ''
      if (call.kind === 12) {
        const object = world.objects.get(space)
        object?.contents.set(bcs.u64().serialize(call.number).toBytes(), 32)
      } else if (call.kind >= 20) {
        const branch = BRANCHES[call.kind - 20] ?? 'owner'
        const id = identity(spaces[call.first[0] ?? 0] ?? '', call)
        const args = [pure(bcs.byteVector().serialize(id).toBytes()), objectArgument(space)]
        run(call.sender, `seal_approve_${branch}`, branch === 'owner' ? args : [...args, objectArgument(CLOCK)])
      } else {
        const name = FUNCTIONS[call.kind] ?? ''
        const rest = name === 'migrate' ? [] : [objectArgument(CLOCK)]
        run(call.sender, name, [objectArgument(space), ...stateArguments(call), ...rest])
      }
    }
  } catch (error) {
    if (error instanceof Aborted) return { error: String(error.code), module: error.where.split('::')[0] ?? '' }
    if (isLocketError(error, 'chain/rejected')) return { error: String(error.details['reason']), module: String(error.details['module']) }
    throw error
  }
  const state = concatBytes(...spaces.map((id) => (world.objects.get(id)?.contents ?? new Uint8Array()).subarray(32)))
  return { error: String(BigInt.asUintN(63, BigInt(bcs.u64().parse(sha256(state).subarray(0, 8))))), module: 'driver' }
}

const pure = (bytes: Uint8Array): PtbValue => ({ type: undefined, bcs: new Uint8Array(bytes) })
const objectArgument = (objectId: string): PtbValue => ({ type: undefined, bcs: new Uint8Array(), objectId })

function stateArguments({ kind, number, other, who, first, second, third }: ScriptCall): PtbValue[] {
  const bytes = (value: Uint8Array): PtbValue => pure(bcs.byteVector().serialize(value).toBytes())
  const u64 = pure(bcs.u64().serialize(number).toBytes())
  const address = pure(fromHex(addressOf(who)))
  const u32 = (): PtbValue => pure(bcs.u32().serialize(Number(number)).toBytes())
  switch (FUNCTIONS[kind]) {
    case 'set_key':
      return [u32(), bytes(first), bytes(second)]
    case 'set_label':
      return [bytes(first)]
    case 'rotate':
      return [u32(), bytes(first), bytes(second), bytes(third)]
    case 'set_head':
      return [u64, bytes(first)]
    case 'add_member':
      return [address, pure(bcs.u8().serialize(Number(other)).toBytes()), u64]
    case 'remove_member':
      return [address]
    case 'set_timelock':
    case 'set_successor':
      return [address, u64]
    default:
      return []
  }
}

/** As `driver::identity`. */
function identity(space: string, { number, other, first }: ScriptCall): Uint8Array {
  const whole = concatBytes(fromHex(space), bcs.u32().serialize(Number(number)).toBytes(), new Uint8Array(16).fill(0xee))
  const id = new Uint8Array(Number(other))
  id.set(whole.subarray(0, id.length))
  const [, changed = 0, change = 0] = first
  if (changed < id.length) id[changed] = (id[changed] ?? 0) ^ change
  return id
}
