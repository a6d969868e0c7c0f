import { sha256 } from '@noble/hashes/sha2.js'
import { equalBytes, utf8 } from '../../src/core/bytes.ts'
import { openSession } from '../../src/relay/session/open-session.ts'
import type { Incoming } from '../../src/relay/session/types.ts'
import { withRelayFaults } from '../../src/testkit/faults/with-relay-faults.ts'
import { createSessionWorld, outcomeOf } from './session-world.ts'

/** What a relay of the worst kind does, and still delivers in the end. */
export const HOSTILE = { drop: 0.2, duplicate: 0.2, reorder: 0.5, delayMs: 30_000, tamper: 0.05 }

const ROUNDS = [1, 2, 3]

/** What a party says in a round, to all or to one: long, short or nothing, by the seed. */
function wordOf(seed: string, round: number, from: number, to: number): Uint8Array {
  const digest = sha256(utf8(`${seed}/${round}/${from}/${to}`))
  const length = [0, 5, 32, 700, 3_000][(digest[0] as number) % 5] as number
  return new Uint8Array(length).map((_, i) => digest[i % 32] as number)
}

/** Runs a protocol of three rounds among `count` parties over a relay with `faults`. What each party ended with, and every wrong delivery. */
export async function runToyProtocol(input: {
  readonly seed: string
  readonly count: number
  readonly faults: object
  readonly minutes?: number
  readonly maxBodyBytes?: number
}): Promise<{
  readonly outcomes: readonly string[]
  readonly wrong: readonly string[]
  readonly sleepers: number
  readonly drops: number
}> {
  const { seed, count, faults, minutes = 30, maxBodyBytes } = input
  const wrong: string[] = []
  const world = createSessionWorld(count, {
    seed,
    minutes,
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
    relay: (position, relay, clock) => withRelayFaults(relay, { seed: `${seed} relay ${position}`, clock, ...faults }),
  })

  const check = (round: number, self: number, heard: ReadonlyMap<number, Incoming>) => {
    if (heard.size !== count - 1) wrong.push(`round ${round}: ${self} heard ${heard.size}`)
    for (const [from, { broadcast, direct }] of heard) {
      const isRight = equalBytes(broadcast, wordOf(seed, round, from, 0)) && equalBytes(direct, wordOf(seed, round, from, self))
      if (!isRight) wrong.push(`round ${round}: ${from} to ${self}`)
    }
  }

  const take = async (position: number) => {
    await using session = await openSession(world.options(position))
    const self = session.party
    const others = world.setup.parties.map(({ index }) => index).filter((index) => index !== self)
    for (const round of ROUNDS) {
      const direct = new Map(others.map((other) => [other, wordOf(seed, round, self, other)]))
      check(round, self, await session.exchange({ round, broadcast: wordOf(seed, round, self, 0), direct }))
    }
    await session.finish()
    await session.settled()
  }

  const outcomes = await world.drive(Promise.allSettled(world.identities.map((_, position) => take(position))), (minutes + 1) * 60_000)
  return {
    outcomes: outcomes.map(outcomeOf),
    wrong,
    sleepers: world.clock.sleeperCount,
    drops: world.events.flat().filter(({ type }) => type === 'dropped').length,
  }
}
