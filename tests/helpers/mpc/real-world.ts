import { readFile } from 'node:fs/promises'
import type { Bytes } from '../../../src/core/bytes.ts'
import { createKey } from '../../../src/mpc/create-key.ts'
import { invite, type Party } from '../../../src/mpc/flow.ts'
import { loadMpc } from '../../../src/mpc/load-mpc.ts'
import type { OpenMpc } from '../../../src/mpc/port.ts'
import { meetOver } from '../../../src/mpc/meet-over.ts'
import { openShareStore } from '../../../src/mpc/share-store.ts'
import { sign } from '../../../src/mpc/sign.ts'
import type { Member, Suite, ThresholdKey } from '../../../src/mpc/types.ts'
import { createMemoryHub, createMemoryRelay } from '../../../src/relay/memory.ts'
import type { Relay } from '../../../src/relay/port.ts'
import { encodeDeviceCard } from '../../../src/relay/session/card.ts'
import type { SessionEvent } from '../../../src/relay/session/types.ts'
import type { BlobStore } from '../../../src/store/port.ts'
import { createFakeClock, type FakeClock } from '../../../src/testkit/fake-clock.ts'
import { createSeededEntropy } from '../../../src/testkit/seeded-entropy.ts'
import { createAead } from '../../../src/crypto/aead.ts'
import { identityAt, turns } from '../session-world.ts'
import { createDisk, type Disk } from './disk.ts'
import { cheapUnlock } from './unlock.ts'

/** A device with the real core, the real sessions, and a relay in memory. */
export type RealDevice = { readonly name: string; readonly card: Bytes; readonly disk: Disk; readonly party: Party }

let compiled: Promise<WebAssembly.Module> | undefined

/** The committed `mpc.wasm`, compiled once. */
export function mpcModule(): Promise<WebAssembly.Module> {
  compiled ??= readFile(new URL('../../../src/mpc/mpc.wasm', import.meta.url)).then((bytes) => WebAssembly.compile(bytes))
  return compiled
}

export async function createRealWorld(
  names: readonly string[],
  settings: {
    readonly seed?: string
    readonly relay?: (at: number, relay: Relay, clock: FakeClock) => Relay
    readonly wrap?: (at: number, store: BlobStore) => BlobStore
    /** Instead of the real core, or around it. */
    readonly openMpc?: (at: number, real: OpenMpc) => OpenMpc
    readonly anchor?: (at: number) => BlobStore
    readonly onEvent?: (event: SessionEvent) => void
    /** How far the clock goes at once, in milliseconds. */
    readonly stepMs?: number
  } = {},
) {
  const { seed = 'real', wrap = (_, store) => store, stepMs = 100 } = settings
  const wasm = await mpcModule()
  const clock = createFakeClock()
  const hub = createMemoryHub({ clock })
  let ceremonies = 0
  let loading = 0
  /** What is loaded takes no time by the clock. */
  const loaded = async <T>(promise: Promise<T>): Promise<T> => {
    loading++
    return promise.finally(() => loading--)
  }
  // Loaded by the first signature otherwise.
  await Promise.all([import('@noble/curves/ed25519.js'), import('@noble/curves/secp256k1.js')])

  const devices: RealDevice[] = []
  for (const [at, name] of names.entries()) {
    const entropy = createSeededEntropy(`${seed} ${name}`)
    const disk = createDisk()
    const shares = await openShareStore({
      store: wrap(at, disk.open()),
      anchor: settings.anchor?.(at),
      unlock: cheapUnlock(),
      entropy,
      aead: createAead({ subtle: null }),
    })
    const identity = identityAt(at)
    const memory = createMemoryRelay({ hub })
    const relay = settings.relay?.(at, memory, clock) ?? memory
    const meeting = meetOver({ relay, identity, clock, entropy, onEvent: settings.onEvent })
    const real: OpenMpc = () => loaded(loadMpc({ wasm, entropy }))
    devices.push({
      name,
      card: encodeDeviceCard(identity.card),
      disk,
      party: { shares, openMpc: settings.openMpc?.(at, real) ?? real, meeting, clock },
    })
  }

  const world = {
    clock,
    devices,
    invite: (timeoutMs?: number) => ({
      invitation: invite({ clock, timeoutMs, entropy: createSeededEntropy(`${seed} ceremony ${ceremonies++}`) }),
    }),
    members: (): readonly Member[] => devices.map(({ name, card }, at) => ({ index: at + 1, name, card })),
    party: (index: number): Party => (devices[index - 1] as RealDevice).party,
    /** Runs what needs the clock to move. */
    async run<T>(promise: Promise<T>): Promise<T> {
      let isSettled = false
      const settle = () => {
        isSettled = true
      }
      promise.then(settle, settle)
      for (;;) {
        await turns()
        if (isSettled) return promise
        if (loading === 0) await clock.advance(stepMs)
      }
    },
    async create(suite: Suite, threshold = 2): Promise<ThresholdKey> {
      const options = world.invite()
      const members = world.members()
      const making = devices.map(({ party }, at) => createKey(party, { suite, threshold, members, self: at + 1 }, options))
      return (await world.run(Promise.all(making)))[0] as ThresholdKey
    },
    async sign(key: ThresholdKey, participants: readonly number[], message: Bytes, path?: string): Promise<Bytes> {
      const options = world.invite()
      const request = { keyId: key.id, participants, message, path }
      const [signature] = await world.run(Promise.all(participants.map((index) => sign(world.party(index), request, options))))
      return signature as Bytes
    },
  }
  return world
}

export type RealWorld = Awaited<ReturnType<typeof createRealWorld>>
