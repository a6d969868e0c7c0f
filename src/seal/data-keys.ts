import { concatBytes, copyBytes, fromHex, fromUtf8, utf8, type Bytes } from '../core/bytes.ts'
import type { Entropy } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import { createAead, expandKey, pad, unpad } from '../crypto/index.ts'

/** Bytes of a data key. */
export const DATA_KEY_BYTES = 32
/** Labels of up to this many bytes all look the same on chain. */
const LABEL_PAD_BYTES = 64
const ENTRY_BYTES = 4 + 1 + DATA_KEY_BYTES
/** What an entry holds: the key itself, or only its fingerprint because the key was destroyed. */
const KEY = 0
const FINGERPRINT = 1
/** The contract holds 16,000 bytes of history; 430 entries of 37 bytes leave room for the seal. */
export const MAX_KEY_EPOCHS = 430

type Place = { readonly spaceId: string; readonly epoch: number }

/**
 * What a space's newest data key tells of the epochs before it: the keys still
 * in use, and of those destroyed by a forgetting rotation only fingerprints.
 * Either way whoever knows an older key can tell that its holder made the newer.
 */
export type KeyHistory = { readonly keys: ReadonlyMap<number, Uint8Array>; readonly fingerprints: ReadonlyMap<number, Uint8Array> }

/** Tells two data keys apart and reveals nothing of either: HKDF-Expand (RFC 5869). */
export function fingerprintOf(dataKey: Uint8Array): Bytes {
  return expandKey({ secret: dataKey, info: utf8('locket/space-fingerprint/v1'), lengthBytes: DATA_KEY_BYTES })
}

/**
 * Encrypts what is known of all epochs before `epoch` under the data key of
 * `epoch`. Bound to space and epoch.
 *
 * @throws {LocketError} `codec/too-large` beyond {@link MAX_KEY_EPOCHS} epochs.
 */
export async function sealHistory(
  input: Place & { readonly dataKey: Uint8Array; readonly older: KeyHistory; readonly entropy: Entropy },
): Promise<Bytes> {
  const { keys, fingerprints } = input.older
  const entries = [
    ...[...keys].map(([epoch, key]) => ({ epoch, kind: KEY, value: key })),
    ...[...fingerprints].map(([epoch, value]) => ({ epoch, kind: FINGERPRINT, value })),
  ].toSorted((a, b) => a.epoch - b.epoch)
  if (entries.length > MAX_KEY_EPOCHS) {
    throw new LocketError('codec/too-large', { operation: 'seal.rotate', details: { limitEpochs: MAX_KEY_EPOCHS } })
  }
  return sealUnder(
    'history',
    input,
    concatBytes(...entries.map(({ epoch, kind, value }) => concatBytes(u32(epoch), Uint8Array.of(kind), value))),
  )
}

/**
 * What a history tells of older epochs. Empty bytes are the history of epoch 0.
 *
 * @throws {LocketError} `crypto/open-failed` if it was not sealed under this key for this place,
 *   `codec/invalid` if it does not hold every epoch below `epoch` exactly once.
 */
export async function openHistory(
  input: Place & { readonly dataKey: Uint8Array; readonly history: Uint8Array },
): Promise<{ readonly keys: Map<number, Bytes>; readonly fingerprints: Map<number, Bytes> }> {
  const keys = new Map<number, Bytes>()
  const fingerprints = new Map<number, Bytes>()
  if (input.epoch === 0 && input.history.length === 0) return { keys, fingerprints }
  const plain = await openUnder('history', input, input.history)
  const view = new DataView(plain.buffer)
  let isValid = plain.length === input.epoch * ENTRY_BYTES
  for (let epoch = 0; isValid && epoch < input.epoch; epoch++) {
    const at = epoch * ENTRY_BYTES
    const kind = plain[at + 4]
    isValid = view.getUint32(at, true) === epoch && (kind === KEY || kind === FINGERPRINT)
    ;(kind === KEY ? keys : fingerprints).set(epoch, copyBytes(plain.subarray(at + 5, at + ENTRY_BYTES)))
  }
  if (isValid) return { keys, fingerprints }
  throw new LocketError('codec/invalid', { operation: 'seal.openHistory', details: { spaceId: input.spaceId, epoch: input.epoch } })
}

/** Encrypts the owner's name for a space, padded. */
export function sealLabel(
  input: Place & { readonly dataKey: Uint8Array; readonly label: string; readonly entropy: Entropy },
): Promise<Bytes> {
  return sealUnder('label', input, pad(utf8(input.label), LABEL_PAD_BYTES))
}

/**
 * The name of a space.
 *
 * @throws {LocketError} `crypto/open-failed`, `codec/invalid`, `codec/truncated`
 */
export async function openLabel(input: Place & { readonly dataKey: Uint8Array; readonly sealed: Uint8Array }): Promise<string> {
  return fromUtf8(unpad(await openUnder('label', input, input.sealed)))
}

type Purpose = 'history' | 'label'

async function sealUnder(
  purpose: Purpose,
  input: Place & { readonly dataKey: Uint8Array; readonly entropy: Entropy },
  plaintext: Uint8Array,
): Promise<Bytes> {
  return createAead().seal({
    key: purposeKey(purpose, input.dataKey),
    plaintext,
    associatedData: associatedData(purpose, input),
    entropy: input.entropy,
  })
}

async function openUnder(purpose: Purpose, input: Place & { readonly dataKey: Uint8Array }, sealed: Uint8Array): Promise<Bytes> {
  return createAead().open({ key: purposeKey(purpose, input.dataKey), sealed, associatedData: associatedData(purpose, input) })
}

/** Never the data key itself: items are sealed under keys of their own derivation. */
function purposeKey(purpose: Purpose, dataKey: Uint8Array): Bytes {
  return expandKey({ secret: dataKey, info: utf8(`locket/space-${purpose}/v1`), lengthBytes: 32 })
}

function associatedData(purpose: Purpose, { spaceId, epoch }: Place): Bytes {
  return concatBytes(utf8(`locket/space-${purpose}/v1`), fromHex(spaceId), u32(epoch))
}

function u32(value: number): Bytes {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, value, true)
  return out
}
