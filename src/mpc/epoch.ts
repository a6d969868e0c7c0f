import { bcs } from '@mysten/bcs'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, fromHex, utf8, type Bytes } from '../core/bytes.ts'
import { encode } from '../core/codec.ts'
import { membersSchema, SUITE_IDS, type Acknowledgement, type EpochRecord } from './key-record.ts'
import type { CeremonySession } from './session.ts'
import type { Suite } from './types.ts'

type EpochFacts = Pick<EpochRecord, 'epoch' | 'threshold' | 'members' | 'publicKey'> & {
  readonly keyId: string
  readonly suite: Suite
  /** The part of the share's own description that all members have in common: their public shares. */
  readonly commitments: Bytes
}

/** What the members of an epoch agree on, in 32 bytes: the key, the committee, and every member's public share. */
export function epochDigest({ keyId, suite, epoch, threshold, members, publicKey, commitments }: EpochFacts): Bytes {
  const schema = bcs.struct('EpochFacts', {
    purpose: bcs.string(),
    keyId: bcs.bytes(32),
    suite: bcs.u8(),
    epoch: bcs.u32(),
    threshold: bcs.u8(),
    members: membersSchema(),
    publicKey: bcs.byteVector(),
    commitments: bcs.byteVector(),
  })
  const facts = { keyId: fromHex(keyId), suite: SUITE_IDS[suite], epoch, threshold, members, publicKey, commitments }
  return sha256(encode(schema, { purpose: 'locket/mpc/epoch/v1', ...facts }))
}

/** What a member signs when it has its share of an epoch on disk. Proof to any other member, in this session or later. */
export function acknowledgementText(digest: Bytes): Bytes {
  return concatBytes(utf8('locket/mpc/acknowledge/v1\0'), digest)
}

/** Whether `acknowledgements` hold a true signature of every member of the epoch. */
export function areComplete(
  { members, digest }: Pick<EpochRecord, 'members' | 'digest'>,
  acknowledgements: readonly Acknowledgement[],
  { verify }: Pick<CeremonySession, 'verify'>,
): boolean {
  const text = acknowledgementText(digest)
  return members.every(({ index, card }) =>
    acknowledgements.some(({ party, signature }) => party === index && verify(card, text, signature)),
  )
}
