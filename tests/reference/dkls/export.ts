import { equalBytes, type Bytes } from '../../../src/core/bytes.ts'
import { demand, messageOf, toEach, type Ceremony } from './ceremony.ts'
import { G, lagrange, scalarBytes, sum, times } from './field.ts'
import { H, u8 } from './hash.ts'
import { createReader } from './reader.ts'
import { publicBytes, type Share } from './share.ts'

/** The whole key, for `receiver` alone: part 5.3. */
export function* exportKey(session: Bytes, share: Share, parties: readonly number[], receiver: number): Ceremony {
  const { me, x, public: half } = share
  const others = parties.filter((party) => party !== me)
  const context = H('locket/ecdsa/export', session, publicBytes(half), Uint8Array.from(parties), u8(receiver))
  const direct = toEach(others, (party) => (party === receiver ? scalarBytes(x) : new Uint8Array()))
  const inbox = yield { broadcast: context, direct }
  const parts = [lagrange(parties, me) * x]
  for (const party of others) {
    const message = messageOf(inbox, party)
    demand(equalBytes(message.broadcast, context), 'retry', 21, party)
    const reader = createReader(message.direct, party)
    if (me === receiver) {
      const theirs = reader.scalar()
      demand(half.shares[party - 1]?.equals(times(theirs, G)) ?? false, 'blame', 24, party)
      parts.push(lagrange(parties, party) * theirs)
    }
    reader.end()
  }
  return me === receiver ? scalarBytes(sum(parts)) : new Uint8Array()
}
