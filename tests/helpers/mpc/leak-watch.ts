import type { Bytes } from '../../../src/core/bytes.ts'
import type { Relay } from '../../../src/relay/port.ts'
import { createPrivacyRecorder } from '../../../src/testkit/privacy-recorder.ts'
import type { Disk } from './disk.ts'

/** Whatever leaves a device, searched for what must not. One run at a time: what was searched is forgotten. */
export type LeakWatch = {
  watch(relay: Relay): Relay
  /** Errors as an application would log them. */
  error(error: unknown): void
  /** Searches traffic, errors and disks for the canaries, in every spelling the privacy recorder knows. Throws where one is found. */
  check(canaries: readonly Bytes[], disks: readonly Disk[]): Promise<void>
  /** How many crossings were searched so far. */
  readonly searched: number
}

export function createLeakWatch(): LeakWatch {
  let recorder = createPrivacyRecorder()
  let searched = 0
  return {
    get searched() {
      return searched
    },
    watch: (inner) => ({
      ...inner,
      send(mailbox, body, options) {
        recorder.record('relay', mailbox)
        recorder.record('relay', body)
        return inner.send(mailbox, body, options)
      },
    }),
    error(error) {
      const { stack, cause } = error as Error
      recorder.record('error', `${String(error)} ${JSON.stringify(error)} ${stack} ${String(cause)}`)
    },
    async check(canaries, disks) {
      for (const disk of disks) for (const value of await disk.contents()) recorder.record('disk', value)
      searched += recorder.crossings.length
      recorder.expectNoPlaintext(canaries)
      recorder = createPrivacyRecorder()
    },
  }
}
