import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, copyBytes, equalBytes, type Bytes } from '../../core/bytes.ts'
import { frameTag, type Frame, type Kind } from './frame.ts'

/** Largest message of one step, in bytes, padding included. */
export const MAX_MESSAGE_BYTES: number = 32 * 1024 * 1024

/** What a frame turned out to be. */
export type Placement = 'added' | 'completed' | 'repeated' | 'different' | 'oversize'

/** The one slot of a party and step: the frames of its message, each taken once. */
export type Assembly = {
  readonly kind: Kind
  /** Whether this very frame was taken before: told by its tag, without decrypting it. */
  has(frame: Frame): boolean
  /** Takes the content of an authentic frame. */
  add(frame: Frame, content: Bytes): Placement
  /** The whole message, once: it is not kept here any longer. */
  take(): Bytes | undefined
}

type Part = { readonly tag: Bytes; readonly digest: Bytes }

/** @param first - Fixes kind and count. */
export function createAssembly(first: Frame): Assembly {
  const { kind, count } = first
  const parts = new Map<number, Part>()
  const contents = new Map<number, Bytes>()
  let sizeBytes = 0

  return Object.freeze({
    kind,
    has(frame: Frame) {
      const part = parts.get(frame.index)
      return part !== undefined && frame.kind === kind && frame.count === count && equalBytes(part.tag, frameTag(frame.sealed))
    },
    add(frame: Frame, content: Bytes): Placement {
      if (frame.kind !== kind || frame.count !== count) return 'different'
      const digest = sha256(content)
      const part = parts.get(frame.index)
      if (part !== undefined) return equalBytes(part.digest, digest) ? 'repeated' : 'different'
      sizeBytes += content.length
      if (sizeBytes > MAX_MESSAGE_BYTES) return 'oversize'
      parts.set(frame.index, { digest, tag: copyBytes(frameTag(frame.sealed)) })
      contents.set(frame.index, content)
      return parts.size === count ? 'completed' : 'added'
    },
    take() {
      if (contents.size < count) return undefined
      const whole = concatBytes(...Array.from({ length: count }, (_, index) => contents.get(index) as Bytes))
      contents.clear()
      return whole
    },
  })
}
