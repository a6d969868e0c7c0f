import { utf8, type Bytes } from '../../../src/core/bytes.ts'
import type { PreparedEpoch } from '../../../src/mpc/share-store.ts'

/** A key's id for tests of what is kept, not of what is in it. */
export const keyIdOf = (name: string): string => Buffer.from(name.padEnd(32, '.')).toString('hex')

/** An epoch of a two-of-three key, without a ceremony. */
export function epochOf(name: string, epoch: number, self = 1): PreparedEpoch {
  return {
    keyId: keyIdOf(name),
    suite: 'frost-ed25519',
    epoch,
    threshold: 2,
    self,
    members: [1, 2, 3].map((index) => ({ index, name: `holder ${index}`, card: utf8(`card of ${index}`) })),
    publicKey: utf8(name.padEnd(32, '.')),
    digest: utf8(`${name}/${epoch}`.padEnd(32, '.')),
  }
}

/** A share that can be told from every other and found anywhere. */
export const shareOf = (name: string, epoch: number): Bytes => utf8(`SECRET SHARE of ${name} at epoch ${epoch}`)
