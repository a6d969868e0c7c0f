import { inject } from 'vitest'
import { createBroadcastChannelRelay } from '../../src/relay/broadcast-channel.ts'
import { createNatsRelay } from '../../src/relay/nats.ts'
import { createWebSocketRelay } from '../../src/relay/websocket.ts'
import { relayContract } from '../../src/testkit/contract/relay.ts'
import { createShiftedClock } from '../helpers/shifted-clock.ts'

/** A name of its own for each bench: the servers are shared. */
let benchCount = 0
const scopeOfBench = () => `bench ${benchCount++} of ${crypto.randomUUID()}`

relayContract('broadcast channel in Chromium', async () => {
  const clock = createShiftedClock()
  const name = scopeOfBench()
  return { open: async () => createBroadcastChannelRelay({ name, clock }), advance: clock.advance }
})

relayContract(
  'websocket in Chromium',
  async () => {
    const scope = scopeOfBench()
    return { open: async () => createWebSocketRelay({ url: inject('relayUrl'), scope, isDurable: false }) }
  },
  { modelRuns: 5 },
)

relayContract(
  'nats in Chromium',
  async () => {
    const scope = scopeOfBench()
    const clock = createShiftedClock()
    return { open: async () => createNatsRelay({ url: inject('natsUrl'), scope, clock }), advance: clock.advance }
  },
  { modelRuns: 3, manyCount: 100 },
)
