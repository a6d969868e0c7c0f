import { expect, it } from 'vitest'
import { createAead } from '../../../src/crypto/aead.ts'
import { createEncryptedStore } from '../../../src/store/encrypted.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { codeOf } from '../../helpers/code-of.ts'

it('a record being read while the store closes is not taken for damaged', async () => {
  const inner = createMemoryStore()
  // An inner store that outlives its user, as `memoryStorage` keeps it.
  let slow: Promise<unknown> = Promise.resolve()
  const kept = {
    ...inner,
    close: async () => undefined,
    get: async (key: string) => {
      const value = await inner.get(key)
      await slow
      return value
    },
  }
  const key = new Uint8Array(32).fill(5)
  const open = () => createEncryptedStore({ inner: kept, key, aead: createAead() })
  const store = open()
  await store.put('record', Uint8Array.of(1, 2, 3))
  await store.get('record')
  let go = (_value?: unknown) => undefined as void
  slow = new Promise((resolve) => (go = resolve))
  const reading = codeOf(store.get('record'))
  const closing = store.close()
  await closing
  go()
  expect(await reading).toBe('usage/closed')
  expect(await inner.get('quarantine/' + 'record')).toBeUndefined()
  expect(await open().get('record')).toEqual(Uint8Array.of(1, 2, 3))
})
