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

/** How long a page that is just ending may take, in milliseconds. */
const HAND_OVER_MS = 2_000

trustOwnScriptsOnly()
start().catch((error: unknown) => {
  byId('loading').hidden = true
  show(byId('notice'), explainError(error))
})

async function start(): Promise<void> {
  await haveThePage()
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

/** One page has the pretend network and asks the devices. */
function haveThePage(): Promise<void> {
  return new Promise((resolve, reject) => {
    const hold = () => {
      resolve()
      return new Promise<never>(() => {})
    }
    const busy = () => reject(new Error('This page is open in another tab. Use that one, or close it and reload this one.'))
    navigator.locks.request('locket-demo-keys/page', { signal: AbortSignal.timeout(HAND_OVER_MS) }, hold).catch(busy)
  })
}
