import type { Bytes } from '../../../src/core/bytes.ts'
import type { Entropy } from '../../../src/core/capabilities.ts'
import type { CoreMessage } from '../../helpers/mpc-core.ts'
import { mod, toInteger } from './field.ts'

/** What a party sends in a round. */
export type Sent = { readonly broadcast: Bytes; readonly direct: ReadonlyMap<number, Bytes> }

/** What a party gets in a round, by sender. */
export type Inbox = ReadonlyMap<number, CoreMessage>

/** What `party` sent, as every party has sent something. */
export const messageOf = (inbox: Inbox, party: number): CoreMessage => inbox.get(party) as CoreMessage

/** One party's side of one protocol: yields what it sends, is given what the others sent, returns its result. */
export type Ceremony = Generator<Sent, Bytes, Inbox>

/** Classes and codes of failures: part 8 of `wasm/SPEC.md`. */
const CLASSES = { retry: 1, ban: 2, blame: 3 } as const

/** Ends a ceremony. `party` 0 is nobody. */
export class Refusal extends Error {
  readonly kind: number
  readonly code: number
  readonly party: number
  constructor(kind: keyof typeof CLASSES, code: number, party: number) {
    super(`${kind} ${code} of party ${party}`)
    this.kind = CLASSES[kind]
    this.code = code
    this.party = party
  }
}

/** Ends the ceremony unless `held`. */
export function demand(held: boolean, kind: keyof typeof CLASSES, code: number, party = 0): asserts held {
  if (!held) throw new Refusal(kind, code, party)
}

/** Where a party's secrets come from. */
export type Draw = {
  bytes(length: number): Bytes
  /** 32 bytes mod `q`; 0 is drawn again. */
  scalar(): bigint
}

export function drawFrom(entropy: Entropy): Draw {
  const draw: Draw = {
    bytes(length) {
      const out = new Uint8Array(length)
      entropy.fill(out)
      return out
    },
    scalar: () => mod(toInteger(draw.bytes(32))) || draw.scalar(),
  }
  return draw
}

/** The same bytes, or no bytes, for each of these. */
export function toEach(parties: readonly number[], bytes: (party: number) => Bytes = () => new Uint8Array()): Map<number, Bytes> {
  return new Map(parties.map((party) => [party, bytes(party)]))
}
