import { LocketError, type WireError } from '@locket/sdk'
import { el } from '../../dom.ts'
import { explainError } from '../../plain-words.ts'
import { isDeviceName, TITLES } from '../names.ts'
import { CeremonyFailed } from './ceremony-failed.ts'
import type { KeysWorld } from './world.ts'

/** What went wrong, device by device: its typed error, and whom that blames. */
export function tellFailure(world: KeysWorld, error: unknown): HTMLElement {
  const failed = causeOf(error)
  if (failed === undefined) return explainError(error)
  const rows = [...failed.outcomes].map(([name, outcome]) => {
    const told = outcome.ok
      ? [el('p', {}, outcome.signature === undefined ? 'Did its part.' : 'Has the signature: all it needed from the other was true.')]
      : tell(world, outcome.error)
    return el('li', {}, el('h3', {}, TITLES[name]), ...told)
  })
  return el('ul', { class: 'outcomes' }, ...rows)
}

/** It may come wrapped, by whoever asked for the signature. */
function causeOf(error: unknown): CeremonyFailed | undefined {
  if (error instanceof CeremonyFailed) return error
  return error instanceof Error && error.cause !== undefined ? causeOf(error.cause) : undefined
}

function tell(world: KeysWorld, failure: WireError | { readonly message: string }): HTMLElement[] {
  if (!('code' in failure)) return [el('p', {}, failure.message)]
  return [explainError(LocketError.fromWire(failure)), el('p', { class: 'blame' }, blame(world, failure))]
}

/** Whom an error blames, and why, or why nobody. */
function blame(world: KeysWorld, { code, details }: WireError): string {
  const named = world.key?.members.find(({ index }) => index === details['party'])?.name
  const who = named !== undefined && isDeviceName(named) ? TITLES[named] : undefined
  if (who !== undefined && code === 'mpc/misbehaved') {
    return `Blames ${who}: what it sent is well formed and wrong, and it is signed by its device. No honest device sends that.`
  }
  if (who !== undefined && code === 'mpc/banned') {
    return `Blames ${who}, and never signs with it again: this check, failed often enough, would leak the key bit by bit.`
  }
  if (code === 'session/setup-mismatch')
    return 'Blames nobody: two devices mean different things, and that alone does not tell which is wrong.'
  if (code === 'session/gone') return 'Blames nobody: the other left, and may have had to.'
  if (code === 'session/spent')
    return 'Blames nobody: a device that has begun a signature and lost it must not begin it again, or it could give its share away.'
  if (details['parameter'] === 'participants') return 'Blames nobody: for this device, the other is no member of the key any more.'
  return 'Blames nobody.'
}
