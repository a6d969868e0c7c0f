import { bcs } from '@mysten/bcs'
import { sha256 } from '@noble/hashes/sha2.js'
import type { AbortOptions } from '../core/abort.ts'
import { concatBytes, copyBytes, equalBytes, utf8, type Bytes } from '../core/bytes.ts'
import { decodeStrict, encode } from '../core/codec.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { passphraseUnlock, type PassphraseUnlockOptions } from '../unlock/passphrase.ts'
import { bytesType } from './bcs-types.ts'
import { decodeKeyRecord, encodeKeyRecord, isCommitted, publicPart, type KeyRecord } from './key-record.ts'
import type { ShareStore } from './share-store.ts'
import type { ThresholdKey } from './types.ts'

/**
 * The share backup, version 1:
 *
 *     "LKTS" || u8 version || u8 length || Argon2id parameters || sealed BCS { record, share } || SHA-256 of all before
 *
 * The digest at the end is no protection against an attacker, whom the seal keeps
 * out; it tells a damaged file from a wrong passphrase.
 */
const MAGIC = 'LKTS'
const VERSION = 1
const DIGEST_BYTES = 32

/**
 * One device's share of a key as a file that only the passphrase opens. It holds the
 * bans known by now and no presignatures. It is of this epoch: the next
 * refresh or resharing makes it useless, so make another then.
 *
 * @throws {LocketError} `mpc/unknown-key`, `mpc/rolled-back`, `usage/invalid-argument` as `passphraseUnlock` says.
 */
export async function exportShareBackup(
  shares: ShareStore,
  options: AbortOptions & PassphraseUnlockOptions & { readonly keyId: string },
): Promise<Bytes> {
  const { keyId, signal } = options
  const { aead, entropy } = shares
  const method = passphraseUnlock(options)
  const record: KeyRecord = { ...shares.record(keyId), next: undefined, presignatures: [], seen: new Map() }
  const secretShare = await shares.share(keyId, { signal })
  const plaintext = encode(schema(), { record: encodeKeyRecord(record), share: secretShare })
  secretShare.fill(0)
  const { parameters, secretKey } = await method.enroll({ vaultId: noVault(), entropy, signal })
  const header = concatBytes(utf8(MAGIC), Uint8Array.of(VERSION, parameters.length), parameters)
  const sealed = await aead.seal({ key: secretKey, plaintext: () => plaintext, associatedData: header, entropy })
  secretKey.fill(0)
  plaintext.fill(0)
  const body = concatBytes(header, sealed)
  return concatBytes(body, sha256(body))
}

/**
 * Brings a share back from its file. What is here already stays if the file is refused.
 *
 * Not promised: that it is the newest share. If the others have moved on, the first
 * ceremony with them says so; recover the share with them then.
 *
 * @param options.keyId - Refuses the file of any other key.
 * @throws {LocketError} `mpc/backup-invalid` for a file that is damaged, truncated or none of ours; `codec/unknown-version`;
 *   `unlock/failed` for another passphrase; `mpc/wrong-key` for the share of another key or another holder than is here;
 *   `mpc/rolled-back` for an older epoch than this device has seen.
 */
export async function importShareBackup(
  shares: ShareStore,
  file: Uint8Array,
  options: AbortOptions & Pick<PassphraseUnlockOptions, 'secretPassphrase'> & { readonly keyId?: string | undefined },
): Promise<ThresholdKey> {
  const { secretPassphrase, keyId, signal } = options
  const { header, parameters, sealed } = split(file)
  const method = passphraseUnlock({ secretPassphrase })
  const secretKey = await guard(() => method.derive({ vaultId: noVault(), parameters, signal }))
  let plaintext: Bytes
  try {
    plaintext = await shares.aead.open({ key: secretKey, sealed, associatedData: header })
  } catch (cause) {
    throw isLocketError(cause, 'crypto/open-failed') ? new LocketError('unlock/failed', { operation: OPERATION }) : cause
  } finally {
    secretKey.fill(0)
  }
  try {
    const { record: encoded, share } = await guard(() => decodeStrict(schema(), plaintext, OPERATION))
    const record = await guard(() => decodeKeyRecord(encoded))
    if (!isCommitted(record)) throw invalid()
    if (keyId !== undefined && record.id !== keyId) {
      throw new LocketError('mpc/wrong-key', { operation: OPERATION, details: { keyId: record.id } })
    }
    await shares.restore(record, share, { signal })
    return publicPart(record)
  } finally {
    // `share` is a window into it.
    plaintext.fill(0)
  }
}

const OPERATION = 'mpc.importShareBackup'
/** A passphrase derives the same key for every vault; what binds it here is the header. */
const noVault = () => new Uint8Array(16)

function split(file: Uint8Array): { readonly header: Bytes; readonly parameters: Bytes; readonly sealed: Bytes } {
  const body = file.subarray(0, -DIGEST_BYTES)
  const start = MAGIC.length + 2
  if (body.length < start || !equalBytes(file.subarray(0, MAGIC.length), utf8(MAGIC))) throw invalid()
  if (!equalBytes(sha256(body), file.subarray(-DIGEST_BYTES))) throw invalid()
  if (body[MAGIC.length] !== VERSION) throw new LocketError('codec/unknown-version', { operation: OPERATION })
  const end = start + (body[start - 1] as number)
  return {
    header: copyBytes(body.subarray(0, end)),
    parameters: copyBytes(body.subarray(start, end)),
    sealed: copyBytes(body.subarray(end)),
  }
}

/** Turns the codecs' refusals into the file's own. */
async function guard<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (isLocketError(cause) && cause.code.startsWith('codec/')) throw invalid(cause)
    throw cause
  }
}

function invalid(cause?: unknown): LocketError {
  return new LocketError('mpc/backup-invalid', { operation: OPERATION, cause })
}

function schema() {
  return bcs.struct('ShareBackup', { record: bytesType(), share: bcs.byteVector() })
}
