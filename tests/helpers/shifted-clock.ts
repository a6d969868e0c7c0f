import { systemClock, type Clock } from '../../src/core/capabilities.ts'

/** The platform's clock, which can be set forward. Sleepers sleep as long as they would have. */
export function createShiftedClock(): Clock & { advance(ms: number): Promise<void> } {
  const clock = systemClock()
  let aheadMs = 0
  return {
    nowMs: () => clock.nowMs() + aheadMs,
    sleep: clock.sleep,
    async advance(ms) {
      aheadMs += ms
    },
  }
}
