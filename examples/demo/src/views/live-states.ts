import type { World } from '../world.ts'
import { STATE_WORDS } from './state-words.ts'

/** Keeps what cards say of their memory's state true while the page stands. */
export function keepStatesTrue(world: World): void {
  world.onState(({ id, state }) => {
    for (const label of document.querySelectorAll(`[data-memory="${id}"]`)) {
      label.className = `state ${state}`
      label.textContent = state === 'forgotten' ? 'Forgotten' : STATE_WORDS[state]
      if (state !== 'forgotten') continue
      for (const action of label.closest('article')?.querySelectorAll('button') ?? []) action.disabled = true
    }
  })
}
