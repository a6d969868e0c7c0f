import type { BrowserContext } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PageUnderTest } from './crash/store-page.ts'
import { createProfile, startBuiltPage, type BuiltPage, type Profile } from './crash/harness.ts'

declare const page: PageUnderTest

let site: BuiltPage
let profile: Profile
let context: BrowserContext

beforeAll(async () => {
  site = await startBuiltPage('tests/e2e/crash/store.html')
  profile = await createProfile()
  context = await profile.open()
})
afterAll(async () => {
  await context.close()
  await Promise.all([site.close(), profile.remove()])
})

describe('the stores at a real quota (S4)', () => {
  for (const kind of ['idb', 'journal', 'dual']) {
    for (const [quotaMiB, chunkBytes] of [
      [5, 300_000],
      [12, 1_000_000],
      [20, 3_000_000],
      [30, 500_000],
      [50, 4_000_000],
    ] as const) {
      it(`${kind}: refuses with store/quota at ${quotaMiB} MiB, keeps what it acknowledged, and goes on after`, async () => {
        const tab = await context.newPage()
        // An origin of its own for each: quotas and what is stored are an origin's.
        const url = site.urlOf(`?store=${kind}`, `${kind}-${quotaMiB}`)
        const session = await context.newCDPSession(tab)
        const { origin } = new URL(url)
        // Before the first write: Chromium remembers for a while how much room IndexedDB has.
        await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: quotaMiB * 1024 * 1024 })
        await tab.goto(url)
        await tab.waitForFunction(() => 'page' in globalThis)
        await tab.evaluate(() => page.put('before'))
        const filled = await tab.evaluate((bytes) => page.fill(bytes), chunkBytes)
        expect(filled).toMatchObject({ code: 'store/quota', isAllReadable: true })
        // The head that a dual store keeps beside it is a few bytes more.
        expect([chunkBytes, chunkBytes + 26]).toContain(filled.neededBytes)
        expect(filled.acknowledged.length).toBeGreaterThan(0)
        expect(await tab.evaluate(() => page.has(['before']))).toBe(true)
        await session.send('Storage.overrideQuotaForOrigin', { origin })
        await tab.evaluate(() => page.put('after'))
        await tab.evaluate(() => page.close())
        await tab.reload()
        await tab.waitForFunction(() => 'page' in globalThis)
        expect(await tab.evaluate((keys) => page.has(keys), ['before', 'after', ...filled.acknowledged])).toBe(true)
        await tab.evaluate(() => page.close())
        await tab.close()
      })
    }
  }
})
