import type { Bytes } from '../../src/core/bytes.ts'

/** What lengths, counts and tags are set to: where decoders go wrong. */
const TELLING = [0, 1, 2, 3, 0x7f, 0x80, 0x81, 0xfe, 0xff]
/** A length of 2^32 - 1 as ULEB128, and a 0 spelled in two bytes. */
const ULEBS = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x00],
]

/**
 * A damaged copy of one of `seeds`: one to four of bits flipped, bytes set, cut,
 * dropped, repeated, inserted, lengths blown up, two seeds joined; seldom noise.
 */
export function mutate(seeds: readonly Uint8Array[], choose: (n: number) => number): Bytes {
  const seed = seeds[choose(seeds.length)] as Uint8Array
  if (choose(50) === 0) return Uint8Array.from({ length: choose(2 * seed.length + 2) }, () => choose(256))
  let bytes: Bytes = new Uint8Array(seed)
  for (let changes = 1 + choose(4); changes > 0; changes--) bytes = change(bytes, seeds, choose)
  return bytes
}

function change(bytes: Bytes, seeds: readonly Uint8Array[], choose: (n: number) => number): Bytes {
  const at = choose(Math.max(1, bytes.length))
  const isEmpty = bytes.length === 0
  switch (choose(isEmpty ? 3 : 10)) {
    case 0:
      return joined(bytes.subarray(0, at), noise(1 + choose(8), choose), bytes.subarray(at))
    case 1:
      return joined(bytes, noise(1 + choose(40), choose))
    case 2: {
      const other = seeds[choose(seeds.length)] as Uint8Array
      return joined(bytes.subarray(0, at), other.subarray(choose(Math.max(1, other.length))))
    }
    case 3:
      return bytes.slice(0, at)
    case 4:
      return joined(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + choose(16))))
    case 5:
      return joined(bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 1 - choose(20))))
    case 6:
      return joined(bytes.subarray(0, at), Uint8Array.from(ULEBS[choose(ULEBS.length)] as number[]), bytes.subarray(at + 1))
    case 7:
      return bytes.fill(choose(3) === 0 ? 0 : 0xff, at, at + 1 + choose(8))
    case 8:
      bytes[at] = choose(2) === 0 ? choose(256) : (TELLING[choose(TELLING.length)] as number)
      return bytes
    default:
      bytes[at] = (bytes[at] as number) ^ (1 << choose(8))
      return bytes
  }
}

const noise = (length: number, choose: (n: number) => number) => Uint8Array.from({ length }, () => choose(256))

function joined(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
