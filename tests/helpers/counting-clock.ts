import { type Clock, systemClock } from '../../src/core/capabilities.ts'

/** The platform's clock, counting how often it was slept on. */
export function countingClock(): { readonly clock: Clock; readonly turns: () => number } {
  const system = systemClock()
  let turns = 0
  return {
    clock: {
      nowMs: () => system.nowMs(),
      sleep(ms, options) {
        turns++
        return system.sleep(ms, options)
      },
    },
    turns: () => turns,
  }
}
