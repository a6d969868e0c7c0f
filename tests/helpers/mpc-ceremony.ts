import type { Bytes } from '../../src/core/bytes.ts'
import type { CoreMessage, CoreStep, MpcCore } from './mpc-core.ts'

/** A party that is other code: it is shown what the others send in a round and says what it sends. */
export type Guest = (
  round: number,
  others: ReadonlyMap<number, CoreMessage>,
) => {
  readonly broadcast: Uint8Array
  readonly direct?: ReadonlyMap<number, Uint8Array>
}

/** What was sent, by round and party. */
export type Said = Map<number, Map<number, { broadcast: Uint8Array; direct: ReadonlyMap<number, Uint8Array> }>>

/** Runs one ceremony among parties of the core, and perhaps guests, to its end. */
export function runCeremony(
  core: MpcCore,
  suite: number,
  protocol: number,
  parameters: ReadonlyMap<number, Uint8Array>,
  guests: ReadonlyMap<number, Guest> = new Map(),
): { readonly results: Map<number, Bytes>; readonly said: Said } {
  const handles = new Map<number, number>()
  let steps = new Map<number, CoreStep>()
  for (const [party, bytes] of parameters) {
    const { handle, step } = core.open(suite, protocol, bytes)
    handles.set(party, handle)
    steps.set(party, step)
  }
  const said: Said = new Map()
  for (let round = 1; [...steps.values()].some((step) => step.kind === 'send'); round++) {
    const sent = new Map<number, { broadcast: Uint8Array; direct: ReadonlyMap<number, Uint8Array> }>()
    for (const [party, step] of steps) if (step.kind === 'send') sent.set(party, step)
    const to = (me: number) => {
      const inbox = new Map<number, CoreMessage>()
      for (const [party, { broadcast, direct }] of sent) {
        if (party !== me) inbox.set(party, { broadcast, direct: direct.get(me) ?? new Uint8Array() })
      }
      return inbox
    }
    for (const [party, guest] of guests) sent.set(party, { direct: new Map(), ...guest(round, to(party)) })
    said.set(round, sent)
    steps = new Map([...handles].map(([party, handle]) => [party, core.advance(handle, to(party))]))
  }
  const results = new Map<number, Bytes>()
  for (const [party, step] of steps) if (step.kind === 'end') results.set(party, step.result)
  return { results, said }
}
