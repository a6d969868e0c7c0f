import type { World } from '../world.ts'
import { STATE_WORDS } from './state-words.ts'

/** Keeps what cards say of their memory's state true while the page stands. */
export function keepStatesTrue(world: World): void {
  world.onState(({ id, state }) => {
    if (state === 'forgotten') return
    for (const label of document.querySelectorAll(`[data-memory="${id}"]`)) {
      label.className = `state ${state}`
      label.textContent = STATE_WORDS[state]
    }
  })
}
