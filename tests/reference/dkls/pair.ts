import { concatBytes, type Bytes } from '../../../src/core/bytes.ts'
import { createReceiver, createSender, label, type ReceiverKeys, type SenderKeys } from './base-ot.ts'
import type { Draw } from './ceremony.ts'
import { mod } from './field.ts'
import { H, Hq, u8 } from './hash.ts'
import { createReader } from './reader.ts'

/** Bytes of what each of a pair sends the other: half a seed, `S`, and 128 pairs of points. */
export const PAIR_BYTES = 32 + 33 + 128 * 66

/** What one party has in common with another: parts 3.2 and 3.6. */
export type Peer = { readonly zeroSeed: Bytes; readonly sent: SenderKeys; readonly received: ReceiverKeys }

/** One side of setting that up. */
export type PairSetup = {
  readonly message: Bytes
  finish(theirs: Bytes): { readonly peer: Peer; readonly digest: Bytes }
}

export function createPairSetup(context: Bytes, me: number, other: number, draw: Draw): PairSetup {
  const half = draw.bytes(32)
  const sender = createSender(label(context, me, other), draw)
  const receiver = createReceiver(label(context, other, me), draw)
  const message = concatBytes(half, sender.message, receiver.message)
  const inOrder = (domain: string, mine: Bytes, theirs: Bytes) =>
    me < other ? H(domain, context, u8(me), u8(other), mine, theirs) : H(domain, context, u8(other), u8(me), theirs, mine)
  return {
    message,
    finish(theirs) {
      const reader = createReader(theirs, other)
      const theirHalf = reader.bytes(32)
      const received = receiver.finish(reader)
      const sent = sender.finish(reader, other)
      const zeroSeed = inOrder('locket/ecdsa/zero-seed', half, theirHalf)
      return { peer: { zeroSeed, sent, received }, digest: inOrder('locket/ecdsa/pair', message, theirs) }
    },
  }
}

/** This party's summand of zero, of the pair with `other`: part 3.6. */
export function zeroShare(peer: Peer, me: number, other: number, name: Bytes, item: number): bigint {
  const o = Hq('locket/ecdsa/zero-share', peer.zeroSeed, name, u8(item))
  return me < other ? o : mod(-o)
}
