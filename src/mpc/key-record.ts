import { bcs } from '@mysten/bcs'
import { fromHex, toHex, type Bytes } from '../core/bytes.ts'
import { decodeStrict, encode } from '../core/codec.ts'
import { LocketError } from '../core/errors.ts'
import type { Member, Suite, ThresholdKey } from './types.ts'

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
  const { id, suite, incarnation, revision, current, next, bans, presignatures, seen } = record
  return encode(schema(), {
    format: FORMAT,
    id: fromHex(id),
    suite: SUITE_IDS[suite],
    incarnation: fromHex(incarnation),
    revision,
    current: current === undefined ? null : toEpoch(current),
    next: next === undefined ? null : { epoch: toEpoch(next), isAcknowledged: next.isAcknowledged },
    bans: [...bans],
    presignatures: presignatures.map((entry) => ({ ...entry, id: fromHex(entry.id), parties: [...entry.parties] })),
    seen: [...seen].map(([party, at]) => ({
      party,
      incarnation: fromHex(at.incarnation),
      opening: fromHex(at.opening),
      revision: at.revision,
    })),
  })
}

/**
 * The record that canonical BCS bytes spell.
 *
 * @throws {LocketError} `codec/truncated`, `codec/trailing-bytes`, `codec/invalid`, `codec/unknown-version`.
 */
export function decodeKeyRecord(bytes: Uint8Array): KeyRecord {
  if (bytes.length > 0 && bytes[0] !== FORMAT) throw new LocketError('codec/unknown-version', { operation: OPERATION })
  const wire = decodeStrict(schema(), bytes, OPERATION)
  const suite = suiteOf(wire.suite)
  if (suite === undefined) throw new LocketError('codec/invalid', { operation: OPERATION })
  return {
    id: toHex(wire.id),
    suite,
    incarnation: toHex(wire.incarnation),
    revision: BigInt(wire.revision),
    current: wire.current === null ? undefined : fromEpoch(wire.current),
    next: wire.next === null ? undefined : { ...fromEpoch(wire.next.epoch), isAcknowledged: wire.next.isAcknowledged },
    bans: wire.bans.map((ban) => ({ ...ban, card: new Uint8Array(ban.card) })),
    presignatures: wire.presignatures.map((entry) => ({ ...entry, id: toHex(entry.id) })),
    seen: new Map(
      wire.seen.map(({ party, ...at }) => [
        party,
        { incarnation: toHex(at.incarnation), opening: toHex(at.opening), revision: BigInt(at.revision) },
      ]),
    ),
  }
}

/** The suite of a number, or `undefined`. */
export function suiteOf(id: number): Suite | undefined {
  return (Object.keys(SUITE_IDS) as Suite[]).find((suite) => SUITE_IDS[suite] === id)
}

/** What of a record may be shown, of its committed epoch. */
export function publicPart(record: KeyRecord & { readonly current: EpochRecord }): ThresholdKey {
  const { epoch, threshold, members, self, publicKey } = record.current
  return Object.freeze({ id: record.id, suite: record.suite, epoch, threshold, members, self, publicKey })
}

const FORMAT = 1
const OPERATION = 'mpc.decodeKeyRecord'

type WireEpoch = ReturnType<typeof epochSchema>['$inferType']

function toEpoch(epoch: EpochRecord) {
  const { epoch: number, threshold, self, members, publicKey, digest, acknowledgements } = epoch
  return { epoch: number, threshold, self, members: [...members], publicKey, digest, acknowledgements: [...acknowledgements] }
}

function fromEpoch(wire: WireEpoch): EpochRecord {
  return {
    epoch: wire.epoch,
    threshold: wire.threshold,
    self: wire.self,
    members: wire.members.map(({ card, ...member }): Member => ({ ...member, card: new Uint8Array(card) })),
    publicKey: new Uint8Array(wire.publicKey),
    digest: new Uint8Array(wire.digest),
    acknowledgements: wire.acknowledgements.map(({ party, signature }) => ({ party, signature: new Uint8Array(signature) })),
  }
}

/** The one schema of members, also within what they sign. Made in a function, so that importing this file does nothing. */
export function membersSchema() {
  return bcs.vector(bcs.struct('Member', { index: bcs.u8(), name: bcs.string(), card: bcs.byteVector() }))
}

/** Bans, in a record and in the anchor that outlives it. */
export function bansSchema() {
  return bcs.vector(bcs.struct('Ban', { party: bcs.u8(), epoch: bcs.u32(), card: bcs.byteVector() }))
}

function epochSchema() {
  return bcs.struct('Epoch', {
    epoch: bcs.u32(),
    threshold: bcs.u8(),
    self: bcs.u8(),
    members: membersSchema(),
    publicKey: bcs.byteVector(),
    digest: bcs.bytes(32),
    acknowledgements: bcs.vector(bcs.struct('Acknowledgement', { party: bcs.u8(), signature: bcs.byteVector() })),
  })
}

function schema() {
  return bcs.struct('KeyRecord', {
    format: bcs.u8(),
    id: bcs.bytes(32),
    suite: bcs.u8(),
    incarnation: bcs.bytes(16),
    revision: bcs.u64(),
    current: bcs.option(epochSchema()),
    next: bcs.option(bcs.struct('Next', { epoch: epochSchema(), isAcknowledged: bcs.bool() })),
    bans: bansSchema(),
    presignatures: bcs.vector(bcs.struct('Presignature', { id: bcs.bytes(32), parties: bcs.vector(bcs.u8()), path: bcs.string() })),
    seen: bcs.vector(bcs.struct('Seen', { party: bcs.u8(), incarnation: bcs.bytes(16), opening: bcs.bytes(16), revision: bcs.u64() })),
  })
}
