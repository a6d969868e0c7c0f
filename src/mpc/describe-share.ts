import { toHex, type Bytes } from '../core/bytes.ts'
import type { Flow } from './flow.ts'
import { suiteOf } from './key-record.ts'
import { OP_DESCRIBE } from './operations.ts'
import type { Suite } from './types.ts'
import { createWireReader, createWireWriter } from './wire.ts'

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
  const answer = createWireReader(await flow.call(OP_DESCRIBE, createWireWriter().bytes(secretShare).finish()), OPERATION)
  const suite = suiteOf(answer.u8())
  const keyId = toHex(answer.raw(32))
  const description = {
    suite,
    keyId,
    self: answer.u8(),
    epoch: answer.u32(),
    threshold: answer.u8(),
    memberCount: answer.u8(),
    publicKey: answer.bytes(),
    commitments: answer.bytes(),
  }
  answer.end()
  return description
}

const OPERATION = 'mpc.describeShare'
