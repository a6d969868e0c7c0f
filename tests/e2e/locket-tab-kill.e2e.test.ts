import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import type { BrowserContext, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemEntropy } from '../../src/core/capabilities.ts'
import { openLocalnetServer, type LocalnetServer } from '../../src/localnet/http/server.ts'
import { createSealEngine } from '../../src/seal/create-seal-engine.ts'
import { createWalrusEngine } from '../../src/walrus/create-walrus-engine.ts'
import { BOUNDARIES } from './crash/failpoints.ts'
import { crashTab, createProfile, startBuiltPage, type BuiltPage, type Profile } from './crash/harness.ts'
import type { LocketPage } from './crash/locket-page.ts'
import { startWitness, type Witness } from './crash/witness.ts'

declare const page: LocketPage

/** Times the tab is killed at each boundary: 221 kills, and 20 more at random moments in `crash/store-crash.e2e.test.ts`. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 13)

let site: BuiltPage
let server: LocalnetServer
let witness: Witness
let profile: Profile
let context: BrowserContext
const signer = Ed25519Keypair.generate()
const slowest = { openMs: 0 }

beforeAll(async () => {
  site = await startBuiltPage('tests/e2e/crash/locket.html')
  server = await openLocalnetServer()
  await server.net.faucet(signer.toSuiAddress(), { sui: 10_000, wal: 10_000 })
  witness = await startWitness()
  profile = await createProfile()
  context = await profile.open()
})
afterAll(async () => {
  await context.close()
  await Promise.all([site.close(), server.close(), witness.close(), profile.remove()])
})

/** A new tab on the locket as the last one left it, which holds all that was ever acknowledged. */
async function revisit(what: string): Promise<Page> {
  const tab = await context.newPage()
  const query = new URLSearchParams({ url: server.url, witness: witness.url, key: signer.getSecretKey() })
  await tab.goto(site.urlOf(`?${query}`))
  await tab.waitForFunction(() => 'page' in globalThis)
  const { openMs, warnings } = await tab.evaluate(() => page.open())
  slowest.openMs = Math.max(slowest.openMs, openMs)
  expect(
    warnings.filter((code) => code !== 'store/corrupt'),
    what,
  ).toEqual([])
  const memories = await tab.evaluate(() => page.inspect())
  const ids = new Set(memories.map(({ id }) => id))
  const texts = new Set(memories.map(({ text }) => text))
  const torn = [...texts].filter((text) => !texts.has(text.replace(/[ab]$/, (half) => (half === 'a' ? 'b' : 'a'))))
  const lost = witness.acknowledged().filter((id) => !ids.has(id))
  expect({ lost, torn, repeated: memories.length - texts.size }, what).toEqual({ lost: [], torn: [], repeated: 0 })
  return tab
}

it(
  `a tab killed ${ROUNDS} times at each of ${BOUNDARIES.length} boundaries loses, repeats and tears nothing, and pays once (S1)`,
  async () => {
    let kills = 0
    let tab = await revisit('at first')
    for (let round = 0; round < ROUNDS; round++) {
      for (const boundary of BOUNDARIES) {
        const where = `${boundary}, round ${round}`
        // A space is made once: these two need a category of their own.
        const category = /^(create|set-key)/.test(boundary) ? `${boundary} ${round}` : 'memories'
        const end = await tab.evaluate(
          ([name, of, at]) => page.live(name as string, of as string, at as string),
          [where, category, boundary],
        )
        expect(end, where).toBe('reached')
        await crashTab(tab)
        kills++
        tab = await revisit(where)
      }
    }
    await tab.evaluate(() => page.flush())
    const memories = await tab.evaluate(() => page.inspect())
    expect(memories.filter(({ state }) => state !== 'certified')).toEqual([])
    expect(memories.length).toBeGreaterThanOrEqual(witness.acknowledged().length)

    // One blob bought for each head a space has had, and none bought twice.
    const common = { client: server.net.client, signer, clock: server.net.clock, entropy: systemEntropy() }
    const spaces = await createSealEngine({ ...common, network: server.net.seal }).listSpaces()
    const owned = await createWalrusEngine({ ...common, network: server.net.walrus }).owned()
    expect(new Set(owned.map(({ blobId }) => blobId)).size).toBe(owned.length)
    expect(owned.length).toBe(spaces.reduce((sum, { headVersion }) => sum + Number(headVersion), 0))

    // With everything on the device destroyed, the wallet alone brings it back.
    await tab.evaluate(() => page.destroy())
    await tab.close()
    const empty = await context.newPage()
    await empty.goto(tab.url())
    await empty.waitForFunction(() => 'page' in globalThis)
    await empty.evaluate(() => page.open())
    expect(await empty.evaluate(() => page.restore())).toEqual({ restored: memories.length, failed: 0 })
    const again = await empty.evaluate(() => page.inspect())
    expect(new Set(again.map(({ id }) => id))).toEqual(new Set(memories.map(({ id }) => id)))
    console.log(`${kills} tabs killed; the slowest to answer after a kill took ${Math.round(slowest.openMs)} ms`)
  },
  ROUNDS * BOUNDARIES.length * 30_000,
)
