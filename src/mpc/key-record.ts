import { bcs, type BcsType } from '@mysten/bcs'
import type { Bytes } from '../core/bytes.ts'
import { decodeStrict, encode } from '../core/codec.ts'
import { LocketError } from '../core/errors.ts'
import { bytesType, hexType, optionalType, u64Type } from './bcs-types.ts'
import type { Suite, ThresholdKey } from './types.ts'

/** A signed word of one member that it holds the shares of an epoch. */
export type Acknowledgement = { readonly party: number; readonly signature: Bytes }

/** One epoch of a key. What `digest` covers is in `epochDigest`. */
export type EpochRecord = Omit<ThresholdKey, 'id' | 'suite'> & {
  /** 32 bytes: what every member acknowledged. */
  readonly digest: Bytes
  /** Of all members; empty until they have been collected. */
  readonly acknowledgements: readonly Acknowledgement[]
}

/** A party that must never be let near the correlations of this key again. */
export type Ban = { readonly party: number; readonly epoch: number; readonly card: Bytes }

/** A presignature that may still be used, once. */
export type PresignatureEntry = { readonly id: string; readonly parties: readonly number[]; readonly path: string }

/** All this device remembers of one key, but its secrets. */
export type KeyRecord = {
  readonly id: string
  readonly suite: Suite
  /** 16 random bytes, hexadecimal, new whenever the share comes from a backup: revisions of two incarnations do not compare. */
  readonly incarnation: string
  /** Grows with every change and every ceremony: an older record is a rolled-back one. */
  readonly revision: bigint
  readonly current: EpochRecord | undefined
  /** The epoch that is being moved to. `isAcknowledged` once this device's word may have reached anybody. */
  readonly next: (EpochRecord & { readonly isAcknowledged: boolean }) | undefined
  readonly bans: readonly Ban[]
  readonly presignatures: readonly PresignatureEntry[]
  /** The newest standing that each other party has shown. */
  readonly seen: ReadonlyMap<number, Standing>
}

/** How far a party had come when it was last heard of, and in which opening of its share store. */
export type Standing = { readonly incarnation: string; readonly opening: string; readonly revision: bigint }

/** The number of a suite on the wire and at rest. */
export const SUITE_IDS: Readonly<Record<Suite, number>> = { 'ecdsa-secp256k1': 1, 'frost-ed25519': 2, 'frost-taproot': 3 }

/** Strict inverse of {@link decodeKeyRecord}. */
export function encodeKeyRecord(record: KeyRecord): Bytes {
  return encode(schema(), { ...record, format: FORMAT })
}

/**
 * The record that canonical BCS bytes spell.
 *
 * @throws {LocketError} `codec/truncated`, `codec/trailing-bytes`, `codec/invalid`, `codec/unknown-version`.
 */
export function decodeKeyRecord(bytes: Uint8Array): KeyRecord {
  if (bytes.length > 0 && bytes[0] !== FORMAT) throw new LocketError('codec/unknown-version', { operation: OPERATION })
  const { format: _, ...record } = decodeStrict(schema(), bytes, OPERATION)
  return record
}

/**
 * The suite of a number.
 *
 * @throws {LocketError} `codec/invalid` if it is none's.
 */
export function suiteOf(id: number): Suite {
  for (const suite of Object.keys(SUITE_IDS) as Suite[]) if (SUITE_IDS[suite] === id) return suite
  throw new LocketError('codec/invalid', { operation: OPERATION })
}

/** A key with a committed epoch. */
export type CommittedKey = KeyRecord & { readonly current: EpochRecord }

export function isCommitted(record: KeyRecord): record is CommittedKey {
  return record.current !== undefined
}

/** What of a record may be shown, of its committed epoch. */
export function publicPart(record: CommittedKey): ThresholdKey {
  const { epoch, threshold, members, self, publicKey } = record.current
  return Object.freeze({ id: record.id, suite: record.suite, epoch, threshold, members, self, publicKey })
}

const FORMAT = 1
const OPERATION = 'mpc.decodeKeyRecord'

/** The one schema of members, also within what they sign. Made in a function, so that importing this file does nothing. */
export function membersSchema() {
  return bcs.vector(bcs.struct('Member', { index: bcs.u8(), name: bcs.string(), card: bytesType() }))
}

/** Bans, in a record and in the anchor that outlives it. */
export function bansSchema() {
  return bcs.vector(bcs.struct('Ban', { party: bcs.u8(), epoch: bcs.u32(), card: bytesType() }))
}

/** Signed words, in a record and in what `settleKey` shows. */
export function acknowledgementsSchema() {
  return bcs.vector(bcs.struct('Acknowledgement', { party: bcs.u8(), signature: bytesType() }))
}

/** The fields of a {@link Standing}, in a record and in what parties show each other. */
export function standingFields() {
  return { incarnation: hexType(16), opening: hexType(16), revision: u64Type() }
}

/** What was seen of each party, by index. */
export function seenSchema(): BcsType<ReadonlyMap<number, Standing>> {
  return bcs.vector(bcs.struct('Seen', { party: bcs.u8(), ...standingFields() })).transform({
    input: (seen: ReadonlyMap<number, Standing>) => Array.from(seen, ([party, at]) => ({ party, ...at })),
    output: (list) => new Map(list.map(({ party, ...at }) => [party, at])),
  })
}

function suiteSchema(): BcsType<Suite> {
  return bcs.u8().transform({ input: (suite: Suite) => SUITE_IDS[suite], output: suiteOf })
}

function epochFields() {
  return {
    epoch: bcs.u32(),
    threshold: bcs.u8(),
    self: bcs.u8(),
    members: membersSchema(),
    publicKey: bytesType(),
    digest: bytesType(32),
    acknowledgements: acknowledgementsSchema(),
  }
}

function schema() {
  return bcs.struct('KeyRecord', {
    format: bcs.u8(),
    id: hexType(32),
    suite: suiteSchema(),
    incarnation: hexType(16),
    revision: u64Type(),
    current: optionalType(bcs.struct('Epoch', epochFields())),
    next: optionalType(bcs.struct('Next', { ...epochFields(), isAcknowledged: bcs.bool() })),
    bans: bansSchema(),
    presignatures: bcs.vector(bcs.struct('Presignature', { id: hexType(32), parties: bcs.vector(bcs.u8()), path: bcs.string() })),
    seen: seenSchema(),
  })
}
