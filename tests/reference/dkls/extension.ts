import { concatBytes, type Bytes } from '../../../src/core/bytes.ts'
import { bit, COUNT, type ReceiverKeys, type SenderKeys } from './base-ot.ts'
import { demand, type Draw } from './ceremony.ts'
import { littleBytes, toLittleInteger } from './field.ts'
import { H, u8 } from './hash.ts'
import type { Reader } from './reader.ts'

/** OTs of one multiplication. */
export const OTS = 416
const BLOCKS = 5
const BLOCK_BYTES = 16

/** 5 blocks of 128 bits: a mask, then four of OTs. */
type Column = readonly bigint[]

/** A product in GF(2)[X] / (X^128 + X^7 + X^2 + X + 1), bit `i` the coefficient of `X^i`. */
function multiplyBlocks(a: bigint, b: bigint): bigint {
  let product = 0n
  for (let i = 0n; i < 128n; i++) if ((b >> i) & 1n) product ^= a << i
  // X^128 = X^7 + X^2 + X + 1, twice: what the first fold carries over is at most seven bits.
  for (let fold = 0; fold < 2; fold++) {
    const high = product >> 128n
    product = (product & ((1n << 128n) - 1n)) ^ (high << 7n) ^ (high << 2n) ^ (high << 1n) ^ high
  }
  return product
}

const readColumn = (bytes: Uint8Array): Column =>
  Array.from({ length: BLOCKS }, (_, b) => toLittleInteger(bytes.subarray(b * BLOCK_BYTES, (b + 1) * BLOCK_BYTES)))

const columnBytes = (column: Column): Bytes => concatBytes(...column.map((block) => littleBytes(block, BLOCK_BYTES)))

const xor = (a: Column, b: Column): Column => a.map((block, i) => block ^ (b[i] as bigint))

/** `g(k, K)`. */
function stretch(M: Bytes, v: Bytes, k: number, K: Bytes): Column {
  const seed = H('locket/ecdsa/extension/seed', M, v, u8(k), K)
  return readColumn(concatBytes(...[0, 1, 2].map((b) => H('locket/ecdsa/extension/block', seed, u8(b)))).subarray(0, 80))
}

/** `U`. */
const matrixDigest = (M: Bytes, v: Bytes, u: readonly Column[]): Bytes => H('locket/ecdsa/extension/matrix', M, v, ...u.map(columnBytes))

/** What both sides fold columns with once the matrix is fixed: block 0, and `chi_b` times block `b`. */
function createFold(U: Bytes): (column: Column) => bigint {
  const chi = [1, 2, 3, 4].map((b) => toLittleInteger(H('locket/ecdsa/extension/chi', U, u8(b)).subarray(0, BLOCK_BYTES)))
  return ([mask, ...blocks]) => blocks.reduce((folded, block, i) => folded ^ multiplyBlocks(chi[i] as bigint, block), mask as bigint)
}

/** Row `j` of 128 columns, as 16 bytes. */
function rowsOf(columns: readonly Column[]): Bytes[] {
  const bytes = columns.map((column) => columnBytes(column.slice(1)))
  return Array.from({ length: OTS }, (_, j) => {
    const row = new Uint8Array(BLOCK_BYTES)
    for (let k = 0; k < COUNT; k++) (row[k >> 3] as number) |= bit(bytes[k] as Bytes, j) << (k & 7)
    return row
  })
}

/** What the extension receiver ends with: its choice of each OT, and `t_j`. */
export type Received = { readonly U: Bytes; readonly choices: readonly (0 | 1)[]; readonly rows: readonly Bytes[] }

/** What the extension sender ends with: `D`, and `q_j`. */
export type Extended = { readonly U: Bytes; readonly difference: Bytes; readonly rows: readonly Bytes[] }

/** The receiver's side of part 3.3, and its message `v, u, x*, t*`. */
export function extendAsReceiver(M: Bytes, keys: SenderKeys, draw: Draw): { readonly message: Bytes; readonly received: Received } {
  const v = draw.bytes(32)
  const x = readColumn(draw.bytes(BLOCKS * BLOCK_BYTES))
  const t = keys.map(([K0], k) => stretch(M, v, k, K0))
  const u = keys.map(([, K1], k) => xor(xor(t[k] as Column, stretch(M, v, k, K1)), x))
  const U = matrixDigest(M, v, u)
  const fold = createFold(U)
  const checks = [x, ...t].map((column) => littleBytes(fold(column), BLOCK_BYTES))
  const choiceBytes = columnBytes(x.slice(1))
  return {
    message: concatBytes(v, ...u.map(columnBytes), ...checks),
    received: { U, choices: Array.from({ length: OTS }, (_, j) => bit(choiceBytes, j)), rows: rowsOf(t) },
  }
}

/** The receiver's message, read and not yet checked. */
export type Matrix = { readonly v: Bytes; readonly u: readonly Column[]; readonly x: bigint; readonly t: readonly bigint[] }

export function readMatrix(reader: Reader): Matrix {
  const block = () => toLittleInteger(reader.bytes(BLOCK_BYTES))
  return {
    v: reader.bytes(32),
    u: Array.from({ length: COUNT }, () => readColumn(reader.bytes(BLOCKS * BLOCK_BYTES))),
    x: block(),
    t: Array.from({ length: COUNT }, block),
  }
}

/** The sender's side. A check that fails is a ban of the receiver. */
export function extendAsSender(M: Bytes, keys: ReceiverKeys, matrix: Matrix, from: number): Extended {
  const U = matrixDigest(M, matrix.v, matrix.u)
  const fold = createFold(U)
  const columns = keys.keys.map((K, k) => {
    const stretched = stretch(M, matrix.v, k, K)
    return bit(keys.choices, k) ? xor(stretched, matrix.u[k] as Column) : stretched
  })
  columns.forEach((column, k) => {
    const expected = (matrix.t[k] as bigint) ^ (bit(keys.choices, k) ? matrix.x : 0n)
    demand(fold(column) === expected, 'ban', 40, from)
  })
  return { U, difference: keys.choices, rows: rowsOf(columns) }
}
