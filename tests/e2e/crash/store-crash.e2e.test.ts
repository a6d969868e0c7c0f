import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright'
import { crashTab, createProfile, startPages, type Profile } from './harness.ts'
import type { PageUnderTest } from './store-page.ts'
import { startWitness } from './witness.ts'

declare const page: PageUnderTest

/** The page under test; any that offers the same functions will do. */
const PATH = process.env['CRASH_PAGE'] ?? 'tests/e2e/crash/store.html?store=dual'
const TAB_KILLS = Number(process.env['TAB_KILLS'] ?? 6)
/** 60 in a pull request, 1,500 by night. */
const BROWSER_KILLS = Number(process.env['KILLS'] ?? 4)

const TRIAL_TIMEOUT_MS = 60_000

let pages: Awaited<ReturnType<typeof startPages>>
const profiles: Profile[] = []

async function newProfile(): Promise<Profile> {
  const profile = await createProfile()
  profiles.push(profile)
  return profile
}

async function visit(tab: Page): Promise<void> {
  await tab.goto(pages.urlOf(PATH))
  await tab.waitForFunction(() => 'page' in globalThis)
}

/** Kills come at different points of a write: after this many acknowledgements and a little more. */
const acknowledgementsBefore = (trial: number) => 5 + ((trial * 7) % 60)

function startWriting(tab: Page, witnessUrl: string, round: string): void {
  // Ends when the tab does.
  tab.evaluate(([url, name]) => page.write(url as string, name as string), [witnessUrl, round]).catch(() => {})
}

async function expectAllThere(tab: Page, acknowledged: readonly string[], what: string): Promise<void> {
  await visit(tab)
  const { ids, damaged, torn, health } = await tab.evaluate(() => page.inspect())
  const found = new Set(ids)
  const lost = acknowledged.filter((id) => !found.has(id))
  expect({ lost, damaged, torn }, `${what}, health ${JSON.stringify(health)}`).toEqual({ lost: [], damaged: [], torn: [] })
  await tab.evaluate(() => page.close())
}

beforeAll(async () => {
  pages = await startPages()
})
afterAll(async () => {
  await pages.close()
  await Promise.all(profiles.map((profile) => profile.remove()))
})

describe('acknowledged means kept', () => {
  it(
    `when the tab is killed while writing, ${TAB_KILLS} times (S1)`,
    async () => {
      const witness = await startWitness()
      const context = await (await newProfile()).open()
      for (let trial = 0; trial < TAB_KILLS; trial++) {
        const before = witness.acknowledged().length
        const tab = await context.newPage()
        await visit(tab)
        startWriting(tab, witness.url, `tab-${trial}`)
        await witness.atLeast(before + acknowledgementsBefore(trial))
        await crashTab(tab)
        const survivor = await context.newPage()
        await expectAllThere(survivor, witness.acknowledged(), `trial ${trial}`)
        await survivor.close()
      }
      await context.close()
      await witness.close()
    },
    TAB_KILLS * TRIAL_TIMEOUT_MS,
  )

  it(
    `when the browser is killed while writing, through a clean session after it, ${BROWSER_KILLS} times (S2)`,
    async () => {
      for (let trial = 0; trial < BROWSER_KILLS; trial++) {
        const witness = await startWitness()
        const profile = await newProfile()
        const first = await profile.open()
        const tab = await first.newPage()
        await visit(tab)
        startWriting(tab, witness.url, `browser-${trial}`)
        await witness.atLeast(acknowledgementsBefore(trial))
        await profile.kill(first)
        const acknowledged = witness.acknowledged()
        // The wipe, where it comes, comes one opening later: once to look, once more after a clean end.
        for (const opening of ['first', 'second', 'third']) {
          const context = await profile.open()
          await expectAllThere(await context.newPage(), acknowledged, `trial ${trial}, ${opening} opening`)
          await context.close()
        }
        await witness.close()
        await profile.remove()
      }
    },
    BROWSER_KILLS * TRIAL_TIMEOUT_MS,
  )
})
