import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import type { BrowserContext, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemEntropy } from '../../../src/core/capabilities.ts'
import { openLocalnetServer, type LocalnetServer } from '../../../src/localnet/http/server.ts'
import { openLocket } from '../../../src/locket/open-locket.ts'
import { createSealEngine } from '../../../src/seal/create-seal-engine.ts'
import { createWalrusEngine } from '../../../src/walrus/create-walrus-engine.ts'
import { crashTab, createProfile, type Profile } from '../crash/harness.ts'
import { startWitness } from '../crash/witness.ts'
import type { TabUnderTest } from './tabs-page.ts'
import { openTabsSite } from './tabs-site.ts'

declare const tab: TabUnderTest

/** Leaders that are closed or crashed, in turn. */
const LEADERS = Number(process.env['TAB_KILLS'] ?? 4)

let site: Awaited<ReturnType<typeof openTabsSite>>
let server: LocalnetServer
const profiles: Profile[] = []

beforeAll(async () => {
  site = await openTabsSite()
  server = await openLocalnetServer()
})
afterAll(async () => {
  await Promise.all(profiles.map((profile) => profile.remove()))
  await server.close()
  await site.close()
})

async function newContext(): Promise<BrowserContext> {
  const profile = await createProfile()
  profiles.push(profile)
  return profile.open()
}

async function visit(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', (error) => console.error(error))
  await page.goto(site.url)
  await page.waitForFunction(() => 'tab' in globalThis)
  return page
}

function openIn(page: Page, secretKey: string): Promise<string> {
  return page.evaluate((options) => tab.open(options), { url: server.url, secretKey })
}

it('two tabs share one locket, its unlocking and its session; another wallet is refused', async () => {
  const context = await newContext()
  const signer = Ed25519Keypair.generate()
  const secretKey = signer.getSecretKey()
  const device = await openLocket({ network: { ...server.net, signer } })
  await server.net.faucet(signer.toSuiAddress(), { sui: 100, wal: 100 })
  await device.remember('from another device')
  await device.flush()

  const [a, b] = [await visit(context), await visit(context)]
  expect(await openIn(a, secretKey)).toBe('open')
  expect(await openIn(b, secretKey)).toBe('open')
  expect(await b.evaluate(() => tab.restore())).toBe(1)
  await a.evaluate(() => tab.remember('allergic to peanuts'))
  expect(await b.evaluate(() => tab.recall('peanuts'))).toEqual(['allergic to peanuts'])
  await b.evaluate(() => tab.remember('the key is in the shed'))
  expect((await a.evaluate(() => tab.recall('shed')))[0]).toBe('the key is in the shed')
  const flushed = await Promise.all([a.evaluate(() => tab.flush()), b.evaluate(() => tab.flush())])
  expect(flushed.reduce((sum, count) => sum + count)).toBe(2)

  await device.remember('later, in another category', { category: 'medical' })
  await device.flush()
  expect(await a.evaluate(() => tab.restore())).toBe(1)
  const asked = await a.evaluate(() => tab.asked())
  const unlocks = asked.filter((text) => text.startsWith('Locket: unlock')).length
  // Two to make the vault; one for the session of both tabs.
  expect([unlocks, asked.filter((text) => text !== 'transaction').length - unlocks]).toEqual([2, 1])
  expect(await b.evaluate(() => tab.asked())).toEqual([])

  const c = await visit(context)
  expect(await openIn(c, Ed25519Keypair.generate().getSecretKey())).toBe('unlock/failed')
  expect(await openIn(c, secretKey)).toBe('open')
  await a.evaluate(() => tab.close())
  expect((await c.evaluate(() => tab.everything())).length).toBe(4)
  expect((await b.evaluate(() => tab.everything())).length).toBe(4)
  expect(await b.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0)
  await device.close()
  await context.close()
})

it(
  `nothing acknowledged is lost and nothing is kept or paid twice while ${LEADERS} leaders are closed or crashed`,
  async () => {
    const context = await newContext()
    const witness = await startWitness()
    const signer = Ed25519Keypair.generate()
    const secretKey = signer.getSecretKey()
    const complaints: string[] = []
    const write = (page: Page, round: string) =>
      page
        .evaluate((options) => tab.write(options), { witnessUrl: witness.url, round })
        .then(
          (went) => void complaints.push(`${round}: ${went}`),
          () => undefined,
        )

    let leader = await visit(context)
    expect(await openIn(leader, secretKey)).toBe('open')
    void write(leader, 'first')
    for (let trial = 0; trial < LEADERS; trial++) {
      const follower = await visit(context)
      expect(await openIn(follower, secretKey)).toBe('open')
      expect(await follower.evaluate(() => tab.asked())).toEqual([])
      void write(follower, `trial ${trial}`)
      await witness.atLeast(witness.acknowledged().length + 5 + ((trial * 7) % 20))
      if (trial % 2 === 0) await crashTab(leader)
      else await leader.close()
      // All of these are the follower's own, which leads now.
      await witness.atLeast(witness.acknowledged().length + 10)
      leader = follower
    }

    const last = await visit(context)
    expect(await openIn(last, secretKey)).toBe('open')
    await leader.evaluate(() => tab.close())
    await last.evaluate(() => tab.flush())
    const memories = await last.evaluate(() => tab.everything())
    const acknowledged = witness.acknowledged()
    const ids = new Set(memories.map(({ id }) => id))
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([])
    expect(new Set(memories.map(({ text }) => text)).size).toBe(memories.length)
    // The one whose locket was closed under it, at the end.
    expect(complaints.filter((complaint) => !complaint.includes('usage/closed'))).toEqual([])

    const network = { ...server.net, signer }
    const restored = await openLocket({ network })
    expect(await restored.restore()).toMatchObject({ restored: memories.length, failed: [], failedSpaces: [] })
    await restored.close()
    const engine = { client: network.client, signer, clock: network.clock, entropy: systemEntropy() }
    const spaces = await createSealEngine({ ...engine, network: network.seal }).listSpaces()
    const owned = await createWalrusEngine({ ...engine, network: network.walrus }).owned()
    expect(spaces.length).toBe(1)
    expect(owned.length).toBe(Number(spaces[0]?.headVersion))
    await witness.close()
    await context.close()
  },
  LEADERS * 60_000 + 120_000,
)
