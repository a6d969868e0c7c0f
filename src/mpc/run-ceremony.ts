import type { AbortOptions } from '../core/abort.ts'
import { byteReader } from '../core/byte-reader.ts'
import { concatBytes, type Bytes } from '../core/bytes.ts'
import { OP_ADVANCE, OP_CLOSE, OP_OPEN } from './operations.ts'
import type { Mpc } from './port.ts'
import { decodeStep, encodeInbox, readStep, type Received, type Step } from './step.ts'
import { sized, u32 } from './wire.ts'

/** One round as it leaves: the same for everybody, and for each alone. */
export type Outgoing = { readonly round: number; readonly broadcast: Bytes; readonly direct: ReadonlyMap<number, Bytes> }

/** Hands one round to every other party and gives back theirs, authenticated: part 6 of `wasm/SPEC.md`. */
export type Exchange = (outgoing: Outgoing, options: AbortOptions) => Promise<ReadonlyMap<number, Received>>

/** How far a ceremony is. */
export type CeremonyProgress = { readonly round: number; readonly doing: 'computing' | 'exchanging' }

export type CeremonyRun = AbortOptions & {
  readonly mpc: Mpc
  readonly suite: number
  readonly protocol: number
  /** Overwritten: it usually holds a share. */
  readonly parameters: Bytes
  readonly exchange: Exchange
  readonly onProgress?: ((progress: CeremonyProgress) => void) | undefined
}

/**
 * Runs one ceremony to its end: a step of the core, an exchange of the
 * session, and so on. Each round is computed once and sent once by the core's
 * own rule; what did not end here can never be resumed, only begun anew.
 *
 * @returns the result. Overwrite it when it is a secret.
 * @throws {LocketError} as the core and the session report; the handle is given back either way.
 */
export async function runCeremony(run: CeremonyRun): Promise<Bytes> {
  const { mpc, exchange, onProgress, signal } = run
  onProgress?.({ round: 0, doing: 'computing' })
  const request = concatBytes(Uint8Array.of(run.suite, run.protocol), ...sized(run.parameters))
  run.parameters.fill(0)
  const first = await mpc.call(OP_OPEN, request, { signal })
  const opened = byteReader(first, 'mpc.open')
  const handle = opened.u32()
  let isOpen = true
  try {
    let step: Step = readStep(opened)
    opened.end()
    first.fill(0)
    while (step.kind === 'send') {
      const { round, broadcast, direct } = step
      onProgress?.({ round, doing: 'exchanging' })
      const inbox = encodeInbox(await exchange({ round, broadcast, direct }, { signal }))
      onProgress?.({ round, doing: 'computing' })
      // A handle whose operation failed is gone: it must not be closed a second time.
      isOpen = false
      const answer = await mpc.call(OP_ADVANCE, concatBytes(u32(handle), inbox), { signal })
      inbox.fill(0)
      step = decodeStep(answer)
      answer.fill(0)
      isOpen = true
    }
    isOpen = false
    return step.result
  } finally {
    if (isOpen) await mpc.call(OP_CLOSE, u32(handle)).catch(() => undefined)
  }
}
