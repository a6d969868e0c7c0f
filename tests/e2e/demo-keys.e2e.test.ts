import axeCore from 'axe-core'
import type { Frame, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPrivacyRecorder } from '../../src/testkit/index.ts'
import { violations } from './axe.ts'
import { type DemoSite, openDemoSite } from './demo-site.ts'
import { listenIn, recordStorage } from './origin-witness.ts'

const MEMORY = 'The spare key hangs behind the boiler of the summer house.'
const FIRST = ['agent', 'person', 'recovery'] as const
let site: DemoSite

beforeAll(async () => {
  site = await openDemoSite()
})
afterAll(() => site.close())

/** A device, in a pane or in a tab of its own. */
type Device = Page | Frame

const passphraseOf = (name: string) => `the passphrase of ${name}`
const result = (page: Page, id: string) => page.locator(`#${id}-result`)

/** A person looks at what they use: a tab behind others draws slowly. */
async function front(device: Device) {
  if ('bringToFront' in device) await device.bringToFront()
}

async function press(page: Page, id: string) {
  await front(page)
  await page.locator(`#${id}`).click()
}

async function unlock(device: Device, name: string) {
  await front(device)
  await device.getByLabel(/passphrase/i).fill(passphraseOf(name))
  await device.getByRole('button', { name: 'Open' }).click()
  await device.locator('#switches').waitFor()
}

async function approve(device: Device) {
  await front(device)
  await device.getByRole('button', { name: 'Approve' }).click()
}

const switchTo = (device: Device, words: string) => device.getByLabel('For a test, it').selectOption(words)

/** Compares the codes of every two devices, as their people would, and confirms them. */
async function compareCodes(devices: { readonly [name: string]: Device }, newcomer?: string) {
  const shown = new Map<string, string>()
  for (const device of Object.values(devices)) await device.getByRole('button', { name: 'All the same' }).waitFor()
  for (const [name, device] of Object.entries(devices)) {
    await front(device)
    for (const row of await device.locator('.codes div').all()) {
      const other = (await row.locator('dt').innerText()).toLowerCase().replace('new ', '')
      shown.set([name, other].join(), await row.locator('dd').innerText())
    }
  }
  for (const [pair, code] of shown) {
    expect(code).toMatch(/^\d{5} \d{5}$/)
    expect(shown.get(pair.split(',').reverse().join())).toBe(code)
  }
  expect(shown.size).toBe(newcomer === undefined ? 6 : 4)
  for (const device of Object.values(devices)) {
    await front(device)
    await device.getByRole('button', { name: 'All the same' }).click()
  }
}

/** The three devices of a page, met, in its own panes. */
async function panesOf(page: Page): Promise<{ readonly [name in (typeof FIRST)[number]]: Frame }> {
  const pane = async (name: string) => {
    await page.locator(`#pane-${name} iframe`).waitFor()
    const frame = await (await page.locator(`#pane-${name} iframe`).elementHandle())?.contentFrame()
    if (!frame) throw new Error(`no pane ${name}`)
    await frame.locator('#unlock').waitFor()
    return frame
  }
  return { agent: await pane('agent'), person: await pane('person'), recovery: await pane('recovery') }
}

async function makeKey(page: Page, devices: { readonly person: Device; readonly recovery: Device }): Promise<string> {
  await press(page, 'make')
  await approve(devices.person)
  await approve(devices.recovery)
  await result(page, 'make').waitFor()
  const [address] = /0x[0-9a-f]{64}/.exec(await result(page, 'make').innerText()) ?? []
  if (address === undefined) throw new Error('the page shows no address')
  return address
}

describe('the page of threshold keys', () => {
  it('has three tabs make a key, sign, own a locket, catch a liar, lose a tab and a device, and refresh', async () => {
    const { page, complaints, origins } = await site.visit({}, 'keys.html')
    const ears = await listenIn(page.context(), `${site.url}device.html`, ['locket-demo-relay', 'locket-demo-talk'])
    const tab = async (name: string): Promise<Page> => {
      const opening = page.context().waitForEvent('page')
      await page.getByRole('link', { name: new RegExp(`^Open in a tab ${name}`, 'i') }).click()
      const opened = await opening
      await unlock(opened, name)
      return opened
    }
    const tabs = { agent: await tab('agent'), person: await tab('person'), recovery: await tab('recovery') }
    // The pane of the page gave way to the tab.
    await page.frameLocator('#pane-agent iframe').getByText('Open in a tab of its own.').waitFor()

    await press(page, 'introduce')
    await compareCodes(tabs)
    await result(page, 'introduce').waitFor()
    const address = await makeKey(page, tabs)
    for (const device of Object.values(tabs)) await device.getByText(/key \w+…\w+, epoch 0/).waitFor()

    // Two devices read the transaction for themselves; the chain executes it.
    await press(page, 'pay')
    await tabs.person.getByText('Take 0.25 SUI from a coin').waitFor()
    await tabs.person.getByText(/^Give it to 0x[0-9a-f]{64}$/).waitFor()
    await approve(tabs.person)
    await result(page, 'pay').waitFor()
    expect(await result(page, 'pay').innerText()).toMatch(
      /Executed\. Signed by Agent and Person\.[\s\S]*Digest\s+\w{40,}[\s\S]*has\s+0\.25 SUI/,
    )

    // A locket that the key owns.
    await page.getByLabel('Passphrase of the locket').fill(passphraseOf('locket'))
    await press(page, 'open-locket')
    await result(page, 'open').waitFor()
    await page.getByLabel('A memory').fill(MEMORY)
    await press(page, 'remember')
    await page.locator('#locket-quote').getByText('two signatures of the key for 1 parcel').waitFor()
    await tabs.person.getByLabel('Approve without asking').check()
    await press(page, 'flush')
    await result(page, 'flush').waitFor()
    expect(await result(page, 'flush').innerText()).toMatch(/^1 memory backed up[\s\S]*gave 4 signatures: 2 for the parcel/)
    await page.getByRole('searchbox', { name: 'Your question' }).fill('what is behind the boiler?')
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await result(page, 'recall').getByText(MEMORY).waitFor()

    // A false part of a signature convicts who sent it; another meaning convicts nobody.
    const greet = async (): Promise<string> => {
      await press(page, 'greet')
      await result(page, 'greet').waitFor()
      return result(page, 'greet').innerText()
    }
    await switchTo(tabs.agent, 'sends a false part of the signature')
    expect(await greet()).toMatch(/Person[\s\S]*mpc\/misbehaved[\s\S]*Blames Agent/)
    await switchTo(tabs.agent, 'signs something else')
    expect(await greet()).toMatch(/session\/setup-mismatch[\s\S]*Blames nobody/)
    await switchTo(tabs.agent, 'does its part')
    expect(await greet()).toContain(`Signed by Agent and Person, and verified for ${address}`)

    // A tab that is gone in the middle: what it had begun is refused, and any two sign anew.
    await switchTo(tabs.person, 'reloads in the middle of the next signature')
    await press(page, 'greet')
    await tabs.person.locator('#unlock').waitFor()
    await page.locator('#now').getByText('Person locked').waitFor()
    await unlock(tabs.person, 'person')
    await approve(tabs.person)
    await result(page, 'greet').waitFor()
    expect(await result(page, 'greet').innerText()).toMatch(/Agent[\s\S]*session\/gone[\s\S]*Person[\s\S]*session\/spent/)
    await page.getByLabel('Agent and Recovery').check()
    await tabs.recovery.getByLabel('Approve without asking').check()
    expect(await greet()).toContain(`Signed by Agent and Recovery, and verified for ${address}`)

    // A lost device is replaced by one that never met it.
    await press(page, 'lose')
    await tabs.person.close()
    const phone = await tab('new phone')
    await press(page, 'meet-phone')
    await compareCodes({ agent: tabs.agent, recovery: tabs.recovery, phone }, 'phone')
    await result(page, 'meet').waitFor()
    await press(page, 'replace')
    await approve(phone)
    await result(page, 'replace').waitFor()
    expect(await result(page, 'replace').innerText()).toMatch(
      new RegExp(`Replaced[\\s\\S]*${address}[\\s\\S]*Agent, New phone, and Recovery[\\s\\S]*Epoch\\s+1`),
    )
    await press(page, 'find')
    const old = await tab('person')
    await old.getByText(/epoch 0/).waitFor()
    await press(page, 'try-old')
    await result(page, 'try').waitFor()
    expect(await result(page, 'try').innerText()).toMatch(/Agent[\s\S]*usage\/invalid-argument[\s\S]*no member of the key any more/)

    // All shares are new, and the key is the same.
    await press(page, 'refresh')
    await approve(phone)
    await result(page, 'refresh').waitFor()
    expect(await result(page, 'refresh').innerText()).toMatch(new RegExp(`Refreshed[\\s\\S]*${address}[\\s\\S]*Epoch\\s+2`))
    await page.getByLabel('Agent and New phone').check()
    await phone.getByLabel('Approve without asking').check()
    expect(await greet()).toContain(`Signed by Agent and New phone, and verified for ${address}`)

    // What the relay saw is listed, and neither it nor any store holds anything readable.
    expect(await page.locator('#relayed tbody tr').count()).toBeGreaterThan(20)
    expect(await page.locator('#relayed').innerText()).toMatch(/message\s+[0-9a-f]{10}…\s+[\d.]+ (bytes|kB)\s+([0-9a-f]{2} ){11}/)
    expect(await page.locator('#verdict').innerText()).toMatch(/^No leaks\. [\d,]+ messages/)
    const recorder = createPrivacyRecorder()
    await ears.record(recorder)
    const databases = await recordStorage(page, recorder)
    expect(databases).toEqual(expect.arrayContaining(['locket-demo-keys/agent/shares', 'locket/threshold/vault']))
    const canaries = [MEMORY, 'behind the boiler', ...[...FIRST, 'new phone', 'locket'].map(passphraseOf)]
    recorder.expectNoPlaintext(canaries)
    // It can see: what devices are asked to sign is no secret.
    expect(recorder.findPlaintext(['Good morning'])).not.toEqual([])
    expect([...origins]).toEqual([new URL(site.url).origin])
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('does the same in panes with ECDSA, by the keyboard, and starts over', async () => {
    const { page, complaints } = await site.visit({}, 'keys.html')
    const panes = await panesOf(page)
    for (const name of FIRST) {
      await panes[name].locator('#passphrase').focus()
      await page.keyboard.type(passphraseOf(name))
      await page.keyboard.press('Enter')
      await panes[name].locator('#switches').waitFor()
    }
    await page.locator('#introduce').focus()
    await page.keyboard.press('Enter')
    await compareCodes(panes)
    await result(page, 'introduce').waitFor()
    await page.getByLabel('ECDSA, secp256k1').check()
    await makeKey(page, panes)

    await page.locator('#pay').focus()
    await page.keyboard.press('Enter')
    await panes.person.getByRole('button', { name: 'Refuse' }).focus()
    await page.keyboard.press('Enter')
    await result(page, 'pay').waitFor()
    expect(await result(page, 'pay').innerText()).toContain('Refused by the person before it.')
    await panes.recovery.locator('#unasked').focus()
    await page.keyboard.press('Space')
    await page.getByLabel('Agent and Recovery').check()
    await page.locator('#pay').focus()
    await page.keyboard.press('Enter')
    await result(page, 'pay').getByText('Executed.').waitFor()
    // The focus came back to the button that was off meanwhile.
    await page.locator('#pay:focus').waitFor()
    await page.getByLabel('Agent and Person').check()
    await press(page, 'pay')
    await approve(panes.person)
    await result(page, 'pay').getByText('Executed.').waitFor()

    // A visit later everything is there, behind its passphrase; a wrong one opens nothing.
    await page.reload()
    const again = await panesOf(page)
    await again.agent.getByLabel('Passphrase of this device').fill('a wrong one')
    await again.agent.getByRole('button', { name: 'Open' }).click()
    await again.agent.getByText('unlock/failed').waitFor()
    for (const name of FIRST) await unlock(again[name], name)
    await press(page, 'pay')
    await approve(again.person)
    await result(page, 'pay').getByText('Executed.').waitFor()

    // A liar is banned from a key of this kind, and stays banned when it is honest again. The two others sign.
    const greet = async (): Promise<string> => {
      await press(page, 'greet')
      await result(page, 'greet').waitFor()
      return result(page, 'greet').innerText()
    }
    await again.person.getByLabel('Approve without asking').check()
    await switchTo(again.agent, 'sends a false part of the signature')
    expect(await greet()).toMatch(/Person[\s\S]*mpc\/banned[\s\S]*Blames Agent, and never signs with it again/)
    await switchTo(again.agent, 'does its part')
    expect(await greet()).toMatch(/Person[\s\S]*mpc\/banned/)
    await again.recovery.getByLabel('Approve without asking').check()
    await page.getByLabel('Person and Recovery').check()
    expect(await greet()).toContain('Signed by Person and Recovery')

    await press(page, 'start-over')
    await page.getByRole('dialog').getByRole('button', { name: 'Start over' }).click()
    await page.getByText('Choose a passphrase').first().waitFor({ state: 'attached' })
    const fresh = await panesOf(page)
    await fresh.agent.getByText('Choose a passphrase for this device').waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it.each([
    { colorScheme: 'light', width: 1400 },
    { colorScheme: 'dark', width: 320 },
  ] as const)('passes axe at WCAG 2.2 AA in $colorScheme at $width px, without scrolling sideways', async ({ colorScheme, width }) => {
    const { page, complaints } = await site.visit({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true }, 'keys.html')
    const panes = await panesOf(page)
    for (const name of FIRST) await unlock(panes[name], name)
    await press(page, 'introduce')
    await panes.agent.getByRole('button', { name: 'All the same' }).waitFor()
    for (const place of [page, panes.agent]) {
      await place.addScriptTag({ content: axeCore.source })
      expect(await violations(place)).toEqual([])
      expect(await place.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    }
    expect(complaints).toEqual([])
    await page.context().close()
  })
})
