import { byId, show } from '../dom.ts'
import { explainError } from '../plain-words.ts'
import { createMonitor } from '../privacy/monitor.ts'
import { trustOwnScriptsOnly } from '../trusted-types.ts'
import { startGreeting } from './stage/greet.ts'
import { startMaking } from './stage/make.ts'
import { startNow } from './stage/now.ts'
import { startLocket } from './stage/own-locket.ts'
import { startPanes } from './stage/panes.ts'
import { startPaying } from './stage/pay.ts'
import { mergeLogs, openRelayLog } from './stage/relay-log.ts'
import { createRelayView, startVerdict } from './stage/relay-view.ts'
import { startReplacing } from './stage/replace.ts'
import { finishStartingOver, startOverButton } from './stage/start-over.ts'
import { openKeysWorld } from './stage/world.ts'
import { openTalk } from './talk.ts'

trustOwnScriptsOnly()
start().catch((error: unknown) => show(byId('notice'), explainError(error)))

async function start(): Promise<void> {
  await finishStartingOver()
  const talk = openTalk()
  const view = createRelayView()
  const relayed = openRelayLog(view.add)
  const world = await openKeysWorld(talk)
  const monitor = createMonitor(mergeLogs(world.network.requests, relayed))
  startVerdict(monitor)
  startNow(world)
  const panes = startPanes(world)
  startMaking(world)
  startPaying(world)
  startLocket(world, monitor)
  startGreeting(world)
  startReplacing(world, panes)
  startOverButton(world, talk)
  byId('loading').hidden = true
}
