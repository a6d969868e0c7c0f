import { announce } from '../../announce.ts'
import { byId, show, tagById } from '../../dom.ts'
import { tellFailure } from './tell-failure.ts'
import type { KeysWorld } from './world.ts'

export type StepOptions = {
  /** Id of the button, and of the place for the result. */
  readonly button: string
  readonly result: string
  /** Whether it can be done now. */
  readonly isReady: () => boolean
  /** Does it and says what came of it. */
  readonly run: () => Promise<readonly (Node | string)[]>
}

/** One button of the page: on when it can be done, and its result or failure below it. */
export function startStep(world: KeysWorld, { button, result, isReady, run }: StepOptions): void {
  const control = tagById('button', button)
  const place = byId(result)
  place.tabIndex = -1
  let isRunning = false
  const refresh = () => {
    control.disabled = isRunning || world.desk.ceremony !== undefined || !isReady()
  }
  world.desk.onChange(refresh)
  refresh()
  control.addEventListener('click', async () => {
    isRunning = true
    refresh()
    place.hidden = true
    try {
      show(place, ...(await run()))
    } catch (error) {
      show(place, tellFailure(world, error))
    } finally {
      isRunning = false
      refresh()
      announce(place.textContent ?? '')
      // The button was off, and lost the focus. Whoever is in a pane by now stays there.
      if (document.activeElement === document.body) {
        const next = control.disabled ? place : control
        next.focus({ preventScroll: true })
      }
    }
  })
}
