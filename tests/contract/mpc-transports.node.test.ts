import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock, systemEntropy } from '../../src/core/capabilities.ts'
import { createKey } from '../../src/mpc/create-key.ts'
import { invite } from '../../src/mpc/flow.ts'
import { loadMpc } from '../../src/mpc/load-mpc.ts'
import { meetOver } from '../../src/mpc/meet-over.ts'
import { openShareStore } from '../../src/mpc/share-store.ts'
import { sign } from '../../src/mpc/sign.ts'
import type { Suite } from '../../src/mpc/types.ts'
import { verifySignature } from '../../src/mpc/verify-signature.ts'
import { createBroadcastChannelRelay } from '../../src/relay/broadcast-channel.ts'
import { createNatsRelay } from '../../src/relay/nats.ts'
import { createNostrRelay } from '../../src/relay/nostr.ts'
import type { Relay } from '../../src/relay/port.ts'
import { openRelayServer } from '../../src/relay/server/open-relay-server.ts'
import { encodeDeviceCard } from '../../src/relay/session/card.ts'
import { createDeviceIdentity } from '../../src/relay/session/identity.ts'
import { createWebSocketRelay, type WebSocketLike } from '../../src/relay/websocket.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createLeakWatch } from '../helpers/mpc/leak-watch.ts'
import { mpcModule } from '../helpers/mpc/real-world.ts'
import { cheapUnlock } from '../helpers/mpc/unlock.ts'
import { startNatsServer } from '../helpers/nats-server.ts'
import { openNostrmini } from '../helpers/nostrmini.ts'

type Bench = { open(at: number): Promise<Relay>; restart?(): Promise<void>; close(): Promise<void> }

const limits = { requestsPerMinute: 1e6, messagesPerMinute: 1e6, mailboxesPerDay: 1e6, connectionsPerAddress: 1_000 }

/** The servers of the contract tests beside this, with the system's clock. */
const TRANSPORTS: Readonly<Record<string, () => Promise<Bench>>> = {
  async 'a broadcast channel'() {
    return { open: async () => createBroadcastChannelRelay({ name: 'a ceremony' }), close: async () => undefined }
  },
  async 'a WebSocket'() {
    const directory = await mkdtemp(join(tmpdir(), 'locket-relay-'))
    let server = await openRelayServer({ directory, limits })
    const { url } = server
    return {
      open: async () => createWebSocketRelay({ url, connect: (to, protocol) => new WebSocket(to, protocol) as WebSocketLike }),
      async restart() {
        await server.close()
        server = await openRelayServer({ directory, limits, port: Number(new URL(url).port) })
      },
      async close() {
        await server.close()
        await rm(directory, { recursive: true })
      },
    }
  },
  async NATS() {
    const server = await startNatsServer()
    const wsFactory = async (url: string) => ({ socket: new WebSocket(url.replace('wss:', 'ws:')), encrypted: false })
    return {
      open: async () => createNatsRelay({ url: server.url, connection: { wsFactory } }),
      restart: () => server.restart(),
      close: () => server.close(),
    }
  },
  async Nostr() {
    const server = openNostrmini()
    return {
      open: async (at) =>
        createNostrRelay({ url: server.url, scope: 'a ceremony', webSocket: WebSocket, secretKey: new Uint8Array(32).fill(at + 1) }),
      close: async () => server.close(),
    }
  },
}

const CASES = Object.keys(TRANSPORTS).flatMap((transport) =>
  (['frost-ed25519', 'ecdsa-secp256k1'] as Suite[]).map((suite) => [suite, transport] as const),
)

it.each(CASES)(
  'a key of %s is made and signs over %s, through its restart where it has a server that keeps mail',
  async (suite, transport) => {
    const bench = await (TRANSPORTS[transport] as () => Promise<Bench>)()
    const wasm = await mpcModule()
    const leaks = createLeakWatch()
    const relays: Relay[] = []
    let sent = 0
    let restarted: Promise<void> | undefined
    const devices = await Promise.all(
      ['agent', 'person'].map(async (name, at) => {
        const inner = await bench.open(at)
        relays.push(inner)
        const relay: Relay = {
          ...inner,
          async send(...given) {
            // In the middle: after the handshake, before the rounds are over.
            if (++sent === 12 && bench.restart !== undefined) restarted = bench.restart()
            await inner.send(...given)
          },
        }
        const identity = createDeviceIdentity(systemEntropy())
        const shares = await openShareStore({ store: createMemoryStore(), unlock: cheapUnlock() })
        const meeting = meetOver({ relay: leaks.watch(relay), identity })
        return {
          name,
          card: encodeDeviceCard(identity.card),
          party: { shares, meeting, openMpc: () => loadMpc({ wasm }), clock: systemClock() },
        }
      }),
    )
    const members = devices.map(({ name, card }, at) => ({ index: at + 1, name, card }))
    let invitation = invite()
    const keys = await Promise.all(
      devices.map(({ party }, at) => createKey(party, { suite, threshold: 2, members, self: at + 1 }, { invitation })),
    )
    const [key] = keys as [(typeof keys)[number]]
    expect(keys.map(({ id }) => id)).toEqual([key.id, key.id])
    if (bench.restart !== undefined) expect(restarted).toBeDefined()
    await restarted
    invitation = invite()
    const message = new Uint8Array(32).fill(7)
    const request = { keyId: key.id, participants: [1, 2], message }
    const signatures = await Promise.all(devices.map(({ party }) => sign(party, request, { invitation })))
    for (const signature of signatures) expect(await verifySignature({ suite, publicKey: key.publicKey, message, signature })).toBe(true)
    const canaries = await Promise.all(devices.map(async ({ party }) => (await party.shares.share(key.id)).slice(-32)))
    await leaks.check(canaries, [])
    for (const relay of relays) await relay.close()
    await bench.close()
  },
  60_000,
)
