import { describe, expect, it } from 'vitest'
import { loadMpc } from '../../../src/mpc/load-mpc.ts'
import { codeOf, errorOf } from '../../helpers/code-of.ts'
import { tinyCore } from '../../helpers/mpc/tiny-core.ts'

const call = async (behaviour: Parameters<typeof tinyCore>[0], options = {}) =>
  (await loadMpc({ wasm: tinyCore(behaviour), ...options })).call(1, new Uint8Array([1, 2, 3]))

/** Class, code (little endian), party, round. */
const failure = (group: number, code = 20, party = 2, round = 3) => [1, group, code & 255, code >> 8, party, round]

describe('loadMpc', () => {
  it('gives back what the core answers, and overwrites what it was asked', async () => {
    const core = await loadMpc({ wasm: tinyCore({ answer: [0, 7, 8, 9] }) })
    const payload = new Uint8Array([1, 2, 3])
    expect([...(await core.call(1, payload))]).toEqual([7, 8, 9])
    expect([...payload]).toEqual([0, 0, 0])
  })

  it('takes bytes, a module, and an address', async () => {
    const wasm = tinyCore({ answer: [0, 7] })
    const url = new URL('https://app.example/mpc.wasm')
    const fetch = async () => new Response(wasm)
    for (const options of [{ wasm }, { wasm: wasm.buffer }, { wasm: await WebAssembly.compile(wasm) }, { wasm: url, fetch }]) {
      expect([...(await (await loadMpc(options)).call(1, new Uint8Array()))]).toEqual([7])
    }
  })

  it('says when the code is not the core', async () => {
    const notFound = async () => new Response('nothing here', { status: 404 })
    expect(await codeOf(loadMpc({ wasm: new Uint8Array([1, 2, 3]) }))).toBe('mpc/wasm-not-found')
    expect(await codeOf(loadMpc({ wasm: new URL('https://app.example/x'), fetch: notFound }))).toBe('mpc/wasm-not-found')
    // An empty module of another kind.
    expect(await codeOf(loadMpc({ wasm: Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0) }))).toBe('mpc/wasm-not-found')
  })

  it.each([
    [0, 'usage/invalid-argument'],
    [1, 'mpc/disagreement'],
    [2, 'mpc/banned'],
    [3, 'mpc/misbehaved'],
  ])('turns class %i into %s, with party and round', async (group, code) => {
    const error = await errorOf(call({ answer: failure(group) }))
    expect(error.code).toBe(code)
    expect(error.details).toEqual({ coreCode: 20, party: 2, round: 3 })
  })

  it('leaves out a party nobody is', async () => {
    expect((await errorOf(call({ answer: failure(1, 20, 0) }))).details).toEqual({ coreCode: 20, round: 3 })
    expect((await errorOf(call({ answer: failure(0, 10) }))).code).toBe('mpc/presignature-used')
    expect((await errorOf(call({ answer: failure(0, 7) }))).code).toBe('mpc/bad-randomness')
  })

  it('discards an instance that trapped or answered what cannot be, and says so from then on', async () => {
    for (const behaviour of [
      { traps: true },
      { answer: [] },
      { answer: [2] },
      { answer: failure(9) },
      { answer: [1, 1] },
      { answer: [...failure(1), 0] },
    ]) {
      const core = await loadMpc({ wasm: tinyCore(behaviour) })
      expect(await codeOf(core.call(1, new Uint8Array())), JSON.stringify(behaviour)).toBe('mpc/poisoned')
      expect(await codeOf(core.call(1, new Uint8Array()))).toBe('mpc/poisoned')
    }
    expect((await (await loadMpc({ wasm: tinyCore({}) })).call(1, new Uint8Array())).length).toBe(0)
  })

  it('fails closed on randomness that is none, whatever the core made of it', async () => {
    expect(await codeOf(call({ draws: true }))).toBe('no error')
    expect(await codeOf(call({ draws: true }, { entropy: { fill: () => undefined } }))).toBe('mpc/bad-randomness')
    const fill = () => {
      throw new Error('no entropy')
    }
    expect(await codeOf(call({ draws: true }, { entropy: { fill } }))).toBe('mpc/bad-randomness')
  })

  it('is closed when it is closed, and minds a signal', async () => {
    const core = await loadMpc({ wasm: tinyCore({}) })
    const reason = new Error('enough')
    await expect(core.call(1, new Uint8Array(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    core.close()
    core.close()
    expect(await codeOf(core.call(1, new Uint8Array()))).toBe('usage/closed')
  })
})
