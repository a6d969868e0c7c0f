import type { DeviceName } from '../names.ts'
import type { Talk } from '../talk.ts'

/**
 * Waits until nobody else has this device open, and then has it until the page ends. A share store is open once at a time.
 * A tab of its own takes the device over; a pane, and a tab that was taken over from, waits its turn.
 */
export function haveDevice(name: DeviceName, talk: Talk): Promise<void> {
  const waits = new URLSearchParams(location.search).has('waits') || window.parent !== window
  talk.on((note) => {
    if (note.type === 'erase') location.reload()
    if (note.type !== 'takeover' || note.name !== name) return
    if (window.parent !== window || waits) location.reload()
    else location.replace(`?waits#${name}`)
  })
  return new Promise((resolve) => {
    void navigator.locks.request(`locket-demo-keys/${name}`, () => {
      resolve()
      return new Promise<never>(() => {})
    })
    if (!waits) talk.post({ type: 'takeover', name })
  })
}
