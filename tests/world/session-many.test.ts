import { expect, it, vi } from 'vitest'
import { HOSTILE, runToyProtocol } from '../helpers/session-run.ts'

// Delivery is what is tried here, thousands of times: the curves are stand-ins. `session-hostile.test.ts` beside this has the real ones.
vi.mock('@noble/curves/ed25519.js', () => import('../helpers/toy-curves.ts'))

const RUNS = Number(process.env['SESSION_RUNS'] ?? 40)

it(`ends ${RUNS} hostile runs in completion or at the deadline, with nothing delivered wrongly`, async () => {
  const tally = new Map<string, number>()
  for (let run = 0; run < RUNS; run++) {
    const seed = `hostile ${run}`
    const { outcomes, wrong, sleepers } = await runToyProtocol({ seed, count: 2 + (run % 4), faults: HOSTILE })
    expect(wrong, seed).toEqual([])
    expect(sleepers, seed).toBe(0)
    for (const outcome of outcomes) tally.set(outcome, (tally.get(outcome) ?? 0) + 1)
    // Nobody is convicted for what the relay did.
    for (const outcome of outcomes) expect(['ok', 'session/timeout'], seed).toContain(outcome)
  }
  // With half an hour and relays that deliver in the end, all complete but for rare bad luck.
  const completed = tally.get('ok') ?? 0
  const total = Array.from(tally.values()).reduce((sum, count) => sum + count, 0)
  if (process.env['SESSION_RUNS']) console.info(Object.fromEntries(tally))
  expect(completed / total).toBeGreaterThan(0.999)
})
