import type { Clock } from '../../src/core/capabilities.ts'
import { randomBytes } from '../../src/core/capabilities.ts'
import { isLocketError } from '../../src/core/errors.ts'
import { createMemoryHub, createMemoryRelay, type MemoryHub } from '../../src/relay/memory.ts'
import type { Relay } from '../../src/relay/port.ts'
import { createDeviceIdentity, type DeviceIdentity } from '../../src/relay/session/identity.ts'
import { openSession, type OpenSessionOptions } from '../../src/relay/session/open-session.ts'
import type { SessionSetup } from '../../src/relay/session/setup.ts'
import type { Session, SessionEvent } from '../../src/relay/session/types.ts'
import { createFakeClock, type FakeClock } from '../../src/testkit/fake-clock.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'

export const MINUTE_MS = 60_000

/** Several devices, one clock, one hub, and a setup among all of them. */
export type SessionWorld = {
  readonly clock: FakeClock
  readonly hub: MemoryHub
  readonly setup: SessionSetup
  readonly identities: readonly DeviceIdentity[]
  readonly events: SessionEvent[][]
  /** What the device at `position` opens its session with. */
  options(position: number, changes?: Partial<OpenSessionOptions>): OpenSessionOptions
  /** Everybody's session, opened at once. */
  openAll(changes?: (position: number) => Partial<OpenSessionOptions>): Promise<readonly Session[]>
  /** Moves the clock until `promise` settles. */
  drive<T>(promise: Promise<T>, limitMs?: number): Promise<T>
}

const known: DeviceIdentity[] = []

/** The same devices in every world: their keys take time to make. */
export function identityAt(position: number): DeviceIdentity {
  while (known.length <= position) known.push(createDeviceIdentity(createSeededEntropy(`device ${known.length}`)))
  return known[position] as DeviceIdentity
}

export function createSessionWorld(
  count: number,
  options: {
    readonly seed?: number | string
    readonly minutes?: number
    readonly relay?: (position: number, relay: Relay, clock: Clock) => Relay
    readonly maxBodyBytes?: number
    readonly setup?: Partial<SessionSetup>
  } = {},
): SessionWorld {
  const { seed = 'world', minutes = 10, maxBodyBytes } = options
  const clock = createFakeClock()
  const hub = createMemoryHub({ clock })
  const entropy = createSeededEntropy(`setup ${seed}`)
  const identities = Array.from({ length: count }, (_, i) => identityAt(i))
  const setup: SessionSetup = {
    ceremonyId: randomBytes(entropy, 32),
    protocol: 'toy',
    suite: 'toy-1',
    keyId: randomBytes(entropy, 16),
    epoch: 3,
    threshold: 2,
    partyCount: count,
    parties: identities.map(({ card }, i) => ({ index: i + 1, card })),
    context: randomBytes(entropy, 40),
    expiresAtMs: clock.nowMs() + minutes * MINUTE_MS,
    ...options.setup,
  }
  const events: SessionEvent[][] = identities.map(() => [])
  const world: SessionWorld = {
    clock,
    hub,
    setup,
    identities,
    events,
    options(position, changes = {}) {
      const relay = createMemoryRelay({ hub, maxBodyBytes })
      return {
        relay: options.relay?.(position, relay, clock) ?? relay,
        clock,
        entropy: createSeededEntropy(`${seed} party ${position}`),
        identity: identities[position] as DeviceIdentity,
        setup,
        onEvent: (event) => void events[position]?.push(event),
        ...changes,
      }
    },
    openAll(changes = () => ({})) {
      return world.drive(Promise.all(identities.map((_, i) => openSession(world.options(i, changes(i))))))
    },
    drive: (promise, limitMs) => drive(clock, promise, limitMs),
  }
  return world
}

/** Moves `clock` on until `promise` settles. Fails if it has not within `limitMs` of the clock. */
export async function drive<T>(clock: FakeClock, promise: Promise<T>, limitMs: number = 60 * MINUTE_MS): Promise<T> {
  let isSettled = false
  const settle = () => {
    isSettled = true
  }
  promise.then(settle, settle)
  const untilMs = clock.nowMs() + limitMs
  for (;;) {
    await turns()
    if (isSettled) return promise
    if (clock.nowMs() >= untilMs) throw new Error(`nothing happened within ${limitMs} ms of the clock`)
    await clock.advance(500)
  }
}

/** Lets everything run that waits for no clock. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** `ok`, or the code an outcome failed with. */
export function outcomeOf(outcome: PromiseSettledResult<unknown>): string {
  if (outcome.status === 'fulfilled') return 'ok'
  return isLocketError(outcome.reason) ? outcome.reason.code : String(outcome.reason)
}
