import { WebSocket } from 'ws'
import { createNatsRelay } from '../../src/relay/nats.ts'
import { relayContract } from '../../src/testkit/contract/relay.ts'
import { startNatsServer } from '../helpers/nats-server.ts'
import { createShiftedClock } from '../helpers/shifted-clock.ts'

/** As the library's own, with a socket of `ws`. */
const wsFactory = async (url: string) => ({ socket: new WebSocket(url.replace('wss:', 'ws:')), encrypted: false })

relayContract(
  'nats',
  async () => {
    const server = await startNatsServer()
    const clock = createShiftedClock()
    return {
      open: async () => createNatsRelay({ url: server.url, connection: { wsFactory }, clock }),
      advance: (ms) => clock.advance(ms),
      restart: () => server.restart(),
      dispose: () => server.close(),
    }
  },
  { modelRuns: 3, manyCount: 100 },
)
