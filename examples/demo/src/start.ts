import { createMonitor } from './privacy/monitor.ts'
import { startAsk } from './views/ask.ts'
import { startBackup } from './views/backup.ts'
import { startBreaking } from './views/breaking.ts'
import { startFirstImport } from './views/first-import.ts'
import { keepStatesTrue } from './views/live-states.ts'
import { startMonitorView } from './views/monitor.ts'
import { startOverButton } from './views/start-over.ts'
import { startTicker } from './views/ticker.ts'
import { startWrite } from './views/write.ts'
import { openWorld } from './world.ts'

/** Opens the locket and brings the page to life, part by part. */
export async function start(): Promise<void> {
  const world = await openWorld()
  const monitor = createMonitor(world.network.requests)
  keepStatesTrue(world)
  startTicker(world, monitor)
  startAsk(world, monitor)
  startBackup(world)
  startWrite(world, monitor)
  startMonitorView(monitor)
  startOverButton(world)
  const imported = startFirstImport(world, monitor)
  startBreaking(world, monitor, imported)
  await imported
}
