import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes, type Bytes } from '../../../src/core/bytes.ts'
import type { ReceiverKeys, SenderKeys } from './base-ot.ts'
import { demand, type Draw } from './ceremony.ts'
import { extendAsReceiver, extendAsSender, OTS, type Matrix } from './extension.ts'
import { mod, scalarBytes, sum, toInteger } from './field.ts'
import { H, Hq, u16, u8 } from './hash.ts'
import type { Reader } from './reader.ts'

/** Three scalars of one OT: two inputs, and the one that masks the check. */
type Triple = readonly [bigint, bigint, bigint]
export type Products = readonly [bigint, bigint]

const tripleOf = (of: (i: 0 | 1 | 2) => bigint): Triple => [mod(of(0)), mod(of(1)), mod(of(2))]

/** `M`. */
export function label(context: Uint8Array, alice: number, bob: number, item: number): Bytes {
  return H('locket/ecdsa/multiplication', context, u8(alice), u8(bob), u8(item))
}

const gadget = (M: Bytes): bigint[] => Array.from({ length: OTS }, (_, j) => Hq('locket/ecdsa/gadget', M, u16(j)))

/** `p(j, i, row)` for all `i`. */
function pads(N: Bytes, j: number, row: Bytes): Triple {
  return tripleOf((i) => toInteger(sha256(concatBytes(N, u16(j), u8(i), row))))
}

const nameOf = (M: Bytes, U: Bytes, w: Bytes): Bytes => H('locket/ecdsa/pads', M, U, w)

const transcriptOf = (N: Bytes, m: readonly Triple[]): Bytes => H('locket/ecdsa/multiplication/payload', N, ...m.flat().map(scalarBytes))

/** A triple folded with `theta`: its last, and the other two by their weights. */
function createFold(T: Bytes): (triple: Triple) => bigint {
  const [theta0, theta1] = [0, 1].map((i) => Hq('locket/ecdsa/theta', T, u8(i))) as [bigint, bigint]
  return ([a, b, c]) => mod(c + theta0 * a + theta1 * b)
}

const muOf = (T: Bytes, folded: readonly bigint[]): Bytes => H('locket/ecdsa/mu', T, ...folded.map(scalarBytes))

const rowSum = (g: readonly bigint[], triples: readonly Triple[], i: 0 | 1): bigint =>
  sum(triples.map((triple, j) => (g[j] as bigint) * triple[i]))

/** Alice's message, read and not yet checked. */
export type Payload = { readonly w: Bytes; readonly m: readonly Triple[]; readonly eta: bigint; readonly mu: Bytes }

export function readPayload(reader: Reader): Payload {
  return {
    w: reader.bytes(32),
    m: Array.from({ length: OTS }, (): Triple => [reader.scalar(), reader.scalar(), reader.scalar()]),
    eta: reader.scalar(),
    mu: reader.bytes(32),
  }
}

/** Bob of part 3.4: his message, his random input, and what he does with Alice's. */
export function createBob(M: Bytes, keys: SenderKeys, draw: Draw) {
  const { message, received } = extendAsReceiver(M, keys, draw)
  const g = gadget(M)
  return {
    message,
    chi: sum(received.choices.map((choice, j) => (choice ? (g[j] as bigint) : 0n))),
    finish({ w, m, eta, mu }: Payload, from: number): Products {
      const N = nameOf(M, received.U, w)
      const T = transcriptOf(N, m)
      const fold = createFold(T)
      const z = m.map((correction, j) => {
        const pad = pads(N, j, received.rows[j] as Bytes)
        return received.choices[j] ? tripleOf((i) => pad[i] + correction[i]) : pad
      })
      const folded = z.map((triple, j) => mod(fold(triple) - (received.choices[j] ? eta : 0n)))
      demand(equalBytes(muOf(T, folded), mu), 'ban', 41, from)
      return [rowSum(g, z, 0), rowSum(g, z, 1)]
    },
  }
}

/** Alice: checks Bob's extension; her message, and her shares of the products of `inputs` and his input. */
export function multiplyAsAlice(
  M: Bytes,
  keys: ReceiverKeys,
  matrix: Matrix,
  inputs: readonly [bigint, bigint],
  draw: Draw,
  from: number,
): { readonly message: Bytes; readonly shares: Products } {
  const { U, difference, rows } = extendAsSender(M, keys, matrix, from)
  const w = draw.bytes(32)
  const a: Triple = [...inputs, draw.scalar()]
  const N = nameOf(M, U, w)
  const zeros = rows.map((row, j) => pads(N, j, row))
  const otherRows = rows.map((row) => row.map((byte, i) => byte ^ (difference[i] as number)))
  const ones = otherRows.map((row, j) => pads(N, j, row))
  const m = zeros.map((zero, j) => tripleOf((i) => zero[i] - (ones[j] as Triple)[i] + a[i]))
  const T = transcriptOf(N, m)
  const fold = createFold(T)
  const g = gadget(M)
  return {
    message: concatBytes(w, ...m.flat().map(scalarBytes), scalarBytes(fold(a)), muOf(T, zeros.map(fold))),
    shares: [mod(-rowSum(g, zeros, 0)), mod(-rowSum(g, zeros, 1))],
  }
}
