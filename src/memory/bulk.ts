import { BcsReader } from '@mysten/bcs'
import { concatBytes, type Bytes } from '../core/bytes.ts'
import type { Schema } from '../core/codec.ts'

/** A BCS type as far as a part of a larger value needs it. */
export type PartSchema<T, Input = T> = {
  read(reader: BcsReader): T
  serialize(value: Input): { toBytes(): Uint8Array }
}

/** A value of some small fields, one large one, and some small ones after it. */
export type AroundBulk<Head, Tail> = { readonly head: Head; readonly bulk: Uint8Array; readonly tail: Tail }

/**
 * The BCS of a struct with one large `vector<u8>` or `string` in it. The bytes
 * are the same as one struct of all fields gives (a struct's encoding is that
 * of its fields in order); only the large field is copied whole, where
 * `@mysten/bcs` writes it byte by byte and grows its buffer on the way.
 */
export function aroundBulk<Head, HeadInput, Tail, TailInput>(
  head: PartSchema<Head, HeadInput>,
  tail: PartSchema<Tail, TailInput>,
): Schema<AroundBulk<Head, Tail>, AroundBulk<HeadInput, TailInput>> {
  return {
    parse(bytes) {
      const reader = new BcsReader(bytes)
      return { head: head.read(reader), bulk: reader.readBytes(reader.readULEB()), tail: tail.read(reader) }
    },
    serialize: (value) => {
      const encoded = concatBytes(
        head.serialize(value.head).toBytes(),
        lengthPrefix(value.bulk.length),
        value.bulk,
        tail.serialize(value.tail).toBytes(),
      )
      return { toBytes: () => encoded }
    },
  }
}

/** ULEB128, as BCS writes lengths. */
function lengthPrefix(length: number): Bytes {
  const out: number[] = []
  let rest = length
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    out.push(rest > 0 ? low | 128 : low)
  } while (rest > 0)
  return Uint8Array.from(out)
}
