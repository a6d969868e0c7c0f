import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemEntropy } from '../../src/core/capabilities.ts'
import { createSealEngine } from '../../src/seal/create-seal-engine.ts'
import { createWalrusEngine } from '../../src/walrus/create-walrus-engine.ts'
import { BOUNDARIES } from './crash/failpoints.ts'
import { crashTab } from './crash/harness.ts'
import type { LocketPage } from './crash/locket-page.ts'
import { openLocketWorld, type LocketWorld } from './crash/locket-world.ts'

declare const page: LocketPage

/** Times the tab is killed at each boundary: 221 kills, and 20 more at any moment in `crash/store-crash.e2e.test.ts`. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 13)

let world: LocketWorld
beforeAll(async () => {
  world = await openLocketWorld()
})
afterAll(() => world.close())

it(
  `a tab killed ${ROUNDS} times at each of ${BOUNDARIES.length} boundaries loses, repeats and tears nothing, and pays once (S1)`,
  async () => {
    const { server, signer, witness } = world
    let { tab, openMs: slowestMs } = await world.revisit('at first')
    for (let round = 0; round < ROUNDS; round++) {
      for (const boundary of BOUNDARIES) {
        const where = `${boundary}, round ${round}`
        // A space is made once: these two need a category of their own.
        const category = /^(create|set-key)/.test(boundary) ? where : 'memories'
        const end = await tab.evaluate(
          ([name, of, at]) => page.live(name as string, of as string, at as string),
          [where, category, boundary],
        )
        expect(end, where).toBe('reached')
        await crashTab(tab)
        const next = await world.revisit(where)
        tab = next.tab
        slowestMs = Math.max(slowestMs, next.openMs)
      }
    }
    expect(await world.finish(tab)).toBeGreaterThanOrEqual(witness.acknowledged().length)

    // One blob bought for each head a space has had, and none bought twice.
    const common = { client: server.net.client, signer, clock: server.net.clock, entropy: systemEntropy() }
    const spaces = await createSealEngine({ ...common, network: server.net.seal }).listSpaces()
    const owned = await createWalrusEngine({ ...common, network: server.net.walrus }).owned()
    expect(new Set(owned.map(({ blobId }) => blobId)).size).toBe(owned.length)
    expect(owned.length).toBe(spaces.reduce((sum, { headVersion }) => sum + Number(headVersion), 0))
    console.log(`${ROUNDS * BOUNDARIES.length} tabs killed; opening after a kill took at most ${Math.round(slowestMs)} ms`)
  },
  ROUNDS * BOUNDARIES.length * 30_000,
)
