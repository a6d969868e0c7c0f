import { utf8, type Bytes } from '../../../src/core/bytes.ts'
import { createKey } from '../../../src/mpc/create-key.ts'
import { invite, type Party } from '../../../src/mpc/flow.ts'
import type { OpenMpc } from '../../../src/mpc/port.ts'
import { openShareStore, type ShareStore } from '../../../src/mpc/share-store.ts'
import type { Member, Suite, ThresholdKey } from '../../../src/mpc/types.ts'
import type { BlobStore } from '../../../src/store/port.ts'
import { createFakeClock, type FakeClock } from '../../../src/testkit/fake-clock.ts'
import { createSeededEntropy } from '../../../src/testkit/seeded-entropy.ts'
import { createDisk, type Disk } from './disk.ts'
import { createToyCore, type ToyPlan } from './toy-core.ts'
import { createToySessions, toyIdentity, type Tap } from './toy-sessions.ts'
import { cheapUnlock } from './unlock.ts'

/** One device that can be closed, opened again, and restored from a copy of its disk. */
export type Device = {
  readonly name: string
  readonly card: Bytes
  disk: Disk
  anchor: Disk
  party: Party
  plan: ToyPlan
  /** Opens its shares anew, as after a crash; `wrap` puts faults between. */
  reopen(wrap?: (store: BlobStore) => BlobStore): Promise<ShareStore>
}

/** Devices that meet without a relay and sign with a toy core, or with `core`. */
export async function createToyWorld(names: readonly string[], core?: OpenMpc) {
  const options: { tap?: Tap } = {}
  const sessions = createToySessions(options)
  const clock: FakeClock = createFakeClock()
  let openings = 0

  const deviceOf = async (name: string): Promise<Device> => {
    const { secretKey, card } = toyIdentity(name)
    const device: Device = {
      name,
      card,
      disk: createDisk(),
      anchor: createDisk(),
      plan: () => undefined,
      party: undefined as unknown as Party,
      async reopen(wrap = (store) => store) {
        const entropy = createSeededEntropy(`${name} ${openings++}`)
        const shares = await openShareStore({
          store: wrap(device.disk.open()),
          anchor: device.anchor.open(),
          unlock: cheapUnlock(),
          entropy,
        })
        const openMpc = core ?? (async () => createToyCore((call) => device.plan(call)))
        device.party = { shares, openMpc, meeting: sessions.meetAs(secretKey), clock }
        return shares
      },
    }
    await device.reopen()
    return device
  }
  const devices = await Promise.all(names.map(deviceOf))
  let ceremonies = 0

  return {
    clock,
    devices,
    deviceOf,
    sessions,
    /** Set to look at, alter or lose messages. */
    set tap(tap: Tap | undefined) {
      if (tap === undefined) delete options.tap
      else options.tap = tap
    },
    /** An invitation nobody shares with another ceremony. */
    invite: (timeoutMs?: number) => ({
      invitation: invite({ clock, timeoutMs, entropy: createSeededEntropy(`ceremony ${ceremonies++}`) }),
    }),
    members: (): readonly Member[] => devices.map(({ name, card }, at) => ({ index: at + 1, name, card })),
    async create(suite: Suite = 'frost-ed25519', threshold = 2): Promise<ThresholdKey> {
      const deadline = this.invite()
      const members = this.members()
      const keys = await Promise.all(
        devices.map(({ party }, at) => createKey(party, { suite, threshold, members, self: at + 1 }, deadline)),
      )
      return keys[0] as ThresholdKey
    },
  }
}

export const hello: Bytes = utf8('hello')
