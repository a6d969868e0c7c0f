import { concatBytes, copyBytes, toHex, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { SEAL_OVERHEAD_BYTES } from '../crypto/sealed.ts'

/** Bytes of a vault key, a vault id and an unlock id. */
export const VAULT_KEY_BYTES = 32
export const VAULT_ID_BYTES = 16
export const UNLOCK_ID_BYTES = 16

/** Most unlock methods of one vault. */
export const MAX_UNLOCKS = 16
/** Longest parameters of one method: a passkey's credential id is at most 1,023 bytes (WebAuthn Level 3, section 4). */
const MAX_PARAMETER_BYTES: number = 32 + 1_023

const VERSION = 1
const WRAPPED_BYTES: number = VAULT_KEY_BYTES + SEAL_OVERHEAD_BYTES
const KINDS = ['wallet', 'passphrase', 'passkey'] as const

/** What a person unlocks with. */
export type UnlockKind = (typeof KINDS)[number]

/** One way to the vault key. */
export type UnlockEntry = {
  readonly kind: UnlockKind
  /** {@link UNLOCK_ID_BYTES} random bytes. */
  readonly id: Bytes
  /** What the method needs to derive its key again. Public. */
  readonly parameters: Bytes
  /** The vault key, sealed under the method's key and bound to vault, kind, id and parameters. */
  readonly wrapped: Bytes
}

/** The record that lies beside the vault. It holds nothing that opens it. */
export type VaultHeader = { readonly vaultId: Bytes; readonly entries: readonly UnlockEntry[] }

/**
 * `version u8 || vault id || count u8 || entries`, an entry being
 * `kind u8 || id || parameter length u16 LE || parameters || wrapped key`.
 * The inverse of {@link decodeHeader}.
 */
export function encodeHeader(header: VaultHeader): Bytes {
  const entries = header.entries.map((entry) => concatBytes(encodeEntryContext(entry), entry.wrapped))
  return concatBytes(Uint8Array.of(VERSION), header.vaultId, Uint8Array.of(header.entries.length), ...entries)
}

/** The part of an entry that its wrapped key is bound to. */
export function encodeEntryContext(entry: Omit<UnlockEntry, 'wrapped'>): Bytes {
  const { length } = entry.parameters
  return concatBytes(Uint8Array.of(KINDS.indexOf(entry.kind) + 1), entry.id, Uint8Array.of(length & 255, length >> 8), entry.parameters)
}

/**
 * Strict inverse of {@link encodeHeader}.
 *
 * @throws {LocketError} `codec/unknown-version`, `codec/truncated`, `codec/trailing-bytes`, or `codec/invalid` for
 *   an unknown kind, an id used twice, no or too many entries, or overlong parameters.
 */
export function decodeHeader(bytes: Uint8Array): VaultHeader {
  let offset = 0
  const take = (length: number): Bytes => {
    if (offset + length > bytes.length) throw headerError('codec/truncated')
    offset += length
    return copyBytes(bytes.subarray(offset - length, offset))
  }
  const takeByte = () => take(1)[0] as number
  if (takeByte() !== VERSION) throw headerError('codec/unknown-version')
  const vaultId = take(VAULT_ID_BYTES)
  const count = takeByte()
  if (count < 1 || count > MAX_UNLOCKS) throw headerError('codec/invalid')
  const entries: UnlockEntry[] = []
  const seen = new Set<string>()
  for (let i = 0; i < count; i++) {
    const kind = KINDS[takeByte() - 1]
    const id = take(UNLOCK_ID_BYTES)
    const parameterBytes = takeByte() | (takeByte() << 8)
    if (kind === undefined || parameterBytes > MAX_PARAMETER_BYTES || seen.has(toHex(id))) throw headerError('codec/invalid')
    seen.add(toHex(id))
    entries.push({ kind, id, parameters: take(parameterBytes), wrapped: take(WRAPPED_BYTES) })
  }
  if (offset !== bytes.length) throw headerError('codec/trailing-bytes')
  return { vaultId, entries }
}

function headerError(code: 'codec/unknown-version' | 'codec/truncated' | 'codec/trailing-bytes' | 'codec/invalid'): LocketError {
  return new LocketError(code, { operation: 'unlock.decodeHeader' })
}
