import { createHash, randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { expect, it } from 'vitest'
import { concatBytes, fromBase64Url, type Bytes } from '../../../src/core/bytes.ts'
import { systemEntropy } from '../../../src/core/capabilities.ts'
import { MPC_WASM } from '../../../src/mpc/wasm-bytes.ts'
import { runCeremony } from '../../helpers/mpc-ceremony.ts'
import { loadMpcCore, withLength } from '../../helpers/mpc-core.ts'

/** The module itself, spoken to in bytes: that it is the one recorded, and does what `wasm/SPEC.md` section 7 says. */
const file = readFileSync(new URL('../../../src/mpc/mpc.wasm', import.meta.url))
const recorded = new URL('../../../wasm/mpc/SHA256', import.meta.url)

type Core = {
  memory: WebAssembly.Memory
  alloc(length: number): number
  free(pointer: number, length: number): void
  call(op: number, pointer: number, length: number): bigint
}

async function open(fill: (out: Uint8Array) => number) {
  const env = { random_fill: (pointer: number, length: number) => fill(new Uint8Array(core.memory.buffer, pointer >>> 0, length)) }
  const { instance } = await WebAssembly.instantiate(file, { env })
  const core = instance.exports as Core
  const call = (op: number, payload: Uint8Array, version = 1): { answer: Bytes; request: Bytes } => {
    const length = payload.length + 1
    const pointer = core.alloc(length)
    new Uint8Array(core.memory.buffer, pointer, length).set([version, ...payload])
    const result = BigInt.asUintN(64, core.call(op, pointer, length))
    const request = new Uint8Array(core.memory.buffer, pointer, length).slice()
    core.free(pointer, length)
    const [at, size] = [Number(result >> 32n), Number(result & 0xffff_ffffn)]
    const answer = new Uint8Array(core.memory.buffer, at, size).slice()
    core.free(at, size)
    return { answer, request }
  }
  return { core, call }
}

const system = (out: Uint8Array) => {
  randomFillSync(out)
  return 1
}
const session = new Uint8Array(32).fill(5)

it('is the module that is imported, has the recorded hash and stays below 200 kB compressed', () => {
  expect(file.equals(fromBase64Url(MPC_WASM))).toBe(true)
  expect(readFileSync(recorded, 'utf8')).toBe(`${createHash('sha256').update(file).digest('hex')}  mpc.wasm\n`)
  expect(brotliCompressSync(file).length).toBeLessThan(200_000)
})

it('imports randomness and nothing else, and names no path of the machine that built it', () => {
  expect(WebAssembly.Module.imports(new WebAssembly.Module(file))).toEqual([{ module: 'env', name: 'random_fill', kind: 'function' }])
  expect(file.toString('latin1')).not.toMatch(/\/(home|root|tmp|work|usr)\b/)
})

it('makes a key with itself as two parties, and signs with it', () => {
  const core = loadMpcCore(systemEntropy())
  const run = (protocol: number, parameters: (me: number) => Uint8Array) =>
    runCeremony(core, 1, protocol, new Map([1, 2].map((me) => [me, parameters(me)]))).results
  const shares = run(1, (me) => concatBytes(session, Uint8Array.of(me, 2, 2)))
  const shareOf = (me: number) => shares.get(me) as Bytes
  const digest = new Uint8Array(32).fill(9)
  const signatures = run(2, (me) =>
    concatBytes(session, withLength(shareOf(me)), withLength(Uint8Array.of(1, 2)), withLength(new Uint8Array()), withLength(digest)),
  )
  expect(signatures.get(1)).toEqual(signatures.get(2))
  // suite, key id, party, epoch, t, n, then the key.
  const publicKey = core.describe(shareOf(1)).slice(44, 77)
  expect(secp256k1.verify((signatures.get(1) as Bytes).slice(0, 64), digest, publicKey, { prehash: false })).toBe(true)
  expect(() => core.close(1)).toThrow('"code":3')
})

it('overwrites requests', async () => {
  const { call } = await open(system)
  expect(call(4, new Uint8Array(300).fill(7)).request).toEqual(new Uint8Array(301))
})

it('answers what it cannot read with an error', async () => {
  const { call } = await open(system)
  const usage = (code: number) => Uint8Array.of(1, 0, code, 0, 0, 0)
  expect(call(1, new Uint8Array()).answer).toEqual(usage(1))
  expect(call(1, new Uint8Array(6), 2).answer).toEqual(usage(2))
  expect(call(2, Uint8Array.of(1, 0, 0, 0)).answer).toEqual(usage(3))
  expect(call(6, new Uint8Array()).answer).toEqual(usage(4))
  expect(call(1, concatBytes(Uint8Array.of(9, 1), withLength(new Uint8Array()))).answer).toEqual(usage(4))
  expect(call(1, concatBytes(Uint8Array.of(1, 1), withLength(new Uint8Array(35)))).answer).toEqual(usage(5))
  expect(call(4, withLength(new Uint8Array(9))).answer).toEqual(usage(6))
  expect(call(4, Uint8Array.of(255, 255, 255, 255)).answer).toEqual(usage(1))
})

it('opens at most 64 ceremonies, and makes room when one is closed', async () => {
  const { call } = await open(system)
  const request = concatBytes(Uint8Array.of(1, 1), withLength(concatBytes(session, Uint8Array.of(1, 2, 2))))
  const handles = Array.from({ length: 64 }, () => call(1, request).answer.slice(1, 5))
  expect(call(1, request).answer).toEqual(Uint8Array.of(1, 0, 9, 0, 0, 0))
  expect(call(3, handles[7] as Uint8Array).answer).toEqual(Uint8Array.of(0))
  expect(call(1, request).answer[0]).toBe(0)
})

it('stops where there is no randomness', async () => {
  const { call } = await open(() => 0)
  const request = concatBytes(Uint8Array.of(1, 1), withLength(concatBytes(session, Uint8Array.of(1, 2, 2))))
  expect(call(1, request).answer).toEqual(Uint8Array.of(1, 0, 7, 0, 0, 0))
})

it('traps at every call after one that stopped on a fault', async () => {
  const { call } = await open(() => {
    throw new Error('the host failed within the call')
  })
  const request = concatBytes(Uint8Array.of(1, 1), withLength(concatBytes(session, Uint8Array.of(1, 2, 2))))
  expect(() => call(1, request)).toThrow('the host failed within the call')
  expect(() => call(4, withLength(new Uint8Array(9)))).toThrow(WebAssembly.RuntimeError)
})
