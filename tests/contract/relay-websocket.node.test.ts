import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { openRelayServer, type RelayServer } from '../../src/relay/server/open-relay-server.ts'
import { createWebSocketRelay, type WebSocketLike } from '../../src/relay/websocket.ts'
import { relayContract } from '../../src/testkit/contract/relay.ts'
import { createFakeClock } from '../../src/testkit/fake-clock.ts'

const limits = { requestsPerMinute: 1e6, messagesPerMinute: 1e6, mailboxesPerDay: 1e6, connectionsPerAddress: 1_000 }
const connect = (url: string, protocol: string) => new WebSocket(url, protocol) as WebSocketLike

relayContract('websocket', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'locket-relay-'))
  const clock = createFakeClock()
  let server: RelayServer = await openRelayServer({ directory, clock, limits })
  const { url } = server
  return {
    open: async () => createWebSocketRelay({ url, connect }),
    async advance(ms) {
      await clock.advance(ms)
    },
    async restart() {
      await server.close()
      server = await openRelayServer({ directory, clock, limits, port: Number(new URL(url).port) })
    },
    async dispose() {
      await server.close()
      await rm(directory, { recursive: true })
    },
  }
})
