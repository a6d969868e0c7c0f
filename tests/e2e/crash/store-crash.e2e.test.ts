import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crashTab, createProfile, startBuiltPage, type BuiltPage, type Profile } from './harness.ts'
import type { PageUnderTest } from './store-page.ts'
import { startWitness } from './witness.ts'

declare const page: PageUnderTest

const TAB_KILLS = Number(process.env['TAB_KILLS'] ?? 20)
/** With the 12 of `locket-browser-kill.e2e.test.ts` 60 in a pull request; 1,500 by night. */
const BROWSER_KILLS = Number(process.env['KILLS'] ?? 48)

const TRIAL_TIMEOUT_MS = 60_000

let site: BuiltPage
const profiles: Profile[] = []

async function newProfile(): Promise<Profile> {
  const profile = await createProfile()
  profiles.push(profile)
  return profile
}

/** Opens the page on an origin of its own. */
async function visit(tab: Page, origin: string): Promise<void> {
  await tab.goto(site.urlOf('', origin))
  await tab.waitForFunction(() => 'page' in globalThis)
}

/** Kills come at different points of a write: after this many acknowledgements and a little more. */
const acknowledgementsBefore = (trial: number) => 5 + ((trial * 7) % 30)

function startWriting(tab: Page, witnessUrl: string, round: string): void {
  // Ends when the tab does.
  tab.evaluate(([url, name]) => page.write(url as string, name as string), [witnessUrl, round]).catch(() => {})
}

async function expectAllThere(tab: Page, origin: string, acknowledged: readonly string[], what: string): Promise<{ isWiped: boolean }> {
  await visit(tab, origin)
  const { ids, damaged, torn, health, isWiped } = await tab.evaluate(() => page.inspect())
  const found = new Set(ids)
  const lost = acknowledged.filter((id) => !found.has(id))
  expect({ lost, damaged, torn }, `${what}, health ${JSON.stringify(health)}`).toEqual({ lost: [], damaged: [], torn: [] })
  // A wipe is never passed over in silence.
  if (isWiped) expect(health, what).toMatchObject({ healed: 'primary' })
  await tab.evaluate(() => page.close())
  await tab.close()
  return { isWiped }
}

beforeAll(async () => {
  site = await startBuiltPage('tests/e2e/crash/store.html')
})
afterAll(async () => {
  await site.close()
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
        await visit(tab, 'tab')
        startWriting(tab, witness.url, `tab-${trial}`)
        await witness.atLeast(before + acknowledgementsBefore(trial))
        await crashTab(tab)
        await expectAllThere(await context.newPage(), 'tab', witness.acknowledged(), `trial ${trial}`)
      }
      await context.close()
      await witness.close()
    },
    TAB_KILLS * TRIAL_TIMEOUT_MS,
  )

  it(
    `when the browser is killed while writing, through a clean session after it, ${BROWSER_KILLS} times (S2)`,
    async () => {
      const witness = await startWitness()
      const profile = await newProfile()
      let wipes = 0
      let context = await profile.open()
      for (let trial = 0; trial < BROWSER_KILLS; trial++) {
        const [origin, round] = [`browser-${trial}`, `browser-${trial}`]
        const before = witness.acknowledged().length
        const tab = await context.newPage()
        await visit(tab, origin)
        startWriting(tab, witness.url, round)
        await witness.atLeast(before + acknowledgementsBefore(trial))
        await profile.kill(context)
        const acknowledged = witness.acknowledged().slice(before)
        context = await profile.open()
        await expectAllThere(await context.newPage(), origin, acknowledged, `trial ${trial}, after the kill`)
        await context.close()
        // The wipe, where it comes, comes now: one opening later, after a clean end.
        context = await profile.open()
        const { isWiped } = await expectAllThere(await context.newPage(), origin, acknowledged, `trial ${trial}, after a clean session`)
        if (isWiped) wipes++
      }
      await context.close()
      await witness.close()
      console.log(
        `${BROWSER_KILLS} browsers killed, ${witness.acknowledged().length} records acknowledged, ${wipes} databases deleted by the browser and healed`,
      )
    },
    BROWSER_KILLS * TRIAL_TIMEOUT_MS,
  )
})
