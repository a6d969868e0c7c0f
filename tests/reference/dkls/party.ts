import { expect } from 'vitest'
import { toHex, type Bytes } from '../../../src/core/bytes.ts'
import { CoreFailure, loadMpcCore, type CoreStep } from '../../helpers/mpc-core.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'
import { drawFrom, Refusal, type Ceremony, type Draw, type Inbox } from './ceremony.ts'

/** One party of a ceremony under way: what it sends first, and then after each round. Fails with a {@link CoreFailure}. */
export type Party = (inbox?: Inbox) => CoreStep

/** How to run one party's side: the core's request, and the same for the reference. */
export type Side = { readonly protocol: number; readonly parameters: Bytes; readonly reference: (draw: Draw) => Ceremony }

const SUITE = 1

/** The side as the committed core runs it. */
export function coreParty({ protocol, parameters }: Side, seed: string): Party {
  const core = loadMpcCore(seededEntropy(seed))
  let handle = 0
  return (inbox) => {
    if (inbox) return core.advance(handle, inbox)
    const opened = core.open(SUITE, protocol, parameters)
    handle = opened.handle
    return opened.step
  }
}

/** The side as the reference runs it. */
export function referenceParty({ reference }: Side, seed: string): Party {
  const ceremony = reference(drawFrom(seededEntropy(seed)))
  let round = 0
  return (inbox) => {
    try {
      const { done, value } = inbox ? ceremony.next(inbox) : ceremony.next(new Map())
      round += 1
      return done ? { kind: 'end', result: value } : { kind: 'send', round, ...value }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      throw new CoreFailure({ class: error.kind, code: error.code, party: error.party, round })
    }
  }
}

/** Both with the same randomness. They must send, return and refuse the same, to the last byte. */
export function twinParty(side: Side, seed: string): Party {
  const [core, reference] = [coreParty(side, seed), referenceParty(side, seed)]
  return (inbox) => {
    const [ours, theirs] = [core, reference].map((party) => outcomeOf(() => party(inbox)))
    expect(printed(theirs as Outcome)).toEqual(printed(ours as Outcome))
    if (ours instanceof CoreFailure) throw ours
    return ours as CoreStep
  }
}

/** A step, or how the party failed. */
export type Outcome = CoreStep | CoreFailure

function outcomeOf(step: () => CoreStep): Outcome {
  try {
    return step()
  } catch (error) {
    if (error instanceof CoreFailure) return error
    throw error
  }
}

function printed(outcome: Outcome): unknown {
  if (outcome instanceof CoreFailure) return outcome.failure
  if (outcome.kind === 'end') return toHex(outcome.result)
  return [outcome.round, toHex(outcome.broadcast), ...[...outcome.direct].map(([party, bytes]) => [party, toHex(bytes)])]
}

/** Changes what `to` gets from `from` in a round; the same bytes if nothing. */
export type Tamper = (
  at: { readonly round: number; readonly from: number; readonly to: number },
  message: { broadcast: Bytes; direct: Bytes },
) => void

/** Runs parties until all have ended or one has failed. What each came to, by party. */
export function runParties(parties: ReadonlyMap<number, Party>, tamper?: Tamper): Map<number, Outcome> {
  let outcomes = new Map([...parties].map(([number, party]) => [number, outcomeOf(() => party())]))
  for (let round = 1; ; round++) {
    const sent = new Map<number, CoreStep & { kind: 'send' }>()
    for (const [number, outcome] of outcomes) {
      if (outcome instanceof CoreFailure || outcome.kind === 'end') return outcomes
      sent.set(number, outcome)
    }
    outcomes = new Map(
      [...parties].map(([to, party]) => {
        const inbox = new Map<number, { broadcast: Bytes; direct: Bytes }>()
        for (const [from, { broadcast, direct }] of sent) {
          if (from === to) continue
          const message = { broadcast: broadcast.slice(), direct: (direct.get(to) ?? new Uint8Array()).slice() }
          tamper?.({ round, from, to }, message)
          inbox.set(from, message)
        }
        return [to, outcomeOf(() => party(inbox))]
      }),
    )
  }
}

/** The results of parties that must all have ended well. */
export function resultsOf(outcomes: ReadonlyMap<number, Outcome>): Map<number, Bytes> {
  return new Map(
    [...outcomes].map(([number, outcome]) => {
      if (outcome instanceof CoreFailure) throw outcome
      if (outcome.kind !== 'end') throw new Error(`party ${number} has not ended`)
      return [number, outcome.result]
    }),
  )
}
