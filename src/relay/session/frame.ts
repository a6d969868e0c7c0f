import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { concatBytes, copyBytes, type Bytes } from '../../core/bytes.ts'
import { randomBytes, type Entropy } from '../../core/capabilities.ts'
import { LocketError } from '../../core/errors.ts'
import type { FrameKey } from './lanes.ts'
import { labelled } from './purpose.ts'

/** What a frame carries. The first four are steps of the session, in order; the others stand alone. */
export const KIND = { hello: 0, confirm: 1, round: 2, closing: 3, ack: 4, gone: 5, result: 6 } as const
export type Kind = (typeof KIND)[keyof typeof KIND]

/** The part of a frame that is not encrypted: what a relay can see. All of it but `attempt` and `route` is authenticated. */
export type FrameHeader = {
  readonly kind: Kind
  readonly route: Uint8Array
  /** 0 hello, 1 confirm, from 2 the rounds. 0 for what is no step. */
  readonly step: number
  readonly index: number
  readonly count: number
}

/** A frame taken apart. Nothing in it is authenticated. */
export type Frame = FrameHeader & {
  /** How often it was sent before, modulo 65,536: makes each sending a message of its own to relays that deliver none twice. */
  readonly attempt: number
  /** Nonce (24 bytes), ciphertext, tag (16 bytes). */
  readonly sealed: Bytes
}

const VERSION = 1
const HEADER_BYTES = 18
const ROUTE_AT = 2
const ATTEMPT_AT = 10
const NONCE_BYTES = 24
const TAG_BYTES = 16

/** What a frame adds to its content. */
export const FRAME_OVERHEAD_BYTES: number = HEADER_BYTES + NONCE_BYTES + TAG_BYTES
/** Most frames of one message. */
export const MAX_FRAMES = 65_535

/** Version, kind, route (8), attempt, step, index, count (`u16` each, little endian), sealed. */
export function encodeFrame(frame: Frame): Bytes {
  const header = new Uint8Array(HEADER_BYTES)
  header[0] = VERSION
  header[1] = frame.kind
  header.set(frame.route, ROUTE_AT)
  const view = new DataView(header.buffer)
  for (const [i, value] of [frame.attempt, frame.step, frame.index, frame.count].entries()) view.setUint16(ATTEMPT_AT + 2 * i, value, true)
  return concatBytes(header, frame.sealed)
}

/** @throws {LocketError} `codec/truncated`, `codec/unknown-version`, or `codec/invalid` for a kind or index that cannot be. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const operation = 'session.decodeFrame'
  if (bytes.length < FRAME_OVERHEAD_BYTES) throw new LocketError('codec/truncated', { operation })
  if (bytes[0] !== VERSION) throw new LocketError('codec/unknown-version', { operation })
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const kind = bytes[1] as Kind
  const [attempt, step, index, count] = [0, 2, 4, 6].map((at) => view.getUint16(ATTEMPT_AT + at, true)) as [number, number, number, number]
  if (kind > KIND.result || index >= count) throw new LocketError('codec/invalid', { operation })
  return {
    kind,
    route: bytes.subarray(ROUTE_AT, ATTEMPT_AT),
    attempt,
    step,
    index,
    count,
    sealed: copyBytes(bytes.subarray(HEADER_BYTES)),
  }
}

/** Numbers the sending of an encoded frame, in place. */
export function setAttempt(encoded: Bytes, attempt: number): void {
  new DataView(encoded.buffer, encoded.byteOffset).setUint16(ATTEMPT_AT, attempt % 65_536, true)
}

/** The tag of a frame's AEAD, by which it is acknowledged: 16 bytes that only its two ends can have made. */
export function frameTag(sealed: Uint8Array): Uint8Array {
  return sealed.subarray(sealed.length - TAG_BYTES)
}

/** The kind, step, index and count, as they are authenticated, behind what both ends know. */
function associated(header: Omit<FrameHeader, 'route'>, context: Uint8Array = new Uint8Array()): Bytes {
  const fixed = new Uint8Array(10)
  const view = new DataView(fixed.buffer)
  for (const [i, value] of [VERSION, header.kind, header.step, header.index, header.count].entries()) view.setUint16(2 * i, value, true)
  return labelled('frame', fixed, context)
}

/**
 * Seals `content` with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under a nonce of 24 random bytes: no counter that a
 * crash or a second tab could repeat.
 */
export function sealFrame(input: {
  readonly key: FrameKey
  readonly header: Omit<FrameHeader, 'route'>
  readonly content: Uint8Array
  readonly entropy: Entropy
}): Bytes {
  const header = { ...input.header, route: input.key.route }
  const nonce = randomBytes(input.entropy, NONCE_BYTES)
  const ciphertext = xchacha20poly1305(input.key.secretKey, nonce, associated(header, input.key.context)).encrypt(input.content)
  return encodeFrame({ ...header, attempt: 0, sealed: concatBytes(nonce, ciphertext) })
}

/** Seals what stands alone, under a key that says it all. */
export function sealSingle(key: FrameKey, kind: Kind, content: Uint8Array, entropy: Entropy): Bytes {
  return sealFrame({ key, header: { kind, step: 0, index: 0, count: 1 }, content, entropy })
}

/** What {@link sealFrame} was given, or nothing if the frame is not authentic under this key. */
export function openFrame({ key, frame }: { readonly key: FrameKey; readonly frame: Frame }): Bytes | undefined {
  try {
    const cipher = xchacha20poly1305(key.secretKey, frame.sealed.subarray(0, NONCE_BYTES), associated(frame, key.context))
    return cipher.decrypt(frame.sealed.subarray(NONCE_BYTES))
  } catch {
    return undefined
  }
}
