import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../src/core/bytes.ts'
import { createSessionWorld } from '../../../helpers/session-world.ts'

describe('a session', () => {
  it('gives every party the same id, and each round to whom it is for', async () => {
    const world = createSessionWorld(3)
    const sessions = await world.openAll()
    expect(new Set(sessions.map(({ sessionId }) => sessionId.join())).size).toBe(1)
    for (const round of [1, 2]) {
      const heard = await world.drive(
        Promise.all(
          sessions.map(({ party, exchange }) => {
            const others = [1, 2, 3].filter((index) => index !== party)
            const direct = new Map(others.map((other) => [other, utf8(`${round}: ${party} to ${other}`)]))
            return exchange({ round, broadcast: utf8(`${round}: ${party} to all`), direct })
          }),
        ),
      )
      for (const [i, incoming] of heard.entries()) {
        expect(Array.from(incoming, ([from, { broadcast, direct }]) => [from, fromUtf8(broadcast), fromUtf8(direct)])).toEqual(
          [1, 2, 3].filter((index) => index !== i + 1).map((from) => [from, `${round}: ${from} to all`, `${round}: ${from} to ${i + 1}`]),
        )
      }
    }
    await world.drive(Promise.all(sessions.map(({ finish }) => finish())))
    expect(await world.drive(Promise.all(sessions.map(({ settled }) => settled())))).toEqual([[], [], []])
    await Promise.all(sessions.map(({ close }) => close()))
    expect(world.clock.sleeperCount).toBe(0)
    expect(world.events).toEqual([[], [], []])
  })
})
