import { describe, expect, it } from 'vitest'
import { createAead } from '../../../src/crypto/aead.ts'
import { flush } from '../../../src/memory/flush.ts'
import { forget } from '../../../src/memory/forget.ts'
import { getMemory } from '../../../src/memory/list.ts'
import { recall } from '../../../src/memory/recall.ts'
import { rememberAll } from '../../../src/memory/remember.ts'
import { exportBundle, importBundle } from '../../../src/memory/transfer.ts'
import { updateMemory } from '../../../src/memory/update.ts'
import { codeOf } from '../../helpers/code-of.ts'
import { createFakeNetwork } from '../../helpers/fake-network.ts'
import { openDevice } from '../../helpers/memory-device.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'

const FLUSH = { epochs: 5, deletable: true }

async function device(seed: string) {
  const entropy = seededEntropy(seed)
  const network = createFakeNetwork(entropy)
  return { network, state: await openDevice(network, entropy) }
}

describe('forgetting while an upload runs', () => {
  it('leaves out what waits in a later quilt, and the upload goes on', async () => {
    const { network, state } = await device('forget-later')
    const outcomes = await rememberAll(state, [
      { text: 'first', category: 'one' },
      { text: 'second', category: 'two' },
      { text: 'third', category: 'two' },
      { text: 'fourth', category: 'three' },
    ])
    const ids = outcomes.map((outcome) => (outcome.ok ? outcome.value.id : ''))
    let forgetting: Promise<unknown> | undefined
    network.failpoint = (name) => {
      if (name === 'before-registered') forgetting ??= forget(state, [ids[1] as string, ids[3] as string], FLUSH)
    }
    const receipt = await flush(state, FLUSH)
    await forgetting
    expect(receipt.quilts.map(({ category, memories }) => [category, memories])).toEqual([
      ['one', 1],
      ['two', 1],
    ])
    expect((await getMemory(state, ids[2] as string)).state).toBe('certified')
    expect(await codeOf(getMemory(state, ids[1] as string))).toBe('memory/forgotten')
  })
})

describe('a vector of the caller’s own', () => {
  const cases: [string, (dimensions: number) => Float32Array, string][] = [
    ['of another length', (dimensions) => new Float32Array(dimensions + 1).fill(1), 'index/dimension-mismatch'],
    ['with a NaN', (dimensions) => new Float32Array(dimensions).fill(1).fill(Number.NaN, 3, 4), 'index/invalid-vector'],
    ['with an infinity', (dimensions) => new Float32Array(dimensions).fill(1).fill(Number.POSITIVE_INFINITY, 3, 4), 'index/invalid-vector'],
    ['of zeros', (dimensions) => new Float32Array(dimensions), 'index/invalid-vector'],
    ['too small to pack', (dimensions) => new Float32Array(dimensions).fill(1e-45), 'index/invalid-vector'],
  ]
  it.each(cases)('%s is refused before anything is stored, and does not stop the others', async (_name, make, code) => {
    const { state } = await device('own-vector')
    const vector = make(state.embedder.dimensions)
    const [bad, good] = await rememberAll(state, [{ text: 'spoiled', vector }, { text: 'sound' }])
    expect(bad).toMatchObject({ ok: false, index: 0, error: { code } })
    expect(good).toMatchObject({ ok: true })
    const id = good?.ok ? good.value.id : ''
    expect(await codeOf(updateMemory(state, id, { vector }))).toBe(code)
    expect((await getMemory(state, id)).version).toBe(1)
    expect(state.catalog.size).toBe(1)
  })

  it('that can be used is kept and found', async () => {
    const { state } = await device('good-vector')
    const [vector] = await state.embedder.embed(['something else altogether'], { purpose: 'document' })
    await rememberAll(state, [{ text: 'a note', vector }])
    const [hit] = await recall(state, 'something else altogether', { mode: 'semantic' })
    expect(hit?.memory.text).toBe('a note')
  })
})

describe('import', () => {
  it('rejects with the reason when aborted, and what it took stays', async () => {
    const { state } = await device('import-abort')
    await rememberAll(
      state,
      Array.from({ length: 150 }, (_, i) => ({ text: `note ${i}` })),
    )
    const aead = createAead()
    const secret = { secretKey: new Uint8Array(32).fill(5) }
    const bundle = await exportBundle(state, aead, secret)
    const { state: other } = await device('import-abort-other')
    const stop = new AbortController()
    const reason = new Error('enough')
    other.events.on('progress', () => stop.abort(reason))
    await expect(importBundle(other, aead, bundle, secret, { signal: stop.signal })).rejects.toBe(reason)
    expect(other.catalog.size).toBe(64)
    expect(await importBundle(other, aead, bundle, secret)).toMatchObject({ imported: 86, present: 64 })
  })
})
