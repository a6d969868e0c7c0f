import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PageUnderTest } from './crash/store-page.ts'
import { createProfile, startPages, type Profile } from './crash/harness.ts'

declare const page: PageUnderTest

let pages: Awaited<ReturnType<typeof startPages>>
const profiles: Profile[] = []

beforeAll(async () => {
  pages = await startPages()
})
afterAll(async () => {
  await pages.close()
  await Promise.all(profiles.map((profile) => profile.remove()))
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
        const profile = await createProfile()
        profiles.push(profile)
        const context = await profile.open()
        const tab = await context.newPage()
        const url = pages.urlOf(`tests/e2e/crash/store.html?store=${kind}`)
        const session = await context.newCDPSession(tab)
        const { origin } = new URL(url)
        // Before the first write: Chromium remembers for a while how much room IndexedDB has.
        await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: quotaMiB * 1024 * 1024 })
        await tab.goto(url)
        await tab.waitForFunction(() => 'page' in globalThis)
        await tab.evaluate(() => page.put('before'))
        const filled = await tab.evaluate((bytes) => page.fill(bytes), chunkBytes)
        expect(filled.code).toBe('store/quota')
        expect(filled.isAllReadable).toBe(true)
        expect(filled.acknowledged.length).toBeGreaterThan(0)
        expect(await tab.evaluate(() => page.has(['before']))).toBe(true)
        await session.send('Storage.overrideQuotaForOrigin', { origin })
        await tab.evaluate(() => page.put('after'))
        await tab.evaluate(() => page.close())
        await tab.reload()
        await tab.waitForFunction(() => 'page' in globalThis)
        expect(await tab.evaluate((keys) => page.has(keys), ['before', 'after', ...filled.acknowledged])).toBe(true)
        await context.close()
      })
    }
  }
})
