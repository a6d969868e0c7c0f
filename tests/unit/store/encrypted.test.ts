import { describe, expect, it } from 'vitest'
import { fromUtf8, toHex, utf8 } from '../../../src/core/bytes.ts'
import { systemEntropy } from '../../../src/core/capabilities.ts'
import { createAead } from '../../../src/crypto/index.ts'
import { openDualStore } from '../../../src/store/dual.ts'
import { createEncryptedStore } from '../../../src/store/encrypted.ts'
import { collectKeys } from '../../../src/store/keys.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { VAULT_HEADER_KEY } from '../../../src/unlock/index.ts'
import type { BlobStore } from '../../../src/store/port.ts'

const key = new Uint8Array(32).fill(3)
const aead = createAead()
const entropy = systemEntropy()

async function flip(store: BlobStore, recordKey: string, bit = 100): Promise<void> {
  const value = await store.get(recordKey)
  if (value === undefined) throw new Error('no such record')
  value[bit >> 3] = (value[bit >> 3] as number) ^ (1 << (bit & 7))
  await store.put(recordKey, value)
}

describe('createEncryptedStore', () => {
  it('gives back what it was given and shows the inner store nothing of it', async () => {
    const inner = createMemoryStore()
    const store = createEncryptedStore({ inner, key, aead, entropy })
    await store.put('item/1', utf8('allergic to peanuts'))
    expect(await store.get('item/1')).toEqual(utf8('allergic to peanuts'))
    expect(toHex((await inner.get('item/1')) as Uint8Array)).not.toContain(toHex(utf8('peanuts')))
  })

  it('sets a damaged record aside and leaves the rest usable', async () => {
    const inner = createMemoryStore()
    const store = createEncryptedStore({ inner, key, aead, entropy })
    await store.put('item/1', utf8('one'))
    await store.put('item/2', utf8('two'))
    await flip(inner, 'item/1')
    await expect(store.get('item/1')).rejects.toMatchObject({ code: 'store/corrupt', details: { key: 'item/1' } })
    expect(await store.get('item/1')).toBeUndefined()
    expect(await store.quarantined()).toEqual(['item/1'])
    expect(await collectKeys(store.list(''))).toEqual(['item/2'])
    expect(await store.get('item/2')).toEqual(utf8('two'))
  })

  it('refuses a value that was moved to another key', async () => {
    const inner = createMemoryStore()
    const store = createEncryptedStore({ inner, key, aead, entropy })
    await store.put('a', utf8('one'))
    await inner.put('b', (await inner.get('a')) as Uint8Array)
    await expect(store.get('b')).rejects.toMatchObject({ code: 'store/corrupt' })
  })

  it('sets nothing aside when the key is wrong for every record', async () => {
    const inner = createMemoryStore()
    await createEncryptedStore({ inner, key, aead, entropy }).put('a', utf8('one'))
    const wrong = createEncryptedStore({ inner, key: new Uint8Array(32), aead, entropy })
    await expect(wrong.get('a')).rejects.toMatchObject({ code: 'store/corrupt' })
    expect(await wrong.quarantined()).toEqual([])
    expect(await createEncryptedStore({ inner, key, aead, entropy }).get('a')).toEqual(utf8('one'))
  })

  it('repairs a damaged record from the other side of a dual store', async () => {
    const primary = createMemoryStore()
    const journal = createMemoryStore()
    const dual = await openDualStore({ primary, journal })
    const store = createEncryptedStore({ inner: dual, key, aead, entropy, repair: dual.repair })
    await store.put('a', utf8('one'))
    await flip(primary, 'a')
    expect(await store.get('a')).toEqual(utf8('one'))
    expect(await primary.get('a')).toEqual(await journal.get('a'))
    await flip(primary, 'a')
    await flip(journal, 'a')
    await store.put('b', utf8('two'))
    await expect(store.get('a')).rejects.toMatchObject({ code: 'store/corrupt' })
    expect(await store.quarantined()).toEqual(['a'])
  })

  it('writes in the order of the calls although values take unequal time to seal', async () => {
    const store = createEncryptedStore({ inner: createMemoryStore(), key, aead, entropy })
    await Promise.all([store.put('k', new Uint8Array(3_000_000)), store.put('k', utf8('last'))])
    expect(fromUtf8((await store.get('k')) as Uint8Array)).toBe('last')
  })

  it('leaves the vault header beside it alone', async () => {
    const inner = createMemoryStore()
    await inner.put(VAULT_HEADER_KEY, utf8('header'))
    const store = createEncryptedStore({ inner, key, aead, entropy })
    await store.put('a', utf8('one'))
    expect(await collectKeys(store.list(''))).toEqual(['a'])
    await expect(store.get(VAULT_HEADER_KEY)).rejects.toMatchObject({ code: 'usage/invalid-argument' })
    await expect(store.delete(VAULT_HEADER_KEY)).rejects.toMatchObject({ code: 'usage/invalid-argument' })
    expect(await inner.get(VAULT_HEADER_KEY)).toEqual(utf8('header'))
  })

  it('refuses keys of its own', async () => {
    const store = createEncryptedStore({ inner: createMemoryStore(), key, aead, entropy })
    await expect(store.put('quarantine/x', utf8('x'))).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })

  it('does not show its key', () => {
    const store = createEncryptedStore({ inner: createMemoryStore(), key, aead, entropy })
    expect(JSON.stringify(store)).not.toContain('3,3,3')
    expect(Object.values(store).some((value) => value instanceof Uint8Array)).toBe(false)
  })
})

describe('values that come sealed', () => {
  it('are kept as they are, in one batch with the others, and judged by whoever sealed them', async () => {
    const inner = createMemoryStore()
    const store = createEncryptedStore({ inner, key, aead, entropy })
    const value = utf8('ciphertext of somebody')
    const written = store.batch([
      { type: 'put', key: 'sealed/1', value },
      { type: 'put', key: 'a', value: utf8('one') },
    ])
    await written
    value.fill(0)
    expect(await inner.get('sealed/1')).toEqual(utf8('ciphertext of somebody'))
    expect(await store.get('sealed/1')).toEqual(utf8('ciphertext of somebody'))
    expect(await collectKeys(store.list(''))).toEqual(['a', 'sealed/1'])
    await flip(inner, 'sealed/1', 8)
    expect(await store.get('sealed/1')).not.toEqual(utf8('ciphertext of somebody'))
    expect(await store.quarantined()).toEqual([])
  })

  it('prove nothing about the key', async () => {
    const inner = createMemoryStore()
    await createEncryptedStore({ inner, key, aead, entropy }).batch([
      { type: 'put', key: 'sealed/1', value: utf8('x') },
      { type: 'put', key: 'a', value: utf8('one') },
    ])
    const wrong = createEncryptedStore({ inner, key: new Uint8Array(32), aead, entropy })
    await expect(wrong.get('a')).rejects.toMatchObject({ code: 'store/corrupt' })
    expect(await wrong.quarantined()).toEqual([])
  })
})
