import { bcs } from '@mysten/bcs'
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { runMoveTests } from '../../contracts/package.mjs'
import { fromHex, toHex, utf8 } from '../../src/core/bytes.ts'
import { isLocketError } from '../../src/core/errors.ts'
import type { MoveVm } from '../../src/localnet/move-vm/types.ts'
import { Aborted, addressOf, createMoveWorld } from '../helpers/move-context.ts'
import { numberCases } from './move/probe/numbers.ts'
import { openProbe, probeSources } from './move/probe/package.ts'
import { readVerdicts, type Verdict } from './move/verdict.ts'

/** An argument, once as Move source and once as the BCS a transaction carries. */
type Argument = { readonly source: string; readonly bytes: Uint8Array }
type Case = { readonly module: string; readonly name: string; readonly args: readonly Argument[]; readonly needsContext?: boolean }

const littleEndian = (bits: number, value: bigint): Uint8Array =>
  Uint8Array.from({ length: bits / 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
const u = (value: number): Argument => ({ source: `${value}`, bytes: littleEndian(64, BigInt(value)) })
const list = (...items: number[]): Argument => ({
  source: `vector[${items.map((item) => `${item}u64`).join(', ')}]`,
  bytes: bcs.vector(bcs.u64()).serialize(items).toBytes(),
})
const blob = (bytes: Uint8Array): Argument => ({ source: `x"${toHex(bytes)}"`, bytes: bcs.byteVector().serialize(bytes).toBytes() })
const yes = (value: boolean): Argument => ({ source: `${value}`, bytes: Uint8Array.of(value ? 1 : 0) })
const who = (n: number): Argument => ({ source: `@0x${n.toString(16)}`, bytes: fromHex(addressOf(n)) })

const probe = (name: string, ...args: Argument[]): Case => ({ module: 'probe', name, args })
const withContext = (name: string, ...args: Argument[]): Case => ({ module: 'probe', name, args, needsContext: true })

const secretKey = new Uint8Array(32).fill(3)
const message = utf8('a message')
const signature = ed25519.sign(message, secretKey)
const publicKey = ed25519.getPublicKey(secretKey)

const cases: Case[] = [
  ...numberCases().map(({ name, args }) => ({
    module: 'numbers',
    name,
    args: args.map(({ bits, value }) => ({ source: `${value}`, bytes: littleEndian(bits, value) })),
  })),
  ...[0, 1, 2].flatMap((kind) => [probe('area', u(kind), u(7)), probe('shapes_equal', u(kind), u(7), u(1))]),
  probe('pairs', u(9), yes(true)),
  probe('pairs', u(0), yes(false)),
  probe('factorial', u(0)),
  probe('factorial', u(20)),
  probe('factorial', u(21)),
  probe('even_or_abort', u(4)),
  probe('even_or_abort', u(5)),
  probe('sorted', list(5, 3, 9, 1, 1, 0, 7)),
  probe('sorted', list()),
  probe('element', list(1, 2, 3), u(2)),
  probe('element', list(1, 2, 3), u(3)),
  probe('last', list(4, 5)),
  probe('last', list()),
  probe('swapped', list(1, 2, 3), u(0), u(2)),
  probe('swapped', list(1, 2, 3), u(1), u(1)),
  probe('swapped', list(1, 2, 3), u(0), u(3)),
  probe('changed', list(1, 2, 3), u(1)),
  probe('changed', list(), u(0)),
  probe('text', blob(utf8('grüezi, here'))),
  probe('text', blob(utf8('nothing to find'))),
  probe('text', blob(utf8('aaa'))),
  probe('text', blob(utf8(''))),
  probe('text', blob(Uint8Array.of(0xff, 0x41))),
  probe('text', blob(Uint8Array.of(0xc0, 0x80))),
  probe('text', blob(Uint8Array.of(0xed, 0xa0, 0x80))),
  probe('part', blob(utf8('grüezi')), u(2), u(4)),
  probe('part', blob(utf8('grüezi')), u(3), u(4)),
  probe('part', blob(utf8('grüezi')), u(0), u(8)),
  probe('part', blob(utf8('grüezi')), u(0), u(7)),
  probe('ascii_text', blob(utf8('Hello'))),
  probe('ascii_text', blob(Uint8Array.of(0x80))),
  probe('type_names'),
  probe('hashes', blob(utf8('abc'))),
  probe('hashes', blob(new Uint8Array(300).fill(1))),
  probe('verifies', blob(signature), blob(publicKey), blob(message)),
  probe('verifies', blob(signature), blob(publicKey), blob(utf8('another'))),
  probe('verifies', blob(signature.subarray(1)), blob(publicKey), blob(message)),
  probe('verifies', blob(signature), blob(publicKey.subarray(1)), blob(message)),
  probe('verifies', blob(new Uint8Array(64)), blob(new Uint8Array(32)), blob(message)),
  probe('address_number', blob(new Uint8Array(32).fill(0xfe))),
  probe('address_number', blob(new Uint8Array(31))),
  probe('peeled', blob(Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0))),
  probe('peeled', blob(Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0, 0, 0))),
  probe('peeled', blob(Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0, 1, 2))),
  probe('peeled', blob(Uint8Array.of(5, 0, 0))),
  probe('encoded', u(300), yes(true), who(0xabc)),
  probe('maps', list(1, 2, 3), u(2)),
  probe('maps', list(1, 2, 3), u(4)),
  probe('maps', list(1, 2, 1), u(1)),
  probe('sets', list(3, 2)),
  probe('sets', list(3, 2, 3)),
  withContext('tables', list(1, 2, 3), u(2)),
  withContext('tables', list(1, 2, 3), u(9)),
  withContext('tables', list(1, 1), u(1)),
  ...[0, 1, 2, 3, 4].map((step) => withContext('fields', u(step))),
]

const nameOf = (index: number): string => `case_${index}`

async function decideByMoveVm(): Promise<ReadonlyMap<string, Verdict>> {
  const files = probeSources()
  const CASES_PER_MODULE = 80
  for (let from = 0; from < cases.length; from += CASES_PER_MODULE) {
    const tests = cases.slice(from, from + CASES_PER_MODULE).map(({ module, name, args, needsContext = false }, i) => {
      const sources = [...args.map(({ source }) => source), ...(needsContext ? ['&mut tx_context::dummy()'] : [])]
      return `#[test] fun ${nameOf(from + i)}() { out(&probe::${module}::${name}(${sources.join(', ')})) }`
    })
    files[`tests/cases_${from}.move`] = `#[test_only]
module probe::cases_${from};
fun out<T>(value: &T) {
    let mut digest = sui::bcs::new(std::hash::sha2_256(sui::bcs::to_bytes(value)));
    abort digest.peel_u64() & 0x7FFF_FFFF_FFFF_FFFF
}
${tests.join('\n')}
`
  }
  return readVerdicts((await runMoveTests(files)).output)
}

function decideByInterpreter(vm: MoveVm, { module, name, args }: Case): Verdict {
  try {
    const context = createMoveWorld().context()
    const values = args.map(({ bytes }) => ({ type: undefined, bcs: new Uint8Array(bytes) }))
    const [result] = vm.call(context, { packageId: '0x9b0be', module, function: name, typeArguments: [], args: values })
    const digest = sha256(result?.bcs ?? new Uint8Array()).subarray(0, 8)
    return { error: String(BigInt.asUintN(63, BigInt(bcs.u64().parse(digest)))), module: 'cases' }
  } catch (error) {
    if (error instanceof Aborted) return { error: String(error.code), module: error.where.split('::')[0] ?? '' }
    if (isLocketError(error, 'chain/rejected')) return { error: String(error.details['reason']), module: String(error.details['module']) }
    throw error
  }
}

describe('the interpreter and the Move VM, beyond the policy', () => {
  let vm: MoveVm
  let genuine: ReadonlyMap<string, Verdict>

  beforeAll(async () => {
    vm = await openProbe()
    genuine = await decideByMoveVm()
    // Seconds on an idle machine, but the real VM is one long synchronous call.
  }, 240_000)

  it('decide every case', () => {
    expect(cases.length).toBe(801)
    expect(genuine.size).toBe(cases.length)
    const errors = new Set([...genuine.values()].map(({ error }) => error))
    expect(errors.has('ARITHMETIC_ERROR') && errors.has('VECTOR_OPERATION_ERROR')).toBe(true)
  })

  it('agree on integers, vectors, enums, generics, strings, hashes, BCS, maps, tables and dynamic fields', () => {
    const differing = cases.flatMap((one, i) => {
      const found = genuine.get(nameOf(i))
      const expected = found && { error: found.error, module: found.module.replace(/^cases_\d+$/, 'cases') }
      const actual = decideByInterpreter(vm, one)
      return actual.error === expected?.error && actual.module === expected.module
        ? []
        : [{ name: one.name, args: one.args.map(({ source }) => source), expected, actual }]
    })
    expect(differing).toEqual([])
  })
})
