import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, copyBytes, equalBytes, fromHex, utf8, type Bytes } from '../../../src/core/bytes.ts'
import type { Suite } from '../../../src/mpc/types.ts'

export type FieldKind = 'point' | 'scalar' | 'bytes'
/** One field of one message: `wasm/SPEC.md` sections 3 to 5. */
export type Field = {
  readonly name: string
  readonly round: number
  readonly part: 'broadcast' | 'direct'
  readonly at: number
  readonly length: number
  readonly kind: FieldKind
}

type Shape = readonly (readonly [name: string, length: number, kind: FieldKind])[]

/** The fields of a message, one after another. */
function fieldsOf(round: number, part: Field['part'], shape: Shape): readonly Field[] {
  let at = 0
  return shape.map(([name, length, kind]) => {
    at += length
    return { name, round, part, at: at - length, length, kind }
  })
}

type Round = { readonly broadcast?: Shape; readonly direct?: Shape }

const rounds = (...all: readonly Round[]): readonly Field[] =>
  all.flatMap(({ broadcast = [], direct = [] }, at) => [...fieldsOf(at + 1, 'broadcast', broadcast), ...fieldsOf(at + 1, 'direct', direct)])

const context = ['context', 32, 'bytes'] as const

const OPENING: Shape = [
  ['blind', 32, 'bytes'],
  ['A0', 33, 'point'],
  ['A1', 33, 'point'],
  ['proof K', 33, 'point'],
  ['proof z', 32, 'scalar'],
]
const DEALT: Shape = [
  ['f(j)', 32, 'scalar'],
  ['zero seed', 32, 'bytes'],
  ['S', 33, 'point'],
  ['B first', 33, 'point'],
  ['B others', 254 * 33, 'bytes'],
  ['B last', 33, 'point'],
]
const CONFIRMED: Round = { broadcast: [['setup', 32, 'bytes']], direct: [['pair', 32, 'bytes']] }
const PRESIGNING: readonly Round[] = [
  {
    broadcast: [context, ['commitment', 32, 'bytes']],
    direct: [
      ['v', 32, 'bytes'],
      ['u', 10_240, 'bytes'],
      ['x*', 16, 'bytes'],
      ['t*', 2_048, 'bytes'],
    ],
  },
  {
    broadcast: [
      ['R', 33, 'point'],
      ['blind', 32, 'bytes'],
      ['S', 33, 'point'],
    ],
    direct: [
      ['w', 32, 'bytes'],
      ['m', 39_936, 'bytes'],
      ['eta', 32, 'scalar'],
      ['mu', 32, 'bytes'],
      ['C^u', 33, 'point'],
      ['C^v', 33, 'point'],
      ['psi', 32, 'scalar'],
    ],
  },
]

/** Every field of every message of the core among parties of a key of two, threshold two. */
export const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  'frost-ed25519 create': rounds(
    { broadcast: [context, ['A0', 32, 'point'], ['A1', 32, 'point'], ['proof K', 32, 'point'], ['proof mu', 32, 'scalar']] },
    { direct: [['f(j)', 32, 'scalar']] },
    { broadcast: [['confirmation', 32, 'bytes']] },
  ),
  'frost-ed25519 sign': rounds({ broadcast: [context, ['D', 32, 'point'], ['E', 32, 'point']] }, { broadcast: [['z', 32, 'scalar']] }),
  'frost-ed25519 refresh': rounds(
    { broadcast: [context, ['A1', 32, 'point']], direct: [['f(j)', 32, 'scalar']] },
    { broadcast: [['confirmation', 32, 'bytes']] },
  ),
  'frost-ed25519 export': rounds({ broadcast: [context], direct: [['x', 32, 'scalar']] }),
  'frost-taproot sign': rounds({ broadcast: [context, ['D', 33, 'point'], ['E', 33, 'point']] }, { broadcast: [['z', 32, 'scalar']] }),
  'ecdsa-secp256k1 create': rounds(
    { broadcast: [context, ['commitment', 32, 'bytes']] },
    { broadcast: [...OPENING, ['chain code', 32, 'bytes']], direct: DEALT },
    CONFIRMED,
  ),
  'ecdsa-secp256k1 sign': rounds(...PRESIGNING, {
    broadcast: [
      ['u', 32, 'scalar'],
      ['w', 32, 'scalar'],
    ],
  }),
  'ecdsa-secp256k1 presign': rounds(...PRESIGNING),
  'ecdsa-secp256k1 refresh': rounds(
    { broadcast: [context, ['commitment', 32, 'bytes'], ['old public half', 171, 'bytes']] },
    { broadcast: OPENING, direct: DEALT },
    CONFIRMED,
  ),
  'ecdsa-secp256k1 finish': rounds({ broadcast: [context, ['u', 32, 'scalar'], ['w', 32, 'scalar']] }),
  'ecdsa-secp256k1 export': rounds({ broadcast: [context], direct: [['x', 32, 'scalar']] }),
}

/** What the attacker has to work with: the same message of an earlier session and of another key, and what the victim sent. */
export type Material = { readonly stale: Bytes | undefined; readonly foreign: Bytes | undefined; readonly echo: Bytes | undefined }

export type Mutation = { readonly name: string; change(message: Bytes): Bytes }

const SIXTEEN_MB = 16_777_216
const ED_ORDER = ed25519.Point.Fn.ORDER
const SECP_ORDER = secp256k1.Point.Fn.ORDER

/** `count` ways to be wrong in a field, the telling ones first; the rest are bit flips drawn from `seed`. Each makes a message unlike the true one. */
export function mutationsOf(suite: Suite, field: Field, material: Material, seed: string, count: number): readonly Mutation[] {
  const { at, length } = field
  const put = (name: string, value: Uint8Array | undefined): Mutation[] =>
    value?.length === length
      ? [{ name, change: (message) => concatBytes(message.subarray(0, at), value, message.subarray(at + length)) }]
      : []
  const from = (name: string, source: Bytes | undefined) => put(name, source?.subarray(at, at + length))
  const isEd = suite === 'frost-ed25519'
  const telling: Mutation[] = [
    ...put('zero', new Uint8Array(length)),
    ...put('all ones', new Uint8Array(length).fill(255)),
    ...from('stale', material.stale),
    ...from('of another key', material.foreign),
    ...from('what the victim sent', material.echo),
    { name: 'one byte short', change: (message) => message.slice(0, -1) },
    { name: 'one byte long', change: (message) => concatBytes(message, Uint8Array.of(0)) },
    { name: 'empty', change: () => new Uint8Array() },
    ...(at === 0 ? [{ name: '16 MB', change: (message: Bytes) => concatBytes(message, new Uint8Array(SIXTEEN_MB)) }] : []),
    ...(field.kind === 'point' ? pointsOf(isEd).flatMap(([name, value]) => put(name, value)) : []),
    ...(field.kind === 'scalar' ? scalarsOf(isEd).flatMap(([name, value]) => put(name, value)) : []),
  ]
  if (field.kind === 'point' && isEd) telling.push({ name: 'mixed order', change: (message) => mixed(message, at) })
  const flips = Array.from({ length: count }, (_, n): Mutation => {
    const digest = sha256(utf8(`${seed}/${n}`))
    const bit = new DataView(digest.buffer).getUint32(0) % (length * 8)
    return {
      name: `bit ${bit}`,
      change: (message) => message.with(at + (bit >> 3), (message[at + (bit >> 3)] as number) ^ (1 << (bit & 7))),
    }
  })
  return [...telling, ...flips].slice(0, Math.max(count, telling.length))
}

/** Whether a mutation is one for this message: some values are by chance the true one. */
export function isChanged(mutation: Mutation, message: Bytes): boolean {
  return !equalBytes(mutation.change(copyBytes(message)), message)
}

function pointsOf(isEd: boolean): [string, Bytes][] {
  if (!isEd) {
    const x = (text: string) => fromHex(text)
    return [
      ['off the curve', x(`02${'00'.repeat(31)}05`)],
      ['x above the field', x(`02${'ff'.repeat(32)}`)],
      ['hybrid', x(`06${'00'.repeat(31)}01`)],
      ['generator', secp256k1.Point.BASE.toBytes(true)],
    ]
  }
  const low = ['01', '00', '0000000000000000000000000000000000000000000000000000000000000080'].map((text) => fromHex(text.padEnd(64, '0')))
  return [
    ['identity', low[0] as Bytes],
    ['of order 4', low[1] as Bytes],
    ['of order 4, other sign', low[2] as Bytes],
    ['of order 2', fromHex(`ec${'ff'.repeat(30)}7f`)],
    ['off the curve', fromHex('02'.padEnd(64, '0'))],
    ['not canonical', fromHex(`ee${'ff'.repeat(30)}7f`)],
    ['generator', copyBytes(ed25519.Point.BASE.toBytes())],
  ]
}

function scalarsOf(isEd: boolean): [string, Bytes][] {
  const order = isEd ? ED_ORDER : SECP_ORDER
  const write = (value: bigint) => {
    const bytes = fromHex(value.toString(16).padStart(64, '0'))
    return isEd ? bytes.reverse() : bytes
  }
  return [
    ['the order', write(order)],
    ['above the order', write(order + 1n)],
    ['one', write(1n)],
    ['minus one', write(order - 1n)],
  ]
}

function mixed(message: Bytes, at: number): Bytes {
  const point = ed25519.Point.fromBytes(message.slice(at, at + 32))
  const low = ed25519.Point.fromBytes(fromHex(`ec${'ff'.repeat(30)}7f`))
  return concatBytes(message.subarray(0, at), point.add(low).toBytes(), message.subarray(at + 32))
}
