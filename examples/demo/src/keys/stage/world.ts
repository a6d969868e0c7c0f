import { localnet, type InProcessLocalnet, type LocalnetSnapshot } from '@locket/sdk/localnet'
import { createSuiSigner, invite, type SuiThresholdSigner, type ThresholdKey } from '@locket/sdk/mpc'
import { createKeptStore } from '../../kept-store.ts'
import type { DeviceName } from '../names.ts'
import type { Talk } from '../talk.ts'
import { assertAll, CeremonyFailed } from './ceremony-failed.ts'
import { openDesk, type Desk } from './desk.ts'

const { keep, kept, drop } = createKeptStore<{
  readonly network: LocalnetSnapshot
  /** The key that this page works with. */
  readonly keyId: string
}>('locket-demo-keys/pretend-network')

/** Long enough to find one's other device. */
const TIMEOUT_MS = 300_000

/** The pretend network, the devices, and the key they have made. */
export type KeysWorld = {
  readonly network: InProcessLocalnet
  readonly desk: Desk
  /** As the device knows it that is furthest ahead. */
  readonly key: ThresholdKey | undefined
  /** The two that are asked for signatures. */
  signers: readonly DeviceName[]
  useKey(key: ThresholdKey): Promise<void>
  /** How many signatures have been asked of devices since the page began. */
  readonly askedCount: number
  /** The key as a wallet of Sui: each signature is asked of two devices. */
  signer(): Promise<SuiThresholdSigner>
  keepNetwork(): Promise<void>
  drop(): Promise<void>
}

export async function openKeysWorld(talk: Talk): Promise<KeysWorld> {
  const snapshot = await kept('network')
  const network = await localnet({ snapshot, requestsKeptCount: 3_000 })
  let keyId = await kept('keyId')
  const desk = openDesk(talk)
  let askedCount = 0

  const world: KeysWorld = {
    network,
    desk,
    signers: [],
    get askedCount() {
      return askedCount
    },
    get key() {
      const known = [...desk.roster.values()].flatMap(({ keys }) => keys.filter(({ id }) => id === keyId))
      return known.toSorted((a, b) => b.epoch - a.epoch)[0]
    },
    async useKey(key) {
      keyId = key.id
      await keep('keyId', key.id)
      const signer = await world.signer()
      await network.faucet(signer.toSuiAddress(), { sui: 100, wal: 100 })
      await world.keepNetwork()
    },
    async signer() {
      const { key } = world
      if (key === undefined) throw new Error('There is no key yet.')
      return createSuiSigner({
        key,
        async sign({ intent, bytes }) {
          askedCount++
          const names = [...world.signers]
          const task = {
            kind: 'sign',
            keyId: key.id,
            names,
            request: { intent, bytes },
            invitation: invite({ timeoutMs: TIMEOUT_MS }),
          } as const
          const outcomes = await desk.ask(names, task)
          // A device that lies may well have a signature; what the other says of it must be seen.
          const [first] = assertAll(outcomes).values()
          if (first?.ok === true && first.signature !== undefined) return first.signature
          throw new CeremonyFailed(outcomes)
        },
      })
    },
    keepNetwork: async () => void (await keep('network', await network.snapshot())),
    drop: async () => void (await drop()),
  }
  return world
}

/** A fresh invitation for something the devices do together. */
export const invitation = () => invite({ timeoutMs: TIMEOUT_MS })
