import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LocketPage } from './crash/locket-page.ts'
import { openLocketWorld, type LocketWorld } from './crash/locket-world.ts'

declare const page: LocketPage

/** With the 48 of `crash/store-crash.e2e.test.ts` 60. */
const KILLS = Math.ceil(Number(process.env['KILLS'] ?? 48) / 4)

let world: LocketWorld
beforeAll(async () => {
  world = await openLocketWorld()
})
afterAll(() => world.close())

it(
  `a browser killed ${KILLS} times while remembering and uploading, through a clean session after it, loses and repeats nothing (S2)`,
  async () => {
    const { witness, profile } = world
    for (let kill = 0; kill < KILLS; kill++) {
      const { tab } = await world.revisit(`after a clean session, before kill ${kill}`)
      const before = witness.acknowledged().length
      // Ends when the browser does.
      tab.evaluate((round) => page.liveOn(round), `kill ${kill}`).catch(() => {})
      // Each third acknowledgement of two memories is followed by an upload: kills fall into both.
      await witness.atLeast(before + 2 + ((kill * 2) % 14))
      await profile.kill(world.context())
      await world.reopen()
      const { tab: clean } = await world.revisit(`after kill ${kill}`)
      await clean.evaluate(() => page.close())
      await world.context().close()
      await world.reopen()
    }
    const { tab } = await world.revisit('at last')
    expect(await world.finish(tab)).toBeGreaterThanOrEqual(witness.acknowledged().length)
  },
  KILLS * 60_000,
)
