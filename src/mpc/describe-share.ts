import { byteReader } from '../core/byte-reader.ts'
import { concatBytes, toHex, type Bytes } from '../core/bytes.ts'
import type { Flow } from './flow.ts'
import { suiteOf } from './key-record.ts'
import { OP_DESCRIBE } from './operations.ts'
import type { Suite } from './types.ts'
import { readSized, sized } from './wire.ts'

/** The public half of a share, as the core reads it out. */
export type ShareDescription = {
  readonly suite: Suite
  readonly keyId: string
  readonly self: number
  readonly epoch: number
  readonly threshold: number
  readonly memberCount: number
  readonly publicKey: Bytes
  /** What all members have in common besides: public shares, and whatever else the suite keeps. */
  readonly commitments: Bytes
}

/**
 * Asks the core what a share is of.
 *
 * @param secretShare - Copied; the copy is overwritten.
 * @throws {LocketError} `usage/invalid-argument` if it is not a share.
 */
export async function describeShare(flow: Pick<Flow, 'call'>, secretShare: Bytes): Promise<ShareDescription> {
  const answer = byteReader(await flow.call(OP_DESCRIBE, concatBytes(...sized(secretShare))), OPERATION)
  const suite = suiteOf(answer.u8())
  const keyId = toHex(answer.take(32))
  const description = {
    suite,
    keyId,
    self: answer.u8(),
    epoch: answer.u32(),
    threshold: answer.u8(),
    memberCount: answer.u8(),
    publicKey: readSized(answer),
    commitments: readSized(answer),
  }
  answer.end()
  return description
}

const OPERATION = 'mpc.describeShare'
