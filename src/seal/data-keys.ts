import { concatBytes, copyBytes, fromHex, fromUtf8, utf8, type Bytes } from '../core/bytes.ts'
import type { Entropy } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import { createAead, expandKey, pad, unpad } from '../crypto/index.ts'

/** Bytes of a data key. */
export const DATA_KEY_BYTES = 32
/** Labels of up to this many bytes all look the same on chain. */
const LABEL_PAD_BYTES = 64
const ENTRY_BYTES = 4 + DATA_KEY_BYTES
/** The contract holds 16,000 bytes of history; 440 entries of 36 bytes leave room for the seal. */
export const MAX_KEY_EPOCHS = 440

type Place = { readonly spaceId: string; readonly epoch: number }

/**
 * Encrypts the data keys of all epochs before `epoch` under that of `epoch`,
 * so that who opens the newest opens all. Bound to space and epoch.
 *
 * @throws {LocketError} `codec/too-large` beyond {@link MAX_KEY_EPOCHS} epochs.
 */
export async function sealHistory(
  input: Place & { readonly dataKey: Uint8Array; readonly older: ReadonlyMap<number, Uint8Array>; readonly entropy: Entropy },
): Promise<Bytes> {
  if (input.older.size > MAX_KEY_EPOCHS) {
    throw new LocketError('codec/too-large', { operation: 'seal.rotate', details: { limitEpochs: MAX_KEY_EPOCHS } })
  }
  const entries = [...input.older].toSorted(([a], [b]) => a - b).map(([epoch, key]) => concatBytes(u32(epoch), key))
  return sealUnder('history', input, concatBytes(...entries))
}

/**
 * The older data keys in a history, by epoch. Empty bytes are the history of epoch 0.
 *
 * @throws {LocketError} `crypto/open-failed` if it was not sealed under this key for this place,
 *   `codec/invalid` if it does not hold every epoch below `epoch` exactly once.
 */
export async function openHistory(
  input: Place & { readonly dataKey: Uint8Array; readonly history: Uint8Array },
): Promise<Map<number, Bytes>> {
  const older = new Map<number, Bytes>()
  if (input.epoch === 0 && input.history.length === 0) return older
  const plain = await openUnder('history', input, input.history)
  const view = new DataView(plain.buffer)
  for (let at = 0; at + ENTRY_BYTES <= plain.length; at += ENTRY_BYTES) {
    older.set(view.getUint32(at, true), copyBytes(plain.subarray(at + 4, at + ENTRY_BYTES)))
  }
  const complete = Array.from({ length: input.epoch }, (_, epoch) => older.has(epoch)).every(Boolean)
  if (plain.length === input.epoch * ENTRY_BYTES && complete) return older
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
