import { WebSocket } from 'ws'
import { createNostrRelay } from '../../src/relay/nostr.ts'
import { relayContract } from '../../src/testkit/contract/relay.ts'
import { createFakeClock } from '../../src/testkit/fake-clock.ts'
import { openNostrmini } from '../helpers/nostrmini.ts'

let benchCount = 0

relayContract(
  'nostr',
  async () => {
    const server = openNostrmini()
    const clock = createFakeClock()
    const scope = `contract ${benchCount++}`
    let clients = 0
    return {
      open: async () =>
        createNostrRelay({ url: server.url, scope, webSocket: WebSocket, clock, secretKey: new Uint8Array(32).fill(++clients) }),
      advance: (ms) => clock.advance(ms),
      dispose: async () => server.close(),
    }
  },
  { modelRuns: 5, manyCount: 100 },
)
