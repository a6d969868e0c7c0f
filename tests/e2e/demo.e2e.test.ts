import axeCore from 'axe-core'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './axe.ts'
import { type DemoSite, openDemoSite } from './demo-site.ts'

const DAYS = 700
let site: DemoSite

beforeAll(async () => {
  site = await openDemoSite()
})
afterAll(() => site.close())

const text = (page: Page, selector: string) => page.locator(selector).innerText()

async function waitForImport(page: Page) {
  await page.getByText('The diary is encrypted and saved on this device.').waitFor()
}

async function ask(page: Page, question: string): Promise<readonly string[]> {
  await page.locator('#hits').evaluate((list) => list.replaceChildren())
  await page.getByRole('searchbox', { name: 'Your question' }).fill(question)
  await page.getByRole('button', { name: 'Ask', exact: true }).click()
  await page.locator('#hits article').first().waitFor()
  return page.locator('#hits article h3').allInnerTexts()
}

async function backUp(page: Page) {
  await page.getByRole('button', { name: /^Back up \d/ }).click()
  await page.locator('#backup-result').waitFor({ timeout: 120_000 })
}

async function wipe(page: Page) {
  await page.getByRole('button', { name: 'Wipe this device' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Wipe' }).click()
  await page.getByText('This device is empty. All that is left is the wallet.').waitFor()
}

async function restore(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Restore from the wallet alone' }).click()
  const told = page.locator('#restore-result', { hasText: /restored/i })
  await told.waitFor({ timeout: 60_000 })
  return told.innerText()
}

const part = (page: Page, name: string, mode: 'works' | 'is down' | 'lies') =>
  page.getByRole('group', { name, exact: true }).getByLabel(mode).check()

describe('the demo', () => {
  it('keeps, finds, backs up, forgets, survives failures and a wipe, and tells nobody', async () => {
    const { page, complaints, origins } = await site.visit()
    await waitForImport(page)
    expect(await text(page, '#tick-here')).toBe(String(DAYS))

    // It finds what was asked, by questions that came with the page and by others.
    expect((await ask(page, 'Where did I hide my cheese and wine from the fire?'))[0]).toBe('4 September 1666')
    expect((await ask(page, 'my wife burned her hand dressing a turkey'))[0]).toBe('1 January 1660')
    expect(await page.locator('#hits mark').allInnerTexts()).toContain('turkey')
    await page.getByText('Why this one').first().click()
    expect(await text(page, '#hits .why >> nth=0')).toMatch(/Keywords\s+0\.\d+, number 1/)

    // A memory of one's own is found at once; updated, it is found by what it says now.
    await page.getByLabel('A memory of your own').fill('The spare key lies under the third flowerpot.')
    await page.getByRole('button', { name: 'Remember', exact: true }).click()
    await page
      .locator('#notes')
      .getByRole('button', { name: /^Update/ })
      .click()
    await page.getByLabel('New text').fill('The spare key hangs behind the barometer now.')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.locator('#notes', { hasText: 'version 2' }).waitFor()
    await ask(page, 'spare key behind the barometer')
    expect(await text(page, '#hits article >> nth=0')).toContain('behind the barometer now')

    // The price is named before, and is what was paid after.
    const quoted = /Storage\s+([\d.]+ WAL)/.exec(await text(page, '#quote'))?.[1]
    await backUp(page)
    expect(await text(page, '#backup-result')).toContain(`for ${quoted} and`)
    expect(await text(page, '#tick-certified')).toBe(String(DAYS + 1))
    expect(await text(page, '#hits article >> nth=0')).toContain('Backed up')

    // Forgetting gives a receipt and is final.
    await ask(page, 'my wife burned her hand dressing a turkey')
    await page.getByRole('button', { name: 'Forget 1 January 1660' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click()
    const receipt = page.getByRole('article', { name: 'Receipt: 1 January 1660 is forgotten' })
    await receipt.waitFor({ timeout: 60_000 })
    expect(await receipt.innerText()).toMatch(/key is destroyed[\s\S]*until epoch \d+/)
    expect(await ask(page, 'my wife burned her hand dressing a turkey')).not.toContain('1 January 1660')

    // One key server lies and one storage gateway is down: everything comes back, and the liar is named.
    await part(page, 'Key server 1', 'lies')
    await part(page, 'Storage gateway 1', 'is down')
    await wipe(page)
    expect(await text(page, '#tick-here')).toBe('0')
    expect(await restore(page)).toContain(`Restored: all ${DAYS} memories. ${DAYS + 1} of ${DAYS + 1} versions`)
    expect(await page.getByRole('group', { name: 'Key server 1' }).innerText()).toContain('caught lying')
    expect((await ask(page, 'houses marked with a red cross for the plague'))[0]).toBe('7 June 1665')

    // Two of three are down: it says so plainly, and loses nothing.
    await part(page, 'Key server 1', 'is down')
    await part(page, 'Key server 2', 'is down')
    await wipe(page)
    expect(await restore(page)).toMatch(/Nothing could be restored[\s\S]*seal\/threshold/)
    await part(page, 'Key server 2', 'works')
    expect(await restore(page)).toContain(`Restored: all ${DAYS} memories. ${DAYS + 1} of ${DAYS + 1} versions`)

    // A reload finds everything again, the network included.
    await page.reload()
    await page.getByText(`${DAYS} memories were kept on this device.`).waitFor()
    expect(await text(page, '#tick-certified')).toBe(String(DAYS))
    await ask(page, 'spare key behind the barometer')
    expect(await text(page, '#hits article >> nth=0')).toContain('behind the barometer now')
    await wipe(page)
    await page.reload()
    await page.getByText('This device was wiped.').waitFor()
    expect(await restore(page)).toContain(`Restored: all ${DAYS} memories. ${DAYS + 1} of ${DAYS + 1} versions`)

    // Nothing readable left, and the check that says so can see.
    await page.getByRole('searchbox', { name: 'Search what left for this word' }).fill('barometer')
    await page.getByRole('button', { name: 'Search what left' }).click()
    await page.getByText(/^“barometer” is in none of the \d+ requests that left\.$/).waitFor()
    await page.getByRole('button', { name: 'Test the detector' }).click()
    await page.getByText('The detector works:').waitFor()
    expect(await text(page, '#verdict')).toMatch(/^No leaks\. \d+ requests/)
    expect(await text(page, '#tick-leaks')).toBe('0')
    expect([...origins]).toEqual([new URL(site.url).origin])
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('can be used with the keyboard alone', async () => {
    const { page, complaints } = await site.visit()
    await waitForImport(page)
    const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent)
    const tabTo = async (wanted: string) => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('Tab')
        if ((await focused()) === wanted) return
      }
      throw new Error(`the keyboard does not reach “${wanted}”`)
    }
    await tabTo('Skip to the question box')
    await page.keyboard.press('Enter')
    await tabTo('question')
    await page.keyboard.type('the worst play I ever heard')
    await page.keyboard.press('Enter')
    await page.locator('#hits article').first().waitFor()
    await tabTo('Why this one')
    await page.keyboard.press('Enter')
    expect(await page.locator('#hits details').first().getAttribute('open')).toBe('')

    // Escape says no and gives the focus back; Enter on the first button says yes and moves it to the receipt.
    await tabTo('Forget')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    expect(await focused()).toBe('Forget')
    await page.keyboard.press('Enter')
    expect(await focused()).toBe('confirm-yes')
    await page.keyboard.press('Enter')
    await page.locator('.receipt').waitFor()
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('receipt')
    expect(await text(page, '.receipt')).toContain('never backed up')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('says so when another tab has the diary open', async () => {
    const { page } = await site.visit()
    await waitForImport(page)
    const second = await page.context().newPage()
    await second.goto(site.url)
    await second.getByRole('alert').filter({ hasText: 'store/locked' }).waitFor()
    expect(await text(page, '#tick-here')).toBe(String(DAYS))
    await page.context().close()
  })

  it.each([
    { colorScheme: 'light', width: 1100 },
    { colorScheme: 'dark', width: 320 },
  ] as const)('passes axe at WCAG 2.2 AA in $colorScheme at $width px, without scrolling sideways', async ({ colorScheme, width }) => {
    const { page, complaints } = await site.visit({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true })
    await waitForImport(page)
    await ask(page, 'the first time I tasted tea')
    await page.getByText('Why this one').first().click()
    await page.locator('.factor').waitFor()
    await page.addScriptTag({ content: axeCore.source })
    expect(await violations(page)).toEqual([])
    await page
      .locator('#hits')
      .getByRole('button', { name: /^Update/ })
      .first()
      .click()
    await page.getByRole('button', { name: 'Wipe this device' }).click()
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    expect(complaints).toEqual([])
    await page.context().close()
  })
})
