import { spellingsOf } from './spellings.ts'

/** Finds any of very many byte strings in one pass over the haystack. */
export type Needles = {
  readonly size: number
  add(text: string): void
  /** The spelling of the first needle found, if one is. */
  findIn(haystack: Uint8Array): string | undefined
}

const FILTER_BITS = 22
/** Length of a canary. Long enough that random bytes never match one. */
const CANARY_CHARACTERS = 24

/**
 * Needles are filed by their first four bytes; a bitmap of those says at most
 * positions of a haystack that no needle begins there.
 */
export function createNeedles(): Needles {
  const filter = new Uint8Array((1 << FILTER_BITS) / 8)
  const byStart = new Map<number, { encoding: string; bytes: Uint8Array }[]>()
  let size = 0
  const slot = (start: number) => Math.imul(start, 0x9e3779b1) >>> (32 - FILTER_BITS)

  return {
    get size() {
      return size
    },
    add(text) {
      for (const needle of spellingsOf(text)) {
        const start = fourBytes(needle.bytes, 0)
        const bit = slot(start)
        filter[bit >> 3] = byteAt(filter, bit >> 3) | (1 << (bit & 7))
        const sharing = byStart.get(start)
        if (sharing === undefined) byStart.set(start, [needle])
        else sharing.push(needle)
      }
      size += 1
    },
    findIn(haystack) {
      for (let at = 0; at + 4 <= haystack.length; at++) {
        const start = fourBytes(haystack, at)
        const bit = slot(start)
        if ((byteAt(filter, bit >> 3) & (1 << (bit & 7))) === 0) continue
        const found = byStart.get(start)?.find(({ bytes }) => isAt(haystack, at, bytes))
        if (found !== undefined) return found.encoding
      }
      return undefined
    },
  }
}

/** Passages of a text that would betray it: from its beginning, middle and end. */
export function canariesOf(text: string): readonly string[] {
  const trimmed = text.trim()
  if (trimmed.length < CANARY_CHARACTERS) return trimmed.length < 8 ? [] : [trimmed]
  const last = trimmed.length - CANARY_CHARACTERS
  const starts = new Set([0, Math.floor(last / 2), last])
  return [...starts].map((start) => withoutHalves(trimmed.slice(start, start + CANARY_CHARACTERS)))
}

/** Drops half of a character at either end, which has no encoding. */
function withoutHalves(text: string): string {
  return text.replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, '')
}

function fourBytes(bytes: Uint8Array, at: number): number {
  return (byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24)) >>> 0
}

const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0

function isAt(haystack: Uint8Array, at: number, needle: Uint8Array): boolean {
  if (at + needle.length > haystack.length) return false
  for (let i = 4; i < needle.length; i++) if (haystack[at + i] !== needle[i]) return false
  return true
}
