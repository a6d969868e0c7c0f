import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../src/core/bytes.ts'
import { isLocketError, LocketError } from '../../src/core/errors.ts'
import { openDualStore } from '../../src/store/dual.ts'
import { openIdbStore } from '../../src/store/idb.ts'
import type { BlobStore } from '../../src/store/port.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'
import { chooseFault, createFaultyIdb } from '../helpers/faulty-idb.ts'
import { contents, createChooser, journalDisks, openOn, rawContents } from '../helpers/store.ts'

const SEEDS = Number(process.env['STORE_SEEDS'] ?? 2_000)
const POWER_SEEDS = Number(process.env['POWER_SEEDS'] ?? 5_000)
/** Only so that a long run is not cut off. */
const TIMEOUT_MS = Math.max(60_000, (SEEDS + POWER_SEEDS) * 20)
const FIRST_SEED = Number(process.env['STORE_SEED'] ?? 1)

/** What may be found under each key: the acknowledged value, or one written after it whose outcome is unknown. */
type Witness = Map<string, Set<string>>

const KEYS = ['a', 'b', 'c']

async function writeSome(store: BlobStore, witness: Witness, choose: (n: number) => number, round: number): Promise<void> {
  const writes = Array.from({ length: 1 + choose(3) }, async (_, i) => {
    const keys = KEYS.filter(() => choose(2) === 0)
    const value = `${round}.${i}`
    const ops = keys.map((key) => ({ type: 'put' as const, key, value: utf8(value) }))
    // Before the call: a write may be found from the moment it is made.
    for (const key of keys) witness.get(key)?.add(value)
    try {
      await store.batch(ops)
    } catch (error) {
      if (!isLocketError(error)) throw error
      expect(error.code).toMatch(/^store\//)
      return
    }
    return { keys, value, i }
  })
  const acknowledged = (await Promise.all(writes)).filter((write) => write !== undefined)
  for (const { keys, value, i } of acknowledged) {
    for (const key of keys) {
      const later = [...(witness.get(key) ?? [])].filter((other) => isLater(other, round, i))
      witness.set(key, new Set([value, ...later]))
    }
  }
}

function isLater(value: string, round: number, i: number): boolean {
  const [otherRound, otherI] = value.split('.').map(Number) as [number, number]
  return otherRound > round || (otherRound === round && otherI > i)
}

function check(found: Record<string, string>, witness: Witness, seed: number): void {
  for (const key of KEYS) {
    const allowed = witness.get(key) as Set<string>
    expect([...allowed, ...(allowed.has('') ? [undefined] : [])], `seed ${seed}, key ${key}`).toContain(found[key])
  }
}

function newWitness(): Witness {
  return new Map(KEYS.map((key) => [key, new Set([''])]))
}

describe('IndexedDB store under the five failures of Expensify (S3)', () => {
  it(
    `never resolves a lost write and never uses a dead connection, over ${SEEDS} seeds`,
    async () => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
        const choose = createChooser(seed)
        let isFaulty = true
        const nth = choose(6)
        const faulty = createFaultyIdb((index) =>
          isFaulty && index >= nth && (index === nth || choose(4) === 0) ? chooseFault(choose) : undefined,
        )
        const witness = newWitness()
        let store: BlobStore | undefined
        for (let round = 0; round < 4; round++) {
          try {
            store ??= await openIdbStore({ name: 's3', ...faulty })
          } catch (error) {
            expect(isLocketError(error) && error.code, `seed ${seed}`).toMatch(/^store\/(quota|unavailable)$/)
            continue
          }
          await writeSome(store, witness, choose, round)
        }
        isFaulty = false
        store ??= await openIdbStore({ name: 's3', ...faulty })
        check(await contents(store), witness, seed)
        expect(faulty.deadUses(), `seed ${seed}`).toBe(0)
        await store.close()
      }
    },
    TIMEOUT_MS,
  )
})

describe('journal under loss of power (S11)', () => {
  it(
    `is a prefix with everything acknowledged, over ${POWER_SEEDS} seeds`,
    async () => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + POWER_SEEDS; seed++) {
        const choose = createChooser(seed)
        const disks = journalDisks()
        const witness = newWitness()
        for (let life = 0; life < 3; life++) {
          const lastCall = choose(14)
          const dead = new LocketError('store/unavailable', { operation: 'test.power' })
          try {
            const store = await openOn(disks, ({ index }) => (index >= lastCall ? dead : undefined))
            for (let round = 0; round < 2; round++) await writeSome(store, witness, choose, life * 3 + round)
            if (choose(2) === 0) await store.compact()
            await writeSome(store, witness, choose, life * 3 + 2)
          } catch (error) {
            if (error !== dead) throw error
          }
          for (const disk of disks) disk.crash(choose)
        }
        const store = await openOn(disks)
        check(await contents(store), witness, seed)
      }
    },
    TIMEOUT_MS,
  )
})

describe('dual store with either side failing (S3)', () => {
  it(
    `keeps what it acknowledged and ends with equal sides, over ${SEEDS} seeds`,
    async () => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
        const choose = createChooser(seed)
        const disks = journalDisks()
        let isFaulty = true
        const faulty = createFaultyIdb(() => (isFaulty && choose(8) === 0 ? chooseFault(choose) : undefined))
        const witness = newWitness()
        for (let life = 0; life < 3; life++) {
          isFaulty = life < 2
          try {
            const journal = await openOn(disks, () =>
              isFaulty && choose(30) === 0 ? new LocketError('store/quota', { operation: 'test.file' }) : undefined,
            )
            const primary = await openIdbStore({ name: 's3', ...faulty })
            const store = await openDualStore({ primary, journal, entropy: createSeededEntropy(seed * 3 + life) })
            for (let round = 0; round < 3; round++) await writeSome(store, witness, choose, life * 3 + round)
            if (isFaulty) continue
            check(await contents(store), witness, seed)
            await store.put('last', utf8('x'))
            expect(await rawContents(primary), `seed ${seed}`).toEqual(await rawContents(journal))
          } catch (error) {
            if (!isFaulty || !isLocketError(error)) throw error
            expect(error.code).toMatch(/^store\//)
          }
          // The process ends here: nothing is closed, and power may go.
          if (choose(2) === 0) for (const disk of disks) disk.crash(choose)
        }
      }
    },
    TIMEOUT_MS,
  )
})

describe('a batch', () => {
  it('is never found in part', async () => {
    const disks = journalDisks()
    const store = await openOn(disks)
    for (let i = 0; i < 30; i++) await store.batch(KEYS.map((key) => ({ type: 'put', key, value: utf8(String(i)) })))
    const image = disks[0].bytes()
    for (let cut = 0; cut < image.length; cut += 7) {
      const torn = journalDisks()
      torn[0].replace(image.slice(0, cut))
      const again = await openOn(torn)
      const values = await Promise.all(KEYS.map(async (key) => fromUtf8((await again.get(key)) ?? new Uint8Array())))
      expect(new Set(values).size).toBe(1)
    }
  })
})
