import { createHash, randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { expect, it } from 'vitest'
import { concatBytes, fromBase64Url, type Bytes } from '../../../src/core/bytes.ts'
import { MPC_WASM } from '../../../src/mpc/wasm-bytes.ts'

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
const u32 = (value: number) => new Uint8Array(new Uint32Array([value]).buffer)
const bytes = (value: Uint8Array) => concatBytes(u32(value.length), value)
const session = new Uint8Array(32).fill(5)

it('is the module that is imported, has the recorded hash and stays below 200 kB compressed', () => {
  expect(fromBase64Url(MPC_WASM)).toEqual(new Uint8Array(file))
  expect(readFileSync(recorded, 'utf8')).toBe(`${createHash('sha256').update(file).digest('hex')}  mpc.wasm\n`)
  expect(brotliCompressSync(file).length).toBeLessThan(200_000)
})

it('imports randomness and nothing else, and names no path of the machine that built it', () => {
  expect(WebAssembly.Module.imports(new WebAssembly.Module(file))).toEqual([{ module: 'env', name: 'random_fill', kind: 'function' }])
  expect(file.toString('latin1')).not.toMatch(/\/(home|root|tmp|work|usr)\b/)
})

it('makes a key with itself as two parties, and signs with it', async () => {
  const { call } = await open(system)
  const run = (protocol: number, parameters: (me: number) => Uint8Array): Uint8Array[] => {
    const answers = [1, 2].map((me) => call(1, concatBytes(Uint8Array.of(1, protocol), bytes(parameters(me)))).answer)
    const handles = answers.map((answer) => answer.slice(1, 5))
    let steps = answers.map((answer) => answer.slice(5))
    while (steps.every((step) => step[0] === 0)) {
      // The step is 0, round, broadcast, 1, the other's number, direct: what the other takes from it on.
      const sent = steps.map((step) => {
        const end = 6 + new DataView(step.buffer).getUint32(2, true)
        return concatBytes(step.slice(2, end), step.slice(end + 2))
      })
      steps = handles.map((handle, at) => {
        const inbox = concatBytes(Uint8Array.of(1, 2 - at), sent[1 - at] as Uint8Array)
        const { answer } = call(2, concatBytes(handle, inbox))
        expect(answer[0], `an error: ${answer.join(' ')}`).toBe(0)
        return answer.slice(1)
      })
    }
    for (const handle of handles) expect(call(3, handle).answer).toEqual(Uint8Array.of(1, 0, 3, 0, 0, 0))
    return steps.map((step) => step.slice(5))
  }
  const shares = run(1, (me) => concatBytes(session, Uint8Array.of(me, 2, 2)))
  const { answer: described } = call(4, bytes(shares[0] as Uint8Array))
  const publicKey = described.slice(45, 78)
  const digest = new Uint8Array(32).fill(9)
  const signing = (me: number) =>
    concatBytes(session, bytes(shares[me - 1] as Uint8Array), bytes(Uint8Array.of(1, 2)), bytes(new Uint8Array()), bytes(digest))
  const [first, second] = run(2, signing)
  expect(first).toEqual(second)
  expect(secp256k1.verify((first as Uint8Array).slice(0, 64), digest, publicKey, { prehash: false })).toBe(true)
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
  expect(call(2, u32(1)).answer).toEqual(usage(3))
  expect(call(6, new Uint8Array()).answer).toEqual(usage(4))
  expect(call(1, concatBytes(Uint8Array.of(9, 1), bytes(new Uint8Array()))).answer).toEqual(usage(4))
  expect(call(1, concatBytes(Uint8Array.of(1, 1), bytes(new Uint8Array(35)))).answer).toEqual(usage(5))
  expect(call(4, bytes(new Uint8Array(9))).answer).toEqual(usage(6))
  expect(call(4, Uint8Array.of(255, 255, 255, 255)).answer).toEqual(usage(1))
})

it('opens at most 64 ceremonies, and makes room when one is closed', async () => {
  const { call } = await open(system)
  const request = concatBytes(Uint8Array.of(1, 1), bytes(concatBytes(session, Uint8Array.of(1, 2, 2))))
  const handles = Array.from({ length: 64 }, () => call(1, request).answer.slice(1, 5))
  expect(call(1, request).answer).toEqual(Uint8Array.of(1, 0, 9, 0, 0, 0))
  expect(call(3, handles[7] as Uint8Array).answer).toEqual(Uint8Array.of(0))
  expect(call(1, request).answer[0]).toBe(0)
})

it('stops where there is no randomness', async () => {
  const { call } = await open(() => 0)
  const request = concatBytes(Uint8Array.of(1, 1), bytes(concatBytes(session, Uint8Array.of(1, 2, 2))))
  expect(call(1, request).answer).toEqual(Uint8Array.of(1, 0, 7, 0, 0, 0))
})

it('traps at every call after one that stopped on a fault', async () => {
  const { call } = await open(() => {
    throw new Error('the host failed within the call')
  })
  const request = concatBytes(Uint8Array.of(1, 1), bytes(concatBytes(session, Uint8Array.of(1, 2, 2))))
  expect(() => call(1, request)).toThrow('the host failed within the call')
  expect(() => call(4, bytes(new Uint8Array(9)))).toThrow(WebAssembly.RuntimeError)
})
