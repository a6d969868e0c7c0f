import { bcs } from '@mysten/bcs'
import { deriveDynamicFieldID } from '@mysten/sui/utils'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compilePackage } from '../../../contracts/package.mjs'
import { fromHex, utf8 } from '../../../src/core/bytes.ts'
import { isLocketError } from '../../../src/core/errors.ts'
import type { LedgerObject, PtbValue } from '../../../src/localnet/ledger/types.ts'
import { createMoveVm } from '../../../src/localnet/move-vm/create-move-vm.ts'
import { dynamicFieldId } from '../../../src/localnet/move-vm/dynamic-field-id.ts'
import { locketModules, publishFramework } from '../../../src/localnet/move-vm/framework.ts'
import { parseType } from '../../../src/localnet/move-vm/move-type.ts'
import type { MoveVm } from '../../../src/localnet/move-vm/types.ts'
import { openProbe, probeSources } from '../../contract/move/probe/package.ts'
import { Aborted, addressOf, createMoveWorld, type MoveWorld } from '../../helpers/move-context.ts'

const PACKAGE = addressOf(0x9b0be)
const THING = `${PACKAGE}::probe::Thing`
const ALICE = addressOf(0xa11ce)

const u64 = (value: number | bigint): PtbValue => ({ type: undefined, bcs: bcs.u64().serialize(value).toBytes() })
const zeros = (length: number): Uint8Array => new Uint8Array(length)
const address = (value: string): PtbValue => ({ type: undefined, bcs: fromHex(value) })
const raw = (...bytes: number[]): PtbValue => ({ type: undefined, bcs: Uint8Array.from(bytes) })
const input = (objectId: string): PtbValue => ({ type: undefined, bcs: new Uint8Array(), objectId })

let vm: MoveVm
let world: MoveWorld

beforeAll(async () => {
  vm = await openProbe({ maxSteps: 20_000 })
})
beforeEach(() => {
  world = createMoveWorld()
})

const call = (name: string, args: readonly PtbValue[] = [], typeArguments: readonly string[] = []): readonly PtbValue[] =>
  vm.call(world.context({ sender: ALICE, epoch: 4, timestampMs: 99 }), {
    packageId: '0x9b0be',
    module: 'probe',
    function: name,
    typeArguments,
    args,
  })

/** A Thing in Alice's hands. */
function make(size: number): string {
  const [made] = call('make', [u64(size)])
  return made?.objectId ?? ''
}
const sizeOf = (id: string): bigint => {
  const { contents } = world.objects.get(id) as LedgerObject
  return new DataView(contents.buffer, contents.byteOffset).getBigUint64(32, true)
}
const text = (value: string): PtbValue => ({ type: undefined, bcs: bcs.byteVector().serialize(utf8(value)).toBytes() })
const rejection = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (isLocketError(error, 'chain/rejected')) return String(error.details['reason'])
    throw error
  }
  return 'accepted'
}

describe('objects', () => {
  it('are handed back written but not placed when a function returns them', () => {
    const written: unknown[] = []
    const context = { ...world.context({ sender: ALICE }), write: (object: unknown) => void written.push(object) }
    const [made] = vm.call(context, { packageId: PACKAGE, module: 'probe', function: 'make', typeArguments: [], args: [u64(7)] })
    expect(made?.type).toBe(THING)
    expect(written).toEqual([{ id: made?.objectId, type: THING, contents: made?.bcs, owner: undefined }])
    expect(made?.bcs).toEqual(Uint8Array.from([...fromHex(made?.objectId ?? ''), 7, 0, 0, 0, 0, 0, 0, 0]))
  })

  it('get the next fresh ids of their transaction', () => {
    const twin = createMoveWorld().context()
    expect(make(1)).toBe(twin.freshId())
    expect(call('fields', [u64(0)])[0]?.bcs).toEqual(u64(6 * 1_000 + 41 + 1).bcs)
  })

  it('are written back after a mutable borrow and left alone after an immutable one', () => {
    const [a, b] = [make(1), make(2)]
    const before = world.writes
    expect(call('sum', [input(a), input(b)])[0]?.bcs).toEqual(u64(3).bcs)
    expect(world.writes).toBe(before)
    call('grow', [input(a), u64(10)])
    expect(sizeOf(a)).toBe(11n)
    expect(world.writes).toBe(before + 1)
  })

  it('keep their owner when they are changed', () => {
    const id = make(1)
    call('share', [input(id)])
    call('grow', [input(id), u64(1)])
    expect(world.objects.get(id)?.owner.kind).toBe('shared')
  })

  it('may be lent out twice unless one loan can change them', () => {
    const id = make(5)
    expect(call('sum', [input(id), input(id)])[0]?.bcs).toEqual(u64(10).bcs)
    expect(rejection(() => call('merge', [input(id), input(id)]))).toBe('INVALID_REFERENCE_ARGUMENT')
    expect(rejection(() => call('put', [input(id), u64(1), input(id)]))).toBe('INVALID_REFERENCE_ARGUMENT')
  })

  it('are gone once they are unpacked', () => {
    const [a, b] = [make(1), make(2)]
    call('merge', [input(a), input(b)])
    expect(sizeOf(a)).toBe(3n)
    expect(world.objects.has(b)).toBe(false)
  })

  it('go where they are sent, shared or frozen to', () => {
    const [sent, shared, frozen] = [make(1), make(2), make(3)]
    call('send', [input(sent), address(addressOf(0xb0b))])
    call('share', [input(shared)])
    call('freeze_it', [input(frozen)])
    expect(world.objects.get(sent)?.owner).toEqual({ kind: 'address', address: addressOf(0xb0b) })
    expect(world.objects.get(shared)?.owner.kind).toBe('shared')
    expect(world.objects.get(frozen)?.owner).toEqual({ kind: 'immutable' })
  })

  it('pass through a generic function by value', () => {
    const id = make(6)
    const [returned] = call('through', [input(id)], [THING])
    expect(returned?.objectId).toBe(id)
    expect(sizeOf(id)).toBe(6n)
  })

  it('must exist and be of the parameter type', () => {
    const id = make(1)
    expect(rejection(() => call('grow', [input(addressOf(0x404)), u64(1)]))).toBe('OBJECT_NOT_FOUND')
    const thing = world.objects.get(id) as LedgerObject
    world.objects.set(id, { ...thing, type: `${addressOf(2)}::clock::Clock` })
    expect(rejection(() => call('grow', [input(id), u64(1)]))).toBe('TYPE_MISMATCH')
  })
})

describe('dynamic fields', () => {
  it('are objects of their own, under the id Sui derives', () => {
    const id = make(1)
    call('set', [input(id), u64(7), u64(70)])
    const fieldId = dynamicFieldId(id, parseType('u64'), u64(7).bcs)
    const stored = world.objects.get(fieldId)
    expect(stored?.type).toBe(`${addressOf(2)}::dynamic_field::Field<u64,u64>`)
    expect(stored?.owner).toEqual({ kind: 'object', parent: id })
    expect(stored?.contents).toEqual(Uint8Array.from([...fromHex(fieldId), ...u64(7).bcs, ...u64(70).bcs]))
  })

  it('get the ids the Sui SDK derives', () => {
    const tags = [
      'u64',
      'vector<u8>',
      'address',
      '0x2::object::ID',
      '0x1::option::Option<vector<0x2::object::ID>>',
      'u256',
      'bool',
      'u8',
      'u16',
      'u32',
      'u128',
    ]
    for (const tag of tags) {
      expect(dynamicFieldId(ALICE, parseType(tag), Uint8Array.of(1, 2, 3)), tag).toBe(
        deriveDynamicFieldID(ALICE, tag, Uint8Array.of(1, 2, 3)),
      )
    }
  })

  it('are changed and read in later calls', () => {
    const id = make(1)
    call('set', [input(id), u64(7), u64(70)])
    call('set', [input(id), u64(7), u64(71)])
    expect(call('get', [input(id), u64(7)])[0]?.bcs).toEqual(u64(71).bcs)
    expect(() => call('get', [input(id), u64(8)])).toThrow(Aborted)
  })

  it('belong to one parent: another finds nothing', () => {
    const [a, b] = [make(1), make(2)]
    call('set', [input(a), u64(7), u64(70)])
    expect(() => call('get', [input(b), u64(7)])).toThrow(expect.objectContaining({ code: 1, where: 'dynamic_field::borrow_child_object' }))
  })

  it('take an object away from its owner', () => {
    const [a, b] = [make(1), make(2)]
    call('put', [input(a), u64(1), input(b)])
    expect(world.objects.get(b)?.owner.kind).toBe('object')
  })
})

describe('failures', () => {
  it('leave no trace: nothing is written, deleted or emitted before the end', () => {
    const id = make(5)
    const before = world.writes
    expect(() => call('grow_and_abort', [input(id)])).toThrow(expect.objectContaining({ code: 99, where: 'probe::grow_and_abort' }))
    expect(world.writes).toBe(before)
    expect(world.events).toEqual([])
    expect(sizeOf(id)).toBe(5n)
  })

  it('name the package, module and function that aborted', () => {
    const located: unknown[] = []
    const context = {
      ...world.context(),
      abort: (location: unknown, code: number | bigint): never => {
        located.push(location, code)
        throw new Error('aborted')
      },
    }
    const run = (): unknown =>
      vm.call(context, { packageId: PACKAGE, module: 'probe', function: 'even_or_abort', typeArguments: [], args: [u64(3)] })
    expect(run).toThrow('aborted')
    expect(located).toEqual([{ packageId: PACKAGE, module: 'probe', function: 'even_or_abort' }, 5n])
  })

  it('stop what overflows, leaves a vector, runs too long or too deep', () => {
    expect(rejection(() => call('factorial', [u64(21)]))).toBe('ARITHMETIC_ERROR')
    expect(rejection(() => call('last', [raw(0)]))).toBe('VECTOR_OPERATION_ERROR')
    expect(rejection(() => call('spin'))).toBe('OUT_OF_GAS')
    expect(rejection(() => call('deep', [u64(0)]))).toBe('CALL_STACK_OVERFLOW')
  })
})

describe('what a transaction may call', () => {
  it('is public or entry', () => {
    expect(call('entry_only', [u64(3)])[0]?.bcs).toEqual(u64(3).bcs)
    expect(rejection(() => call('secret'))).toBe('FUNCTION_NOT_CALLABLE')
    expect(rejection(() => call('for_friends'))).toBe('FUNCTION_NOT_CALLABLE')
    expect(rejection(() => call('nothing'))).toBe('FUNCTION_NOT_FOUND')
    expect(rejection(() => call('borrow_size', [input(make(1))]))).toBe('INVALID_RETURN')
  })

  it('takes as many arguments and type arguments as the function has', () => {
    expect(rejection(() => call('factorial'))).toBe('ARITY_MISMATCH')
    expect(rejection(() => call('factorial', [u64(1), u64(2)]))).toBe('ARITY_MISMATCH')
    expect(rejection(() => call('name_of'))).toBe('TYPE_ARGUMENT_ERROR')
    expect(rejection(() => call('name_of', [], ['u8', 'u8']))).toBe('TYPE_ARGUMENT_ERROR')
    expect(rejection(() => call('name_of', [], ['0x2::nothing::Here']))).toBe('TYPE_ARGUMENT_ERROR')
    expect(rejection(() => call('name_of', [], ['0x2::clock']))).toBe('TYPE_ARGUMENT_ERROR')
  })

  it('gives type arguments the abilities the function asks for', () => {
    expect(rejection(() => call('tell', [], [THING]))).toBe('TYPE_ARGUMENT_ERROR')
    expect(rejection(() => call('through', [], ['u64']))).toBe('TYPE_ARGUMENT_ERROR')
    expect(rejection(() => call('tell', [], [`vector<${THING}>`]))).toBe('TYPE_ARGUMENT_ERROR')
  })
})

const take = (...args: PtbValue[]): string => rejection(() => call('take_text', args))

describe('pure arguments', () => {
  it('are strict BCS', () => {
    expect(rejection(() => call('factorial', [raw(1, 0, 0)]))).toBe('INVALID_PURE_ARGUMENT')
    expect(rejection(() => call('factorial', [raw(1, 0, 0, 0, 0, 0, 0, 0, 0)]))).toBe('INVALID_PURE_ARGUMENT')
    expect(rejection(() => call('pairs', [u64(1), raw(2)]))).toBe('INVALID_PURE_ARGUMENT')
    expect(rejection(() => call('sorted', [raw(0x80, 0)]))).toBe('INVALID_PURE_ARGUMENT')
    expect(rejection(() => call('sorted', [raw(0xff, 0xff, 0xff, 0xff, 0x7f)]))).toBe('INVALID_PURE_ARGUMENT')
  })

  it('never become structs: that would forge capabilities', () => {
    expect(rejection(() => call('take_pair', [raw(...zeros(16))]))).toBe('INVALID_PURE_ARGUMENT')
    expect(rejection(() => call('grow', [raw(...zeros(40)), u64(1)]))).toBe('INVALID_REFERENCE_ARGUMENT')
    expect(rejection(() => call('sum', [raw(...zeros(40)), input(make(1))]))).toBe('TYPE_MISMATCH')
  })

  it('may be strings and options, if they are well formed', () => {
    expect(take(text('grüezi'), text('hello'), raw(0))).toBe('accepted')
    expect(take(text('grüezi'), text('hello'), raw(1, ...u64(3).bcs))).toBe('accepted')
    expect(take(text('grüezi'), text('grüezi'), raw(0))).toBe('INVALID_PURE_ARGUMENT')
    expect(take(raw(1, 0xff), text(''), raw(0))).toBe('INVALID_PURE_ARGUMENT')
    expect(take(text(''), text(''), raw(2, ...u64(3).bcs, ...u64(3).bcs))).toBe('INVALID_PURE_ARGUMENT')
  })

  it('keep the type an earlier command gave them', () => {
    expect(call('factorial', [{ ...u64(3), type: 'u64' }])[0]?.bcs).toEqual(u64(6).bcs)
    expect(rejection(() => call('factorial', [{ ...u64(3), type: 'vector<u8>' }]))).toBe('TYPE_MISMATCH')
    const pair = { type: `${PACKAGE}::probe::Pair<u64, u64>`, bcs: new Uint8Array(16) }
    expect(rejection(() => call('take_pair', [pair]))).toBe('accepted')
  })
})

describe('the transaction context, events and type names', () => {
  it('come from the context', () => {
    const [sender, epoch, timestampMs] = call('about')
    expect(sender?.bcs).toEqual(fromHex(ALICE))
    expect(epoch?.bcs).toEqual(u64(4).bcs)
    expect(timestampMs?.bcs).toEqual(u64(99).bcs)
  })

  it('carry their full type', () => {
    call('tell', [raw(3, 1, 2, 3)], ['vector<u8>'])
    expect(world.events).toEqual([{ type: `${PACKAGE}::probe::Happened<vector<u8>>`, bcs: Uint8Array.of(3, 1, 2, 3) }])
    const [name] = call('name_of', [], ['0x1::option::Option<vector<0x2::object::ID>>'])
    // A type name has no `0x`. Two bytes of length come first.
    const expected = `${addressOf(1)}::option::Option<vector<${addressOf(2)}::object::ID>>`.replaceAll('0x', '')
    expect(name?.bcs.subarray(2)).toEqual(utf8(expected))
  })
})

describe('publish', () => {
  it('adds a package whole or not at all', async () => {
    const fresh = await createMoveVm()
    expect(() => fresh.publish('0x5', locketModules())).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
    expect(fresh.describe('0x5', 'space', 'create')).toBeUndefined()
    publishFramework(fresh)
    fresh.publish('0x5', locketModules())
    expect(() => fresh.publish('0x5', locketModules())).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
    expect(() => fresh.publish('0x6', [utf8('not Move')])).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
  })

  it('keeps two packages of the same code apart', async () => {
    const fresh = await createMoveVm()
    publishFramework(fresh)
    fresh.publish('0x5', locketModules())
    fresh.publish('0x6', locketModules())
    expect(fresh.describe('0x5', 'space', 'heartbeat')?.parameters[0]?.body).toBe(`${addressOf(5)}::space::Space`)
    expect(fresh.describe('0x6', 'space', 'heartbeat')?.parameters[0]?.body).toBe(`${addressOf(6)}::space::Space`)
  })

  it('keeps two VMs apart', async () => {
    const [one, other] = [await createMoveVm(), await createMoveVm()]
    publishFramework(one)
    expect(other.describe('0x2', 'clock', 'timestamp_ms')).toBeUndefined()
  })

  it('fails at the call of a native function it lacks, by name', async () => {
    const fresh = await createMoveVm()
    publishFramework(fresh)
    const source = `module probe::gas; public fun price(ctx: &TxContext): u64 { ctx.gas_price() }`
    const { 'Move.toml': manifest = '' } = probeSources()
    fresh.publish('0x7', await compilePackage({ 'Move.toml': manifest, 'sources/gas.move': source }))
    const run = (): unknown =>
      fresh.call(world.context(), { packageId: '0x7', module: 'gas', function: 'price', typeArguments: [], args: [] })
    expect(run).toThrow(
      expect.objectContaining({ code: 'usage/unsupported', details: { native: `${addressOf(2)}::tx_context::native_gas_price` } }),
    )
  })
})

describe('describe', () => {
  it('reports a function as a full node does', () => {
    expect(vm.describe('0x9b0be', 'probe', 'through')).toEqual({
      visibility: 'public',
      isEntry: false,
      typeParameters: 1,
      parameters: [{ reference: null, body: 'T0' }],
      returns: [{ reference: null, body: 'T0' }],
    })
    expect(vm.describe('0x9b0be', 'probe', 'set')?.parameters).toEqual([
      { reference: 'mutable', body: THING },
      { reference: null, body: 'u64' },
      { reference: null, body: 'u64' },
    ])
    expect(vm.describe('0x9b0be', 'probe', 'for_friends')?.visibility).toBe('friend')
    expect(vm.describe('0x9b0be', 'probe', 'absent')).toBeUndefined()
    expect(vm.describe('0x9b0be', 'absent', 'set')).toBeUndefined()
  })
})
