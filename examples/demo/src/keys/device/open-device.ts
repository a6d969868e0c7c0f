import type { Entropy } from '@locket/sdk'
import { openShareStore, type ShareStore } from '@locket/sdk/mpc'
import type { Relay } from '@locket/sdk/relay'
import { createBroadcastChannelRelay } from '@locket/sdk/relay/broadcast-channel'
import {
  createDeviceIdentity,
  decodeDeviceIdentity,
  encodeDeviceCard,
  type DeviceCard,
  type DeviceIdentity,
} from '@locket/sdk/relay/session'
import { createEncryptedStore, openIdbStore, type BlobStore } from '@locket/sdk/store'
import { createVaultKey, hasVault, openVaultKey, passphraseUnlock, type UnlockMethod } from '@locket/sdk/unlock'
import { databasesOf, RELAY_CHANNEL, type DeviceName } from '../names.ts'

/** One device: who it is, whom it has met, and its shares, encrypted under its passphrase. */
export type Device = {
  readonly name: DeviceName
  readonly identity: DeviceIdentity
  readonly card: Uint8Array
  readonly relay: Relay
  readonly shares: ShareStore
  /** Where begun ceremonies are written down. */
  readonly store: BlobStore
  readonly contacts: ReadonlyMap<string, Uint8Array>
  meet(contact: DeviceName, card: DeviceCard): Promise<void>
}

export const systemEntropy: Entropy = { fill: (out) => void crypto.getRandomValues(out) }

/** Far less than the default of the SDK: this page opens several devices on one machine. */
const QUICK = { cost: { memoryKib: 8_192, iterations: 1 }, acceptRisk: 'cheap-to-guess' } as const

/**
 * Opens a device's vault, or makes one. Fails with `unlock/failed` for another passphrase.
 * A real application keeps the shares in a dual store: Chromium can lose an IndexedDB.
 */
export async function openDevice(name: DeviceName, secretPassphrase: string): Promise<Device> {
  const unlock = passphraseUnlock({ secretPassphrase, ...QUICK })
  const names = databasesOf(name)
  const opened: BlobStore[] = []
  const open = async (database: string) => {
    const store = await openIdbStore({ name: database })
    opened.push(store)
    return store
  }
  try {
    const shares = await openShareStore({ store: await open(names.shares), anchor: await open(names.anchor), unlock })
    const store = await openVault(await open(names.device), unlock, shares)
    const identity = await identityIn(store)
    const contacts = new Map<string, Uint8Array>()
    for await (const key of store.list(CONTACT)) {
      const card = await store.get(key)
      if (card !== undefined) contacts.set(key.slice(CONTACT.length), card)
    }
    const card = encodeDeviceCard(identity.card)
    const relay = createBroadcastChannelRelay({ name: RELAY_CHANNEL })
    return {
      name,
      identity,
      card,
      relay,
      shares,
      store,
      contacts,
      async meet(contact, theirs) {
        const bytes = encodeDeviceCard(theirs)
        await store.put(CONTACT + contact, bytes)
        contacts.set(contact, bytes)
      },
    }
  } catch (error) {
    await Promise.allSettled(opened.map((store) => store.close()))
    throw error
  }
}

const CONTACT = 'contact/'

async function openVault(inner: BlobStore, method: UnlockMethod, { aead }: ShareStore): Promise<BlobStore> {
  const options = { store: inner, method, aead }
  const key = (await hasVault(options)) ? await openVaultKey(options) : await createVaultKey(options)
  const store = createEncryptedStore({ inner, key, aead })
  key.fill(0)
  return store
}

async function identityIn(store: BlobStore): Promise<DeviceIdentity> {
  const kept = await store.get('identity')
  const identity = kept === undefined ? createDeviceIdentity(systemEntropy) : decodeDeviceIdentity(kept)
  const secret = kept ?? identity.encodeSecret()
  if (kept === undefined) await store.put('identity', secret)
  secret.fill(0)
  return identity
}
