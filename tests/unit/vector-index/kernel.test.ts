import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fromBase64Url } from '../../../src/core/bytes.ts'
import { createVectorIndex } from '../../../src/vector-index/create-vector-index.ts'
import { loadKernel } from '../../../src/vector-index/load-kernel.ts'
import { createVectorSpace } from '../../../src/vector-index/vector-space.ts'
import { VECTOR_INDEX_WASM } from '../../../src/vector-index/wasm-bytes.ts'
import { clusteredVectors } from '../../helpers/vectors.ts'

const file = new URL('../../../src/vector-index/vector-index.wasm', import.meta.url)
const recorded = new URL('../../../wasm/vector-index/SHA256', import.meta.url)

afterEach(() => vi.unstubAllGlobals())

describe('vector-index.wasm', () => {
  it('is the module that is imported, has the recorded hash and stays below 8 KB', () => {
    const bytes = readFileSync(file)
    expect(fromBase64Url(VECTOR_INDEX_WASM)).toEqual(new Uint8Array(bytes))
    expect(readFileSync(recorded, 'utf8')).toBe(`${createHash('sha256').update(bytes).digest('hex')}  vector-index.wasm\n`)
    expect(bytes.length).toBeLessThan(8_192)
  })

  it('imports nothing and names no path of the machine that built it', () => {
    const bytes = readFileSync(file)
    expect(WebAssembly.Module.imports(new WebAssembly.Module(bytes))).toEqual([])
    expect(bytes.toString('latin1')).not.toMatch(/\/(home|root|tmp|work|usr|rust|wasm)\b|\.rs/)
  })
})

describe('loadKernel', () => {
  it('takes WebAssembly by default, from bytes, and from a compiled module', async () => {
    const bytes = readFileSync(file)
    for (const wasm of [undefined, bytes, new WebAssembly.Module(bytes)]) {
      expect((await loadKernel({ wasm })).engine).toBe('wasm-simd')
    }
  })

  it('refuses bytes that are not the kernel', async () => {
    for (const wasm of [new Uint8Array(0), new Uint8Array([0, 97, 115, 109, 9, 0, 0, 0]), readFileSync(file).subarray(0, 3_000)]) {
      await expect(loadKernel({ wasm })).rejects.toMatchObject({ code: 'index/wasm-not-found' })
    }
  })

  it('refuses a module that is not the kernel', async () => {
    const wasm = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))
    await expect(loadKernel({ wasm })).rejects.toMatchObject({ code: 'index/wasm-not-found' })
  })

  it('falls back to JavaScript where WebAssembly is refused or missing, and says so', async () => {
    const refusing = {
      ...WebAssembly,
      compile: () => Promise.reject(new WebAssembly.CompileError('blocked by CSP')),
      Module: WebAssembly.Module,
    }
    for (const stub of [refusing, undefined]) {
      vi.stubGlobal('WebAssembly', stub)
      const index = await createVectorIndex({ dimensions: 4, model: 'm' })
      expect((await index.stats()).engine).toBe('javascript')
      await expect(createVectorIndex({ dimensions: 4, model: 'm', engine: 'wasm-simd' })).rejects.toMatchObject({
        code: 'index/wasm-not-found',
      })
    }
  })
})

describe('the JavaScript kernel', () => {
  it.each(['exact', 'prefilter'] as const)('gives what WebAssembly gives, to the last bit (%s)', async (method) => {
    const spaces = await Promise.all(
      (['wasm-simd', 'javascript'] as const).map(async (engine) =>
        createVectorSpace(await loadKernel({ engine }), 200, method, Number.POSITIVE_INFINITY),
      ),
    )
    const source = clusteredVectors({ dimensions: 200, seed: 9, clusters: 10, anisotropic: true })
    const vectors = Array.from({ length: 5_000 }, () => source.point())
    for (const space of spaces) {
      space.reserve(vectors.length)
      vectors.forEach((vector, i) => space.put(`p${i}`, vector))
      for (let i = 0; i < 5_000; i += 17) space.remove(`p${i}`)
      space.settle()
      expect(space.isPrefiltered()).toBe(method === 'prefilter')
    }
    const allow = vectors.map((_, i) => `p${i}`).filter((_, i) => i % 9 !== 0)
    for (let i = 0; i < 12; i++) {
      const query = source.query(i)
      const [wasm, js] = spaces.map((space) => space.search(query, 50, i % 3 === 0 ? allow : undefined))
      expect(js).toEqual(wasm)
      expect(wasm).toHaveLength(50)
    }
  })
})

describe('a space whose memory cannot grow', () => {
  it('is full, changes nothing, and goes on with what it has', async () => {
    const kernel = await loadKernel()
    let canGrow = true
    const space = createVectorSpace({ ...kernel, grow: (size) => canGrow && kernel.grow(size) }, 4, 'exact', Number.POSITIVE_INFINITY)
    const vector = Float32Array.from([1, 2, 3, 4])
    space.reserve(1)
    space.put('a', vector)
    canGrow = false
    expect(() => space.reserve(1_000_000)).toThrow(expect.objectContaining({ code: 'index/full' }))
    expect(space.count()).toBe(1)
    space.put('a', vector)
    expect(space.search(vector, 1)).toEqual([{ id: 'a', similarity: 1 }])
  })

  it('does not ask for more than WebAssembly can address', async () => {
    const kernel = await loadKernel()
    const space = createVectorSpace({ ...kernel, grow: () => true }, 8_192, 'exact', Number.POSITIVE_INFINITY)
    expect(() => space.reserve(200_000)).toThrow(expect.objectContaining({ code: 'index/full' }))
  })

  it('wipes a removed vector from memory', async () => {
    const kernel = await loadKernel()
    const space = createVectorSpace(kernel, 128, 'prefilter', Number.POSITIVE_INFINITY)
    space.reserve(2)
    space.put('kept', new Float32Array(128).fill(-1))
    space.settle()
    const before = new Uint8Array(kernel.buffer()).slice()
    space.put(
      'a',
      Float32Array.from({ length: 128 }, (_, i) => i + 1),
    )
    space.remove('a')
    const after = new Uint8Array(kernel.buffer())
    const changed = after.reduce((count, byte, i) => count + (byte === before[i] ? 0 : 1), 0)
    // What stays is the scale of the wiped codes: one float that says nothing of the direction.
    expect(changed).toBeLessThanOrEqual(4)
  })
})
