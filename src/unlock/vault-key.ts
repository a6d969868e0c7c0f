import type { AbortOptions } from '../core/abort.ts'
import { concatBytes, equalBytes, fromBase64Url, toBase64Url, utf8, type Bytes } from '../core/bytes.ts'
import { randomBytes, systemEntropy, type Entropy } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { createAead, type Aead } from '../crypto/aead.ts'
import type { BlobStore } from '../store/port.ts'
import {
  decodeHeader,
  encodeEntryContext,
  encodeHeader,
  MAX_UNLOCKS,
  UNLOCK_ID_BYTES,
  VAULT_ID_BYTES,
  VAULT_KEY_BYTES,
  type UnlockEntry,
  type UnlockKind,
  type VaultHeader,
} from './header.ts'
import type { UnlockMethod } from './method.ts'

/** Where the header lies: in the store beside the vault, not inside it. */
export const VAULT_HEADER_KEY = 'vault/header'

/** An enrolled method, as it may be shown. `id` is base64url. */
export type UnlockSummary = { readonly id: string; readonly kind: UnlockKind }

export type VaultKeyOptions = AbortOptions & {
  /** The plain store. Must be durable for the vault to be. */
  readonly store: BlobStore
  readonly aead?: Aead | undefined
  readonly entropy?: Entropy | undefined
}

/** Whether this store already has a vault. */
export async function hasVault(options: Pick<VaultKeyOptions, 'store' | 'signal'>): Promise<boolean> {
  return (await options.store.get(VAULT_HEADER_KEY, options)) !== undefined
}

/**
 * Makes a random 32-byte vault key and stores it wrapped under `method`'s key.
 * The key itself is never stored; the caller wipes it after use.
 *
 * @throws {LocketError} `usage/wrong-state` if the store has a vault, and what the method and the store fail with.
 */
export async function createVaultKey(options: VaultKeyOptions & { readonly method: UnlockMethod }): Promise<Bytes> {
  const { store, method, entropy = systemEntropy() } = options
  if (await hasVault(options))
    throw new LocketError('usage/wrong-state', { operation: 'unlock.create', message: 'there is a vault already' })
  const vaultId = randomBytes(entropy, VAULT_ID_BYTES)
  const vaultKey = randomBytes(entropy, VAULT_KEY_BYTES)
  const entry = await wrap({ ...options, entropy, method, vaultId, vaultKey })
  await store.put(VAULT_HEADER_KEY, encodeHeader({ vaultId, entries: [entry] }), options)
  return vaultKey
}

/**
 * The vault key. Tries every enrolled entry of the method's kind.
 *
 * @throws {LocketError} `unlock/failed` if none opens under the method's key or none is of its kind,
 *   `usage/wrong-state` if there is no vault, `store/corrupt` if the header is damaged.
 */
export async function openVaultKey(options: VaultKeyOptions & { readonly method: UnlockMethod }): Promise<Bytes> {
  const header = await readHeader(options)
  for (const entry of header.entries) {
    if (entry.kind !== options.method.kind) continue
    const vaultKey = await unwrap(options, header, entry)
    if (vaultKey !== undefined) return vaultKey
  }
  throw new LocketError('unlock/failed', { operation: 'unlock.open' })
}

/**
 * Enrols a further method for the same vault key.
 *
 * @param options.secretVaultKey - What `createVaultKey` or `openVaultKey` gave.
 * @throws {LocketError} `usage/wrong-state` if there is no vault or it has {@link MAX_UNLOCKS} methods.
 */
export async function addUnlock(
  options: VaultKeyOptions & { readonly method: UnlockMethod; readonly secretVaultKey: Uint8Array },
): Promise<UnlockSummary> {
  const { entropy = systemEntropy() } = options
  const header = await readHeader(options)
  if (header.entries.length >= MAX_UNLOCKS) {
    throw new LocketError('usage/wrong-state', { operation: 'unlock.add', message: `a vault has at most ${MAX_UNLOCKS} unlock methods` })
  }
  const entry = await wrap({ ...options, entropy, vaultId: header.vaultId, vaultKey: options.secretVaultKey })
  await options.store.put(VAULT_HEADER_KEY, encodeHeader({ ...header, entries: [...header.entries, entry] }), options)
  return summaryOf(entry)
}

/**
 * Forgets a method. The vault key stays the same: whoever copied the header
 * before can still open that copy with the method removed.
 *
 * @throws {LocketError} `usage/invalid-argument` if no method has this id, `usage/wrong-state` if it is the last.
 */
export async function removeUnlock(options: VaultKeyOptions & { readonly id: string }): Promise<void> {
  const header = await readHeader(options)
  const id = parseId(options.id)
  const entries = header.entries.filter((entry) => !equalBytes(entry.id, id))
  if (entries.length === header.entries.length) throw unknownId()
  if (entries.length === 0) {
    throw new LocketError('usage/wrong-state', { operation: 'unlock.remove', message: 'the last unlock method cannot be removed' })
  }
  await options.store.put(VAULT_HEADER_KEY, encodeHeader({ ...header, entries }), options)
}

/** The enrolled methods, oldest first. */
export async function listUnlocks(options: Pick<VaultKeyOptions, 'store' | 'signal'>): Promise<readonly UnlockSummary[]> {
  return (await readHeader(options)).entries.map(summaryOf)
}

async function readHeader(options: Pick<VaultKeyOptions, 'store' | 'signal'>): Promise<VaultHeader> {
  const bytes = await options.store.get(VAULT_HEADER_KEY, options)
  if (bytes === undefined) throw new LocketError('usage/wrong-state', { operation: 'unlock.open', message: 'there is no vault yet' })
  try {
    return decodeHeader(bytes)
  } catch (cause) {
    if (isLocketError(cause, 'codec/unknown-version')) throw cause
    throw new LocketError('store/corrupt', { operation: 'unlock.open', details: { key: VAULT_HEADER_KEY }, cause })
  }
}

async function wrap(input: {
  readonly method: UnlockMethod
  readonly aead?: Aead | undefined
  readonly entropy: Entropy
  readonly vaultId: Bytes
  readonly vaultKey: Uint8Array
  readonly signal?: AbortSignal | undefined
}): Promise<UnlockEntry> {
  const { method, aead = createAead(), entropy, vaultId, signal } = input
  const { parameters, secretKey } = await method.enroll({ vaultId, entropy, signal })
  const entry = { kind: method.kind, id: randomBytes(entropy, UNLOCK_ID_BYTES), parameters }
  const associatedData = contextOf(vaultId, entry)
  const wrapped = await aead.seal({ key: secretKey, plaintext: input.vaultKey, associatedData, entropy })
  secretKey.fill(0)
  return { ...entry, wrapped }
}

/** `undefined` if the method's key does not open this entry. */
async function unwrap(
  options: VaultKeyOptions & { readonly method: UnlockMethod },
  header: VaultHeader,
  entry: UnlockEntry,
): Promise<Bytes | undefined> {
  const { method, aead = createAead(), signal } = options
  try {
    const key = await method.derive({ vaultId: header.vaultId, parameters: entry.parameters, signal })
    const vaultKey = await aead.open({ key, sealed: entry.wrapped, associatedData: contextOf(header.vaultId, entry) })
    key.fill(0)
    return vaultKey
  } catch (error) {
    if (isLocketError(error, 'crypto/open-failed') || isLocketError(error, 'codec/invalid')) return undefined
    throw error
  }
}

function contextOf(vaultId: Bytes, entry: Omit<UnlockEntry, 'wrapped'>): Bytes {
  return concatBytes(utf8('locket/unlock/v1\0'), vaultId, encodeEntryContext(entry))
}

function summaryOf(entry: UnlockEntry): UnlockSummary {
  return { id: toBase64Url(entry.id), kind: entry.kind }
}

function parseId(id: string): Bytes {
  try {
    return fromBase64Url(id)
  } catch {
    throw unknownId()
  }
}

function unknownId(): LocketError {
  return new LocketError('usage/invalid-argument', {
    operation: 'unlock.remove',
    message: 'no unlock method has this id',
    details: { parameter: 'id' },
  })
}
