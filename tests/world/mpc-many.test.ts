import { expect, it, vi } from 'vitest'
import { isLocketError } from '../../src/core/errors.ts'
import { createKey } from '../../src/mpc/create-key.ts'
import type { CeremonyOptions, Party } from '../../src/mpc/flow.ts'
import { refreshKey } from '../../src/mpc/refresh-key.ts'
import { settleKey } from '../../src/mpc/settle-key.ts'
import { fetchSignatures, sign } from '../../src/mpc/sign.ts'
import { verifySignature } from '../../src/mpc/verify-signature.ts'
import { withRelayFaults } from '../../src/testkit/faults/with-relay-faults.ts'
import { createLeakWatch } from '../helpers/mpc/leak-watch.ts'
import { withPartitions } from '../helpers/mpc/partition.ts'
import { createRealWorld } from '../helpers/mpc/real-world.ts'
import { createToyCore } from '../helpers/mpc/toy-core.ts'
import { HOSTILE } from '../helpers/session-run.ts'
import { identityAt } from '../helpers/session-world.ts'

// Simulated in two things: the devices' own curves are stand-ins, and the core makes its signatures without any secrecy, with
// real secp256k1. Sessions, share stores and everything of `src/mpc` are the real ones; `mpc-hostile.test.ts` has the real core.
vi.mock('@noble/curves/ed25519.js', () => import('../helpers/toy-curves.ts'))

const RUNS = Number(process.env['MPC_SIM_RUNS'] ?? 2_000)
const PER_WORLD = 20
/** When an application stops waiting for the others and looks for what they may have left; the deadline is ten minutes later. */
const PATIENCE_MS = 1_800_000
const TIMEOUT_MS = PATIENCE_MS + 600_000
const GIVEN_UP = 'the application stopped waiting'
const SUITE = 'ecdsa-secp256k1'
/** What a ceremony over such a relay may fail with. Nobody is ever convicted. */
const MAY_FAIL = ['session/timeout', 'session/gone', 'session/expired', 'mpc/unsettled', GIVEN_UP]

it(`ends ${RUNS} ceremonies over a relay of the worst kind, with nothing wrong, leaked or stuck`, async () => {
  const leaks = createLeakWatch()
  const tally = { parties: 0, complete: 0, fetched: 0, settled: 0, failed: new Map<string, number>() }
  const count = Math.ceil(RUNS / PER_WORLD)
  for (let number = 0; number < count; number++) await liveIn(number)
  console.info(`${count * PER_WORLD} ceremonies: ${tally.complete} of ${tally.parties} parties completed, ${tally.fetched} by fetching`)
  console.info(
    `${tally.settled} by settling; failures on the way: ${JSON.stringify([...tally.failed])}; ${leaks.searched} messages searched`,
  )
  expect(tally.complete / tally.parties).toBeGreaterThanOrEqual(0.999)

  async function liveIn(number: number): Promise<void> {
    const seed = `many ${number}`
    const size = 2 + (number % 2)
    const world = await createRealWorld(['agent', 'person', 'recovery'].slice(0, size), {
      seed,
      stepMs: 1_000,
      openMpc: () => async () => createToyCore(),
      relay(at, relay, clock) {
        const cut = withPartitions(relay, { seed: `${seed} cut ${at}`, clock, share: 0.1 })
        return leaks.watch(withRelayFaults(cut, { seed: `${seed} relay ${at}`, clock, ...HOSTILE }))
      },
    })
    const all = world.members().map(({ index }) => index)

    /** What each party ended with; failures are looked at, and are no failures of the test yet. */
    const take = async <T>(
      participants: readonly number[],
      work: (party: Party, options: CeremonyOptions, index: number) => Promise<T>,
      options = world.invite(TIMEOUT_MS),
    ): Promise<readonly (T | undefined)[]> => {
      const [patience, done] = [new AbortController(), new AbortController()]
      world.clock.sleep(PATIENCE_MS, { signal: done.signal }).then(
        () => patience.abort(GIVEN_UP),
        () => undefined,
      )
      const given = { ...options, signal: patience.signal }
      const outcomes = await world.run(Promise.allSettled(participants.map((index) => work(world.party(index), given, index))))
      done.abort()
      return outcomes.map((outcome) => {
        if (outcome.status === 'fulfilled') return outcome.value
        leaks.error(outcome.reason)
        const code = isLocketError(outcome.reason) ? outcome.reason.code : String(outcome.reason)
        expect(MAY_FAIL, `${seed}: ${code}`).toContain(code)
        tally.failed.set(code, (tally.failed.get(code) ?? 0) + 1)
        return undefined
      })
    }

    /** Who changed the epoch may have missed that the others did: then all ask each other. */
    const change = async (epoch: number, work: (party: Party, options: CeremonyOptions, index: number) => Promise<unknown>) => {
      const there = () => all.filter((index) => world.party(index).shares.records()[0]?.current?.epoch === epoch).length
      tally.parties += size
      const direct = (await take(all, work)).filter((key) => key !== undefined).length
      for (let attempt = 0; attempt < 5 && there() > 0 && there() < size; attempt++) {
        const keyId = world.party(1).shares.records()[0]?.id as string
        await take(all, (party, options) => settleKey(party, { keyId, participants: all }, options))
      }
      tally.complete += there()
      tally.settled += there() - direct
      // Wherever it ended, it ended there for all: nothing is stuck.
      expect([0, size], `${seed} at epoch ${epoch}`).toContain(there())
      return there() === size
    }

    const members = world.members()
    let isMade = false
    for (let attempt = 0; attempt < 3 && !isMade; attempt++) {
      isMade = await change(0, (party, options, self) => createKey(party, { suite: SUITE, threshold: 2, members, self }, options))
    }
    const [key] = world.party(1).shares.keys()
    if (key === undefined) throw new Error(`${seed}: no key`)
    for (let run = 1; run < PER_WORLD; run++) {
      const where = `${seed} run ${run}`
      if (run === PER_WORLD / 2) {
        await change(1, (party, options) => refreshKey(party, { keyId: key.id }, options))
        continue
      }
      const participants = [1, 2, 3].filter((index) => (size === 2 ? index < 3 : index !== 1 + (run % 3)))
      const message = new Uint8Array(32).fill(run)
      const options = world.invite(TIMEOUT_MS)
      tally.parties += 2
      const signed = await take(participants, (party, given) => sign(party, { keyId: key.id, participants, message }, given), options)
      for (const [at, signature] of signed.entries()) {
        let found = signature
        if (found === undefined) {
          const batch = { keyId: key.id, participants, messages: [message] }
          const [[outcome] = []] = await take([participants[at] as number], (party) => fetchSignatures(party, batch, options))
          if (outcome !== undefined && 'signature' in outcome) [found, tally.fetched] = [outcome.signature, tally.fetched + 1]
        }
        if (found === undefined) continue
        tally.complete++
        expect(await verifySignature({ suite: SUITE, publicKey: key.publicKey, message, signature: found }), where).toBe(true)
      }
      for (const index of all) expect(world.party(index).shares.record(key.id).bans, where).toEqual([])
      // The toy core's share is a header, the whole key and a salt.
      const share = await world.party(1).shares.share(key.id)
      const canaries = [
        share.slice(-64, -32),
        ...all.map((index) =>
          identityAt(index - 1)
            .encodeSecret()
            .slice(1, 33),
        ),
      ]
      await leaks.check(
        canaries,
        world.devices.map(({ disk }) => disk),
      )
    }
    await world.run(world.clock.sleep(120_000))
    expect(world.clock.sleeperCount, seed).toBe(0)
  }
}, 3_600_000)
