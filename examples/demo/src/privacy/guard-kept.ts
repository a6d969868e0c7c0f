import type { World } from '../world.ts'
import type { Monitor } from './monitor.ts'

/** Guards every text that is on this device, whichever way it came. */
export async function guardKept(world: World, monitor: Monitor): Promise<void> {
  const texts: string[] = []
  for await (const { text } of world.locket.all()) texts.push(text)
  monitor.guard(texts)
}
