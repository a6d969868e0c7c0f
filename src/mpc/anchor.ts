import { bcs } from '@mysten/bcs'
import { concatBytes, fromHex, utf8, type Bytes } from '../core/bytes.ts'
import { randomBytes, type Entropy } from '../core/capabilities.ts'
import { decodeStrict, encode } from '../core/codec.ts'
import { AEAD_KEY_BYTES, type Aead } from '../crypto/aead.ts'
import { collectKeys } from '../store/keys.ts'
import type { BlobStore } from '../store/port.ts'
import { u64Type } from './bcs-types.ts'
import { bansSchema, type Ban, type KeyRecord } from './key-record.ts'
import type { RecordVault } from './record-vault.ts'

/** What must still be known when the share store comes back as an older copy of itself. */
export type AnchorRecord = { readonly epoch: number; readonly revision: bigint; readonly bans: readonly Ban[] }

type PresignatureInput = { readonly keyId: string; readonly id: string; readonly aead: Aead }

/** The small second memory beside a share store. */
export type Anchor = {
  read(keyId: string): Promise<AnchorRecord | undefined>
  /** Follows a record that was just written. Never goes back. */
  advance(record: KeyRecord): Promise<void>
  /** Seals a presignature under a key of its own, which lies here and nowhere else. */
  sealPresignature(input: PresignatureInput & { readonly secret: Uint8Array; readonly entropy: Entropy }): Promise<Bytes>
  /** Whether the key of a presignature is still here. */
  vouches(keyId: string, id: string): Promise<boolean>
  /** Removes the presignature's key, then opens it. `undefined` if the key was gone. */
  openPresignature(input: PresignatureInput & { readonly sealed: Uint8Array }): Promise<Bytes | undefined>
  dropPresignatures(keyId: string): Promise<void>
  close(): Promise<void>
}

/** Keeps its records in `store`, sealed by the share store's own vault. Owns `store`. */
export function createAnchor({ store, vault }: { readonly store: BlobStore; readonly vault: RecordVault }): Anchor {
  const placeOf = (keyId: string) => `anchor/${vault.recordKey(keyId)}`
  const presignatureOf = (keyId: string, id: string) => `anchor/${vault.presignatureKey(keyId, id)}`

  const read = async (keyId: string): Promise<AnchorRecord | undefined> => {
    const place = placeOf(keyId)
    const sealed = await store.get(place)
    if (sealed === undefined) return undefined
    return decodeStrict(schema(), await vault.open(place, sealed), 'mpc.readAnchor')
  }

  return Object.freeze<Anchor>({
    read,
    async advance({ id, current, revision, bans }) {
      const before = await read(id)
      if (before !== undefined && before.revision >= revision) return
      const epoch = Math.max(before?.epoch ?? 0, current?.epoch ?? 0)
      const place = placeOf(id)
      await store.put(place, await vault.seal(place, encode(schema(), { epoch, revision, bans })))
    },
    async sealPresignature({ keyId, id, secret, aead, entropy }) {
      const key = randomBytes(entropy, AEAD_KEY_BYTES)
      const place = presignatureOf(keyId, id)
      await store.put(place, await vault.seal(place, key))
      const sealed = await aead.seal({ key, plaintext: secret, associatedData: contextOf(keyId, id), entropy })
      key.fill(0)
      return sealed
    },
    vouches: async (keyId, id) => (await store.get(presignatureOf(keyId, id))) !== undefined,
    async openPresignature({ keyId, id, sealed, aead }) {
      const place = presignatureOf(keyId, id)
      const wrapped = await store.get(place)
      if (wrapped === undefined) return undefined
      const key = await vault.open(place, wrapped)
      // Before anything is opened: a copy of the share store made earlier opens nothing from here on.
      await store.delete(place)
      return aead.open({ key, sealed, associatedData: contextOf(keyId, id) }).finally(() => key.fill(0))
    },
    async dropPresignatures(keyId) {
      const keys = await collectKeys(store.list(presignatureOf(keyId, '')))
      if (keys.length > 0) await store.batch(keys.map((key) => ({ type: 'delete', key })))
    },
    close: () => store.close(),
  })
}

function contextOf(keyId: string, id: string): Bytes {
  return concatBytes(utf8('locket/mpc/presignature/v1\0'), fromHex(keyId), fromHex(id))
}

function schema() {
  return bcs.struct('Anchor', { epoch: bcs.u32(), revision: u64Type(), bans: bansSchema() })
}
