import { concatBytes, type Bytes } from '../../../src/core/bytes.ts'
import { pointBytes, scalarBytes, type Point } from './field.ts'
import { createReader } from './reader.ts'

/** One party's part of a signature whose digest is not known yet. */
export type Presignature = {
  readonly name: Bytes
  readonly setup: Bytes
  readonly Y: Point
  readonly me: number
  readonly parties: readonly number[]
  readonly R: Point
  readonly phi: bigint
  readonly u: bigint
  readonly v: bigint
}

export function presignatureBytes({ name, setup, Y, me, parties, R, phi, u, v }: Presignature): Bytes {
  const numbers = Uint8Array.of(me, parties.length, ...parties)
  return concatBytes(Uint8Array.of(1, 1), name, setup, pointBytes(Y), numbers, pointBytes(R), ...[phi, u, v].map(scalarBytes))
}

/** The inverse of {@link presignatureBytes}. */
export function readPresignature(bytes: Uint8Array): Presignature {
  const reader = createReader(bytes.subarray(2), 0)
  const [name, setup, Y, me] = [reader.bytes(32), reader.bytes(32), reader.point(), reader.u8()]
  const parties = [...reader.bytes(reader.u8())]
  const presignature = { name, setup, Y, me, parties, R: reader.point(), phi: reader.scalar(), u: reader.scalar(), v: reader.scalar() }
  reader.end()
  return presignature
}
