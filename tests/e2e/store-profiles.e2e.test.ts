import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProfile, startBuiltPage, type BuiltPage, type Profile } from './crash/harness.ts'
import type { PageUnderTest } from './crash/store-page.ts'

declare const page: PageUnderTest

/** Where one origin's IndexedDB (a LevelDB) and OPFS journal lie on disk. */
type Places = { readonly database: string; readonly opfs: string }
type Damage = { readonly name: string; readonly harm: (places: Places) => Promise<void>; readonly heals?: 'primary' | 'journal' }

const KEYS = Array.from({ length: 6 }, (_, i) => `key-${i}`)

const altered = (change: (bytes: Buffer) => Buffer) => async (path: string) => writeFile(path, change(await readFile(path)))
const emptied = altered(() => Buffer.alloc(0))
const halved = altered((bytes) => bytes.subarray(0, bytes.length >> 1))
const clipped = altered((bytes) => bytes.subarray(0, bytes.length - 7))
const littered = altered((bytes) => Buffer.concat([bytes, Buffer.alloc(500, 0x5a)]))
const flipped = altered((bytes) => {
  for (let i = 0; i < 8; i++) bytes[(bytes.length >> 1) + i * 3] = (bytes[(bytes.length >> 1) + i * 3] as number) ^ 0xff
  return bytes
})
const zeroed = altered((bytes) => Buffer.alloc(bytes.length))
const beheaded = altered((bytes) => bytes.fill(0, 0, 64))

async function fileOf(directory: string, pattern: RegExp): Promise<string> {
  const names = (await readdir(directory)).filter((name) => pattern.test(name))
  if (names.length !== 1) throw new Error(`${names.length} files like ${String(pattern)} in ${directory}`)
  return join(directory, names[0] as string)
}
const inDatabase = (pattern: RegExp, change: (path: string) => Promise<void>) => async (places: Places) =>
  change(await fileOf(places.database, pattern))
const inJournal = (change: (path: string) => Promise<void>) => (places: Places) => change(join(places.opfs, 't/00/00000000'))
const gone = (path: string) => rm(path, { recursive: true })

const LOG = /\.log$/
const CURRENT = /^CURRENT$/
const MANIFEST = /^MANIFEST/
const DAMAGES: readonly Damage[] = [
  { name: 'its IndexedDB deleted', harm: ({ database }) => gone(database), heals: 'primary' },
  { name: 'CURRENT of its IndexedDB deleted', harm: inDatabase(CURRENT, gone) },
  { name: 'CURRENT of its IndexedDB overwritten', harm: inDatabase(CURRENT, zeroed) },
  { name: 'the manifest of its IndexedDB emptied', harm: inDatabase(MANIFEST, emptied) },
  { name: 'the manifest of its IndexedDB cut in half', harm: inDatabase(MANIFEST, halved) },
  { name: 'the log of its IndexedDB deleted', harm: inDatabase(LOG, gone) },
  { name: 'the log of its IndexedDB emptied', harm: inDatabase(LOG, emptied) },
  { name: 'the log of its IndexedDB cut in half', harm: inDatabase(LOG, halved) },
  { name: 'the last bytes of its IndexedDB cut off', harm: inDatabase(LOG, clipped) },
  { name: 'bytes of its IndexedDB flipped', harm: inDatabase(LOG, flipped) },
  { name: 'its IndexedDB littered at the end', harm: inDatabase(LOG, littered) },
  { name: 'its OPFS deleted', harm: ({ opfs }) => gone(opfs), heals: 'journal' },
  { name: 'its journal emptied', harm: inJournal(emptied), heals: 'journal' },
  { name: 'its journal cut in half', harm: inJournal(halved), heals: 'journal' },
  { name: 'the last bytes of its journal cut off', harm: inJournal(clipped), heals: 'journal' },
  { name: 'bytes of its journal flipped', harm: inJournal(flipped), heals: 'journal' },
  { name: 'the head of its journal overwritten', harm: inJournal(beheaded), heals: 'journal' },
  { name: 'its journal overwritten', harm: inJournal(zeroed), heals: 'journal' },
  {
    name: 'its IndexedDB deleted and its journal littered at the end',
    harm: async (places) => {
      await gone(places.database)
      await inJournal(littered)(places)
    },
    heals: 'primary',
  },
]

let site: BuiltPage
let profile: Profile

/** Runs something on each origin's page, in one opening of the browser. */
async function onEach(count: number, run: (tab: { evaluate: <T>(task: () => Promise<T>) => Promise<T> }, nth: number) => Promise<void>) {
  const context = await profile.open()
  for (let nth = 0; nth < count; nth++) {
    const tab = await context.newPage()
    await tab.goto(site.urlOf('', `site-${nth}`))
    await tab.waitForFunction(() => 'page' in globalThis)
    await run({ evaluate: (task) => tab.evaluate(task) }, nth)
    await tab.evaluate(() => page.close())
    await tab.close()
  }
  await context.close()
}

async function placesOf(nth: number): Promise<Places> {
  const databases = await readdir(join(profile.directory, 'IndexedDB'))
  const database = databases.find((name) => name.startsWith(`http_site-${nth}.localhost_`)) as string
  // Numbered in the order in which the origins were first visited.
  const opfs = join(profile.directory, 'File System', String(nth).padStart(3, '0'))
  return { database: join(profile.directory, 'IndexedDB', database), opfs }
}

beforeAll(async () => {
  site = await startBuiltPage('tests/e2e/crash/store.html')
  profile = await createProfile()
})
afterAll(async () => {
  await Promise.all([site.close(), profile.remove()])
})

describe('a browser profile that was damaged on disk (S2b)', () => {
  it(`keeps everything in each of ${DAMAGES.length} cases, says what it healed, and starts anew where both places are gone`, async () => {
    const last = DAMAGES.length
    await onEach(last + 1, async (tab) => {
      await tab.evaluate(async () => {
        for (let i = 0; i < 6; i++) await page.put(`key-${i}`)
      })
    })
    for (const [nth, { harm }] of DAMAGES.entries()) await harm(await placesOf(nth))
    const both = await placesOf(last)
    await gone(both.database)
    await gone(both.opfs)

    for (const opening of ['first', 'second']) {
      await onEach(last + 1, async (tab, nth) => {
        const { ids, damaged, health } = await tab.evaluate(() => page.inspect())
        const damage = DAMAGES[nth]
        const what = `${damage?.name ?? 'both gone'}, ${opening} opening`
        expect({ ids: ids.toSorted(), damaged }, what).toEqual({ ids: damage === undefined ? [] : KEYS, damaged: [] })
        if (damage?.heals !== undefined) expect(health?.healed, what).toBe(opening === 'first' ? damage.heals : 'none')
      })
    }
  })
})
