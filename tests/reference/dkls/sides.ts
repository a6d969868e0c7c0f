import { concatBytes, type Bytes } from '../../../src/core/bytes.ts'
import { withLength } from '../../helpers/mpc-core.ts'
import { finish } from './combining.ts'
import { generate, importKey, refresh, reshare } from './dealings.ts'
import { exportKey } from './export.ts'
import { u32 } from './hash.ts'
import type { Side } from './party.ts'
import { readPresignature } from './presignature.ts'
import { readShare } from './share.ts'
import { presign, sign } from './signing.ts'

/** Requests of part 7 of `wasm/SPEC.md`, and the same for the reference. */

export function generateSide(session: Bytes, me: number, t: number, n: number): Side {
  const parameters = concatBytes(session, Uint8Array.of(me, t, n))
  return { protocol: 1, parameters, reference: (draw) => generate(session, me, t, n, draw) }
}

/** What signers agree on. */
export type SignersOf = { readonly session: Bytes; readonly signers: readonly number[]; readonly path: readonly number[] }

const signingParameters = ({ session, signers, path }: SignersOf, share: Bytes): Bytes =>
  concatBytes(session, withLength(share), withLength(Uint8Array.from(signers)), withLength(concatBytes(...path.map(u32))))

export function signSide(of: SignersOf, share: Bytes, digests: readonly Bytes[]): Side {
  const parameters = concatBytes(signingParameters(of, share), withLength(concatBytes(...digests)))
  return { protocol: 2, parameters, reference: (draw) => sign({ ...of, share: readShare(share) }, digests, draw) }
}

export function presignSide(of: SignersOf, share: Bytes, count: number): Side {
  const parameters = concatBytes(signingParameters(of, share), Uint8Array.of(count))
  return { protocol: 8, parameters, reference: (draw) => presign({ ...of, share: readShare(share) }, count, draw) }
}

export function finishSide(session: Bytes, share: Bytes, presignature: Bytes, digest: Bytes): Side {
  const parameters = concatBytes(session, withLength(share), withLength(presignature), digest)
  return { protocol: 9, parameters, reference: () => finish(session, readPresignature(presignature), digest) }
}

export function refreshSide(session: Bytes, share: Bytes): Side {
  return { protocol: 3, parameters: concatBytes(session, withLength(share)), reference: (draw) => refresh(session, readShare(share), draw) }
}

/** A new committee, and who deals to it: a number of this ceremony, ascending, to the number of the old share. */
export type Reshared = { readonly t: number; readonly n: number; readonly dealers: ReadonlyMap<number, number>; readonly keyId: Bytes }

export function reshareSide(session: Bytes, me: number, of: Reshared, share: Bytes | undefined): Side {
  const pairs = concatBytes(...[...of.dealers].map((pair) => Uint8Array.from(pair)))
  const numbers = Uint8Array.of(me, of.t, of.n)
  return {
    protocol: 4,
    parameters: concatBytes(session, numbers, withLength(pairs), of.keyId, withLength(share ?? new Uint8Array())),
    reference: (draw) => reshare(session, { ...of, me }, share && readShare(share), draw),
  }
}

/** A dealer's `secret` has 32 bytes for form 0 and 64 for form 1. */
export type Imported = { readonly t: number; readonly n: number; readonly dealer: number; readonly form: 0 | 1; readonly secret: Bytes }

export function importSide(session: Bytes, me: number, { t, n, dealer, form, secret }: Imported): Side {
  const mine = me === dealer ? secret : undefined
  return {
    protocol: 6,
    parameters: concatBytes(session, Uint8Array.of(me, t, n, dealer, form), withLength(mine ?? new Uint8Array())),
    reference: (draw) => importKey(session, { me, t, n, dealer, form }, mine, draw),
  }
}

export function exportSide(session: Bytes, share: Bytes, parties: readonly number[], receiver: number): Side {
  const parameters = concatBytes(session, withLength(share), withLength(Uint8Array.from(parties)), Uint8Array.of(receiver))
  return { protocol: 7, parameters, reference: () => exportKey(session, readShare(share), parties, receiver) }
}
