import type { Tabs } from './port.ts'

/** The platform's tabs, or `undefined` where it lacks Web Locks or BroadcastChannel: in an insecure context, for one. */
export function browserTabs(): Tabs | undefined {
  const { BroadcastChannel: Channel, navigator } = globalThis
  const locks = navigator?.locks
  if (locks === undefined || Channel === undefined) return undefined
  return Object.freeze<Tabs>({ locks, openChannel: (name) => new Channel(name) })
}
