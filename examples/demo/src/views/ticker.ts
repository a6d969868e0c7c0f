import { byId } from '../dom.ts'
import { count } from '../format.ts'
import type { Monitor } from '../privacy/monitor.ts'
import type { World } from '../world.ts'

/** The three numbers at the top of the page. */
export function startTicker(world: World, monitor: Monitor): void {
  let isDue = false
  world.on('changed', () => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(() => {
      isDue = false
      const { memories, byState } = world.status()
      byId('tick-here').textContent = count(memories)
      byId('tick-certified').textContent = count(byState.certified)
    })
  })
  monitor.onVerdict(({ leaks }) => {
    byId('tick-leaks').textContent = count(leaks.length)
  })
  world.changed()
}
