import { bcs } from '@mysten/bcs'
import { sha256 } from '@noble/hashes/sha2.js'
import { equalBytes, type Bytes } from '../../core/bytes.ts'
import { decodeStrict, encode } from '../../core/codec.ts'
import { LocketError } from '../../core/errors.ts'
import type { DeviceKeys } from './card.ts'
import { labelled } from './purpose.ts'

/** One party of a ceremony. */
export type Party = {
  /** Its index in the key, 1 to `partyCount`. */
  readonly index: number
  readonly card: DeviceKeys
}

/** What all parties of a ceremony have to mean alike. Every byte of it is in the session id. */
export type SessionSetup = {
  /** 32 random bytes, chosen by whoever proposes the ceremony, for this one attempt at it. */
  readonly ceremonyId: Uint8Array
  /** Such as `dkg` or `sign`. */
  readonly protocol: string
  /** Such as `dkls23-secp256k1`. */
  readonly suite: string
  /** The key it is about; empty when it is yet to be made. */
  readonly keyId: Uint8Array
  /** How often the key's shares have been replaced. */
  readonly epoch: number
  readonly threshold: number
  /** Parties of the key. Those that take part now may be fewer. */
  readonly partyCount: number
  /** Those that take part, by ascending index. */
  readonly parties: readonly Party[]
  /** What the protocol is about besides: a message hash, a derivation path. */
  readonly context: Uint8Array
  /** When all waiting ends, milliseconds since the Unix epoch. */
  readonly expiresAtMs: number
}

/** Most parties of one session. */
export const MAX_PARTIES = 64
/** Largest context, in bytes. */
export const MAX_CONTEXT_BYTES: number = 64 * 1024
/** Longest protocol or suite name and key id, in bytes. */
const MAX_NAME_BYTES = 64

const VERSION = 1
const SETUP = /* @__PURE__ */ (() =>
  bcs.struct('SessionSetup', {
    version: bcs.u8(),
    ceremonyId: bcs.bytes(32),
    protocol: bcs.string(),
    suite: bcs.string(),
    keyId: bcs.byteVector(),
    epoch: bcs.u32(),
    threshold: bcs.u8(),
    partyCount: bcs.u8(),
    parties: bcs.vector(bcs.struct('Party', { index: bcs.u8(), signKey: bcs.bytes(32), agreeKey: bcs.bytes(32) })),
    context: bcs.byteVector(),
    expiresAtMs: bcs.u64(),
  }))()

/** Canonical bytes (BCS). Copies nothing that it keeps. */
export function encodeSetup(setup: SessionSetup): Bytes {
  const parties = setup.parties.map(({ index, card }) => ({ index, signKey: card.signKey, agreeKey: card.agreeKey }))
  return encode(SETUP, { ...setup, version: VERSION, parties, expiresAtMs: BigInt(setup.expiresAtMs) })
}

/** @throws {LocketError} what {@link decodeStrict} throws, `codec/unknown-version`, or `session/invalid-setup`. */
export function decodeSetup(bytes: Uint8Array): SessionSetup {
  const operation = 'session.decodeSetup'
  if (bytes.length > 0 && bytes[0] !== VERSION) throw new LocketError('codec/unknown-version', { operation })
  const { version: _, parties, ...rest } = decodeStrict(SETUP, bytes, operation)
  const setup = {
    ...rest,
    parties: parties.map(({ index, ...card }) => ({ index, card })),
    expiresAtMs: Number(rest.expiresAtMs),
  }
  assertSetup(setup)
  return setup
}

/**
 * A copy that later changes to the caller's buffers do not reach.
 *
 * @throws {LocketError} `session/invalid-setup`
 */
export function copySetup(setup: SessionSetup): SessionSetup {
  assertSetup(setup)
  return Object.freeze(decodeSetup(encodeSetup(setup)))
}

/** What a setup's parties sign and derive keys under: the SHA-256 of its encoding. */
export function setupHash(setup: SessionSetup): Bytes {
  return sha256(labelled('setup', encodeSetup(setup)))
}

/** @throws {LocketError} `session/invalid-setup`, naming the first field that cannot be, in `details.field`. */
export function assertSetup(setup: SessionSetup): void {
  for (const [field, isSound] of checksOf(setup)) {
    if (!isSound) throw new LocketError('session/invalid-setup', { operation: 'session.setup', details: { field } })
  }
}

/** Whether each field can be, in the order in which they are told of. */
function checksOf(setup: SessionSetup): readonly (readonly [keyof SessionSetup, boolean])[] {
  const { parties, partyCount, threshold } = setup
  const isBytes = (value: unknown, min: number, max: number) => value instanceof Uint8Array && value.length >= min && value.length <= max
  const isCount = (value: number, min: number, max: number) => Number.isSafeInteger(value) && value >= min && value <= max
  const isName = (value: unknown) => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) && value.length <= MAX_NAME_BYTES
  const isDistinct = (keys: readonly Uint8Array[]) => new Set(keys.map((key) => key.join())).size === keys.length
  const arePartiesSound =
    isCount(parties.length, 2, Math.min(partyCount, MAX_PARTIES)) &&
    parties.every(({ index, card }, i) => {
      const previous = parties[i - 1]?.index ?? 0
      return isCount(index, previous + 1, partyCount) && isBytes(card.signKey, 32, 32) && isBytes(card.agreeKey, 32, 32)
    }) &&
    isDistinct(parties.map(({ card }) => card.signKey)) &&
    isDistinct(parties.map(({ card }) => card.agreeKey))
  return [
    ['ceremonyId', isBytes(setup.ceremonyId, 32, 32)],
    ['protocol', isName(setup.protocol)],
    ['suite', isName(setup.suite)],
    ['keyId', isBytes(setup.keyId, 0, MAX_NAME_BYTES)],
    ['epoch', isCount(setup.epoch, 0, 2 ** 32 - 1)],
    ['partyCount', isCount(partyCount, 2, 255)],
    ['threshold', isCount(threshold, 1, partyCount)],
    ['parties', arePartiesSound],
    ['context', isBytes(setup.context, 0, MAX_CONTEXT_BYTES)],
    ['expiresAtMs', isCount(setup.expiresAtMs, 0, Number.MAX_SAFE_INTEGER)],
  ]
}

/** The first field in which two sound setups differ, if they do. */
export function differingField(a: SessionSetup, b: SessionSetup): keyof SessionSetup | undefined {
  // All else taken from one of them, the encodings differ just where this field does.
  const differs = (field: keyof SessionSetup) => !equalBytes(encodeSetup(a), encodeSetup({ ...a, [field]: b[field] }))
  return checksOf(a).find(([field]) => differs(field))?.[0]
}
