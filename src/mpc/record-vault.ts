import { concatBytes, fromHex, toHex, utf8, type Bytes } from '../core/bytes.ts'
import type { Entropy } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { Aead } from '../crypto/aead.ts'
import { expandKey } from '../crypto/hkdf.ts'
import { SUITE_IDS } from './key-record.ts'
import type { Suite } from './types.ts'

/** Where a share belongs: its ciphertext opens nowhere else. */
export type ShareContext = { readonly keyId: string; readonly suite: Suite; readonly epoch: number; readonly party: number }

/** Names and seals what a share store writes. Holds a key; `close` overwrites it. */
export type RecordVault = {
  /** Where the record of a key lies. Says nothing about the key to whoever lacks the vault key. */
  recordKey(keyId: string): string
  shareKey(keyId: string, epoch: number): string
  presignatureKey(keyId: string, id: string): string
  seal(recordKey: string, plaintext: Uint8Array): Promise<Bytes>
  /** Fails with `store/corrupt`. */
  open(recordKey: string, sealed: Uint8Array): Promise<Bytes>
  sealShare(context: ShareContext, secretShare: Uint8Array): Promise<Bytes>
  /** Fails with `store/corrupt`. */
  openShare(context: ShareContext, sealed: Uint8Array): Promise<Bytes>
  close(): void
}

/** Below these lie the records of keys. */
export const RECORD_PREFIX = 'mpc/key/'

/** A vault over a copy of two keys derived from `secretVaultKey`, which is the caller's to wipe. */
export function createRecordVault(options: {
  readonly secretVaultKey: Uint8Array
  readonly aead: Aead
  readonly entropy: Entropy
}): RecordVault {
  const { secretVaultKey, aead, entropy } = options
  const derive = (label: string) => expandKey({ secret: secretVaultKey, info: utf8(label), lengthBytes: 32 })
  const sealingKey = derive('locket/mpc/records/v1')
  const namingKey = derive('locket/mpc/names/v1')
  const nameOf = (keyId: string) => toHex(expandKey({ secret: namingKey, info: fromHex(keyId), lengthBytes: 16 }))

  const open = async (key: string, sealed: Uint8Array, associatedData: Bytes): Promise<Bytes> => {
    try {
      return await aead.open({ key: sealingKey, sealed, associatedData })
    } catch (cause) {
      if (!isLocketError(cause, 'crypto/open-failed')) throw cause
      throw new LocketError('store/corrupt', { operation: 'mpc.openRecord', details: { key } })
    }
  }
  const recordContext = (key: string) => concatBytes(utf8('locket/mpc/record/v1\0'), utf8(key))

  const vault: RecordVault = {
    recordKey: (keyId) => RECORD_PREFIX + nameOf(keyId),
    shareKey: (keyId, epoch) => `mpc/share/${nameOf(keyId)}/${epoch}`,
    presignatureKey: (keyId, id) => `mpc/presignature/${nameOf(keyId)}/${id}`,
    seal: (key, plaintext) => aead.seal({ key: sealingKey, plaintext, associatedData: recordContext(key), entropy }),
    open: (key, sealed) => open(key, sealed, recordContext(key)),
    sealShare: (context, plaintext) => aead.seal({ key: sealingKey, plaintext, associatedData: shareContext(context), entropy }),
    openShare: (context, sealed) => open(vault.shareKey(context.keyId, context.epoch), sealed, shareContext(context)),
    close() {
      sealingKey.fill(0)
      namingKey.fill(0)
    },
  }
  return Object.freeze(vault)
}

/** Key id, suite, epoch and party, each of fixed length: no two contexts spell the same bytes. */
function shareContext({ keyId, suite, epoch, party }: ShareContext): Bytes {
  const numbers = Uint8Array.of(SUITE_IDS[suite], epoch & 255, (epoch >> 8) & 255, (epoch >> 16) & 255, epoch >>> 24, party)
  return concatBytes(utf8('locket/mpc/share/v1\0'), fromHex(keyId), numbers)
}
