import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8, type Bytes } from '../../src/core/bytes.ts'
import { isLocketError } from '../../src/core/errors.ts'
import { createAead, deriveKey } from '../../src/crypto/index.ts'
import { openDualStore } from '../../src/store/dual.ts'
import { HEAD_KEY } from '../../src/store/dual-head.ts'
import { createEncryptedStore } from '../../src/store/encrypted.ts'
import { collectKeys } from '../../src/store/keys.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { BlobStore } from '../../src/store/port.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'
import { createVaultKey, openVaultKey, VAULT_HEADER_KEY, walletUnlock } from '../../src/unlock/index.ts'
import { createChooser, journalDisks, openOn } from '../helpers/store.ts'

const FLIPS = Number(process.env['BIT_FLIPS'] ?? 20_000)
/** Only so that a long run is not cut off. */
const TIMEOUT_MS = Math.max(60_000, FLIPS * 10)
const PER_KIND = Math.ceil(FLIPS / 5)
const KEY = new Uint8Array(32).fill(5)
// In JavaScript: tens of thousands of small openings are quicker without a thread pool between them.
const aead = createAead({ subtle: null })
const entropy = createSeededEntropy('bit flips')
const RECORDS: readonly (readonly [string, string])[] = [
  ['item/1', 'allergic to peanuts'],
  ['outbox/1', 'q'],
  ['head', 'h'.repeat(100)],
]

/** Flips 1 to 8 bits, never back again. */
function flipBits(bytes: Uint8Array, choose: (n: number) => number): Bytes {
  const out = new Uint8Array(bytes)
  const bits = new Set(Array.from({ length: 1 + choose(8) }, () => choose(bytes.length * 8)))
  for (const bit of bits) out[bit >> 3] = (out[bit >> 3] as number) ^ (1 << (bit & 7))
  return out
}

const snapshot = async (store: BlobStore) =>
  Promise.all((await collectKeys(store.list(''))).map(async (key) => [key, (await store.get(key)) as Bytes] as const))

async function fill(store: BlobStore): Promise<void> {
  const sealed = createEncryptedStore({ inner: store, key: KEY, aead, entropy })
  for (const [key, value] of RECORDS) await sealed.put(key, utf8(value))
}

async function restored(image: readonly (readonly [string, Bytes])[]): Promise<BlobStore> {
  const store = createMemoryStore()
  await store.batch(image.map(([key, value]) => ({ type: 'put', key, value })))
  return store
}

/** The value, or how its absence was told. */
async function read(store: BlobStore, key: string): Promise<string> {
  try {
    const value = await store.get(key)
    return value === undefined ? 'missing' : fromUtf8(value)
  } catch (error) {
    if (isLocketError(error, 'store/corrupt')) return 'corrupt'
    throw error
  }
}

async function dualImage() {
  const disks = journalDisks()
  const primary = createMemoryStore()
  await fill(await openDualStore({ primary, journal: await openOn(disks), entropy }))
  return { primary: await snapshot(primary), journal: disks[0].bytes() }
}

async function signMessage(message: Bytes): Promise<Bytes> {
  return deriveKey({ secret: KEY, salt: message, info: utf8('test wallet'), lengthBytes: 64 })
}

describe('bit flips at rest (S12)', () => {
  it(
    `a sealed record: always detected, set aside, the rest usable (${PER_KIND} flips)`,
    async () => {
      const choose = createChooser(12)
      const store = createMemoryStore()
      await fill(store)
      const image = await snapshot(store)
      for (let i = 0; i < PER_KIND; i++) {
        const victim = choose(RECORDS.length)
        const inner = await restored(image.map(([key, value]) => [key, key === RECORDS[victim]?.[0] ? flipBits(value, choose) : value]))
        const sealed = createEncryptedStore({ inner, key: KEY, aead, entropy })
        for (const [at, [key, value]] of RECORDS.entries()) expect(await read(sealed, key)).toBe(at === victim ? 'corrupt' : value)
        expect(await sealed.quarantined()).toEqual([RECORDS[victim]?.[0]])
      }
    },
    TIMEOUT_MS,
  )

  it(
    `the journal file alone: wrong bytes are never given (${PER_KIND} flips)`,
    async () => {
      const choose = createChooser(13)
      const disks = journalDisks()
      await fill(await openOn(disks))
      const image = disks[0].bytes()
      for (let i = 0; i < PER_KIND; i++) {
        const damaged = journalDisks()
        damaged[0].replace(flipBits(image, choose))
        const journal = await openOn(damaged)
        expect(journal.damagedRecords + Math.min(1, journal.tornBytes)).toBeGreaterThan(0)
        const sealed = createEncryptedStore({ inner: journal, key: KEY, aead, entropy })
        for (const [key, value] of RECORDS) expect([value, 'missing', 'corrupt']).toContain(await read(sealed, key))
      }
    },
    TIMEOUT_MS,
  )

  it(
    `the journal of a dual store: everything is there again (${PER_KIND} flips)`,
    async () => {
      const choose = createChooser(14)
      const image = await dualImage()
      for (let i = 0; i < PER_KIND; i++) {
        const disks = journalDisks()
        disks[0].replace(flipBits(image.journal, choose))
        const dual = await openDualStore({ primary: await restored(image.primary), journal: await openOn(disks), entropy })
        expect(dual.health.healed).toBe('journal')
        const sealed = createEncryptedStore({ inner: dual, key: KEY, aead, entropy, repair: dual.repair })
        for (const [key, value] of RECORDS) expect(await read(sealed, key)).toBe(value)
      }
    },
    TIMEOUT_MS,
  )

  it(
    `the primary of a dual store, its head among it: everything is there again (${PER_KIND} flips)`,
    async () => {
      const choose = createChooser(15)
      const image = await dualImage()
      for (let i = 0; i < PER_KIND; i++) {
        const victim = choose(image.primary.length)
        const primary = await restored(image.primary.map(([key, value], at) => [key, at === victim ? flipBits(value, choose) : value]))
        const disks = journalDisks()
        disks[0].replace(image.journal)
        const dual = await openDualStore({ primary, journal: await openOn(disks), entropy })
        if (image.primary[victim]?.[0] === HEAD_KEY) expect(dual.health.healed).not.toBe('none')
        const sealed = createEncryptedStore({ inner: dual, key: KEY, aead, entropy, repair: dual.repair })
        for (const [key, value] of RECORDS) expect(await read(sealed, key)).toBe(value)
        expect(await sealed.quarantined()).toEqual([])
      }
    },
    TIMEOUT_MS,
  )

  it(
    `the vault header: refused or opened right, never another key (${PER_KIND} flips)`,
    async () => {
      const choose = createChooser(16)
      const store = createMemoryStore()
      const method = walletUnlock({ signMessage, origin: 'https://app.example', network: 'testnet' })
      await createVaultKey({ store, method, aead, entropy })
      const header = (await store.get(VAULT_HEADER_KEY)) as Bytes
      for (let i = 0; i < PER_KIND; i++) {
        await store.put(VAULT_HEADER_KEY, flipBits(header, choose))
        const outcome = await openVaultKey({ store, method, aead }).catch((error: unknown) =>
          isLocketError(error) ? error.code : 'untyped',
        )
        expect(['unlock/failed', 'store/corrupt', 'codec/unknown-version']).toContain(outcome)
      }
    },
    TIMEOUT_MS,
  )
})
