import { expect, inject, it } from 'vitest'
import { systemClock, systemEntropy } from '../../src/core/capabilities.ts'
import { createKey } from '../../src/mpc/create-key.ts'
import { invite } from '../../src/mpc/flow.ts'
import { inlineMpcWasm } from '../../src/mpc/inline.ts'
import { meetOver } from '../../src/mpc/meet-over.ts'
import { mpcWorkers } from '../../src/mpc/mpc-workers.ts'
import type { OpenMpc } from '../../src/mpc/port.ts'
import { openShareStore } from '../../src/mpc/share-store.ts'
import { sign } from '../../src/mpc/sign.ts'
import type { Suite } from '../../src/mpc/types.ts'
import { verifySignature } from '../../src/mpc/verify-signature.ts'
import { createBroadcastChannelRelay } from '../../src/relay/broadcast-channel.ts'
import { createMemoryHub, createMemoryRelay } from '../../src/relay/memory.ts'
import type { Relay } from '../../src/relay/port.ts'
import { encodeDeviceCard } from '../../src/relay/session/card.ts'
import { createDeviceIdentity } from '../../src/relay/session/identity.ts'
import { createWebSocketRelay } from '../../src/relay/websocket.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { codeOf } from '../helpers/code-of.ts'
import { cheapUnlock } from '../helpers/mpc/unlock.ts'

/** Workers that are counted until they are terminated. */
function countedWorkers(wasm?: WebAssembly.Module): {
  readonly openMpc: OpenMpc
  readonly alive: () => number
  readonly made: () => number
} {
  let [alive, made] = [0, 0]
  const worker = () => {
    const started = new Worker(new URL('../../src/mpc/mpc-worker.ts', import.meta.url), { type: 'module' })
    const terminate = started.terminate.bind(started)
    started.terminate = () => {
      alive--
      terminate()
    }
    alive++
    made++
    return started
  }
  return { openMpc: mpcWorkers({ worker, wasm }), alive: () => alive, made: () => made }
}

/** Each call gives one device's relay. */
const TRANSPORTS: Readonly<Record<string, () => () => Relay>> = {
  memory() {
    const hub = createMemoryHub()
    return () => createMemoryRelay({ hub })
  },
  'a broadcast channel'() {
    const name = `ceremony ${crypto.randomUUID()}`
    return () => createBroadcastChannelRelay({ name })
  },
  'a WebSocket'() {
    const scope = `ceremony ${crypto.randomUUID()}`
    return () => createWebSocketRelay({ url: inject('relayUrl'), scope, isDurable: false })
  },
}

it.each<[Suite, string]>([
  ['frost-ed25519', 'memory'],
  ['frost-ed25519', 'a broadcast channel'],
  ['frost-ed25519', 'a WebSocket'],
  ['ecdsa-secp256k1', 'memory'],
  ['ecdsa-secp256k1', 'a broadcast channel'],
  ['ecdsa-secp256k1', 'a WebSocket'],
])('makes and uses a key of %s over %s in workers, one for each ceremony, and leaves none', async (suite, transport) => {
  const workers = countedWorkers(await WebAssembly.compile(inlineMpcWasm()))
  const relayOf = (TRANSPORTS[transport] as () => () => Relay)()
  const devices = await Promise.all(
    ['agent', 'person'].map(async (name) => {
      const identity = createDeviceIdentity(systemEntropy())
      const shares = await openShareStore({ store: createMemoryStore(), unlock: cheapUnlock() })
      const meeting = meetOver({ relay: relayOf(), identity })
      return { name, card: encodeDeviceCard(identity.card), party: { shares, meeting, openMpc: workers.openMpc, clock: systemClock() } }
    }),
  )
  const members = devices.map(({ name, card }, at) => ({ index: at + 1, name, card }))
  let invitation = invite()
  const [key] = await Promise.all(
    devices.map(({ party }, at) => createKey(party, { suite, threshold: 2, members, self: at + 1 }, { invitation })),
  )
  const message = new Uint8Array(32).fill(5)
  invitation = invite()
  const request = { keyId: key?.id as string, participants: [1, 2], message }
  const [signature] = await Promise.all(devices.map(({ party }) => sign(party, request, { invitation })))
  expect(await verifySignature({ suite, publicKey: key?.publicKey as Uint8Array, message, signature: signature as Uint8Array })).toBe(true)
  expect([workers.made(), workers.alive()]).toEqual([4, 0])
})

it('finds the core by itself, and says what it cannot do', async () => {
  const { openMpc, alive } = countedWorkers()
  const core = await openMpc()
  const payload = new Uint8Array([1, 0, 0, 0])
  expect(await codeOf(core.call(3, payload))).toBe('usage/invalid-argument')
  // Moved to the worker, not copied.
  expect(payload.length).toBe(0)
  core.close()
  core.close()
  expect(await codeOf(core.call(3, new Uint8Array(4)))).toBe('usage/closed')
  const abort = new AbortController()
  const opening = openMpc({ signal: abort.signal })
  abort.abort(new Error('enough'))
  expect(await codeOf(opening)).toBe('enough')
  const missing = mpcWorkers({ worker: () => new Worker('/nothing/here.js', { type: 'module' }) })
  expect(await codeOf(missing())).toBe('worker/failed')
  expect(alive()).toBe(0)
})
