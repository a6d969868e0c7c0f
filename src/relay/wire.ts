import { concatBytes, fromUtf8, utf8, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'

/** The WebSocket subprotocol. A change of the frames is another name. */
export const RELAY_PROTOCOL = 'locket-relay.v1'

/** What a token, and an address, take. */
const TOKEN_BYTES = 32

/** What the id of a message takes: the SHA-256 of its body. */
const ID_BYTES = 32

/** Where a reading stands: 8 bytes that name the server's run, 8 that count. */
export const HANDLE_BYTES = 16

/** Longest admission, in bytes of UTF-8. */
const MAX_ADMISSION_BYTES = 256

/** Why a server refuses, as it is written on the wire. New reasons are added at the end. */
export const REFUSALS = [
  'malformed',
  'admission',
  'rate',
  'mailbox-full',
  'relay-full',
  'oversize',
  'too-many-readers',
  'too-many-mailboxes',
  'unavailable',
] as const
export type Refusal = (typeof REFUSALS)[number]

/** From client to server. All integers are big-endian; `request` is a u32 that the client chose, not 0. */
export type ClientFrame =
  | { readonly type: 'hello'; readonly request: number; readonly admission: string }
  | { readonly type: 'send'; readonly request: number; readonly token: Bytes; readonly ttlSeconds: number; readonly body: Bytes }
  /** `after` resumes: the place of the last delivery that arrived, or all zero. Of another run of the server it counts as zero. */
  | { readonly type: 'open'; readonly request: number; readonly token: Bytes; readonly credit: number; readonly after: Bytes }
  | { readonly type: 'acknowledge'; readonly request: number; readonly token: Bytes; readonly id: Bytes }
  /** `request` is that of the `open`: so many more deliveries are welcome. */
  | { readonly type: 'credit'; readonly request: number; readonly credit: number }
  /** `request` is that of the `open`. */
  | { readonly type: 'leave'; readonly request: number }
  | { readonly type: 'ping'; readonly request: number }

/** From server to client. */
export type ServerFrame =
  | { readonly type: 'ok'; readonly request: number }
  /** With `request` 0 the whole connection is refused and ends. */
  | { readonly type: 'refused'; readonly request: number; readonly reason: Refusal; readonly afterMs: number }
  | { readonly type: 'delivery'; readonly request: number; readonly handle: Bytes; readonly body: Bytes }

const CLIENT = ['hello', 'send', 'open', 'acknowledge', 'credit', 'leave', 'ping'] as const
const SERVER = ['ok', 'refused', 'delivery'] as const
const SERVER_BIT = 0x80
const HEAD_BYTES = 5

/** The bytes of a frame. Numbers must be in range. */
export function encodeClientFrame(frame: ClientFrame): Bytes {
  const head = headOf(CLIENT.indexOf(frame.type) + 1, frame.request)
  switch (frame.type) {
    case 'hello':
      return concatBytes(head, utf8(frame.admission))
    case 'send':
      return concatBytes(head, frame.token, u32(frame.ttlSeconds), frame.body)
    case 'open':
      return concatBytes(head, frame.token, u32(frame.credit), frame.after)
    case 'acknowledge':
      return concatBytes(head, frame.token, frame.id)
    case 'credit':
      return concatBytes(head, u32(frame.credit))
    default:
      return head
  }
}

/** @throws {LocketError} `codec/truncated`, `codec/trailing-bytes`, `codec/too-large` or `codec/invalid`. */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  const reader = readerOf(bytes, 'relay.decodeClientFrame')
  const type = CLIENT[reader.u8() - 1]
  const request = reader.u32()
  if (request === 0 || type === undefined) throw invalid('relay.decodeClientFrame')
  switch (type) {
    case 'hello':
      return { type, request, admission: fromUtf8(reader.rest(0, MAX_ADMISSION_BYTES)) }
    case 'send':
      return { type, request, token: reader.take(TOKEN_BYTES), ttlSeconds: reader.positive(), body: reader.rest(1) }
    case 'open':
      return reader.end({ type, request, token: reader.take(TOKEN_BYTES), credit: reader.positive(), after: reader.take(HANDLE_BYTES) })
    case 'acknowledge':
      return reader.end({ type, request, token: reader.take(TOKEN_BYTES), id: reader.take(ID_BYTES) })
    case 'credit':
      return reader.end({ type, request, credit: reader.positive() })
    default:
      return reader.end({ type, request })
  }
}

/** The bytes of a frame. Numbers must be in range. */
export function encodeServerFrame(frame: ServerFrame): Bytes {
  const head = headOf(SERVER_BIT | (SERVER.indexOf(frame.type) + 1), frame.request)
  switch (frame.type) {
    case 'refused':
      return concatBytes(head, Uint8Array.of(REFUSALS.indexOf(frame.reason)), u32(frame.afterMs))
    case 'delivery':
      return concatBytes(head, frame.handle, frame.body)
    default:
      return head
  }
}

/** @throws {LocketError} `codec/truncated`, `codec/trailing-bytes` or `codec/invalid`. */
export function decodeServerFrame(bytes: Uint8Array): ServerFrame {
  const reader = readerOf(bytes, 'relay.decodeServerFrame')
  const kind = reader.u8()
  const type = kind & SERVER_BIT ? SERVER[(kind ^ SERVER_BIT) - 1] : undefined
  const request = reader.u32()
  switch (type) {
    case 'ok':
      return reader.end({ type, request })
    case 'refused': {
      const reason = REFUSALS[reader.u8()]
      if (reason === undefined) throw invalid('relay.decodeServerFrame')
      return reader.end({ type, request, reason, afterMs: reader.u32() })
    }
    case 'delivery':
      return { type, request, handle: reader.take(HANDLE_BYTES), body: reader.rest(1) }
    default:
      throw invalid('relay.decodeServerFrame')
  }
}

function readerOf(bytes: Uint8Array, operation: string) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  const claim = (length: number) => {
    if (at + length > bytes.length) throw new LocketError('codec/truncated', { operation, details: { offset: at } })
    at += length
    return at - length
  }
  const reader = {
    u8: () => view.getUint8(claim(1)),
    u32: () => view.getUint32(claim(4)),
    positive() {
      const value = reader.u32()
      if (value === 0) throw invalid(operation)
      return value
    },
    take(length: number): Bytes {
      const from = claim(length)
      return new Uint8Array(bytes.subarray(from, at))
    },
    rest(minBytes: number, maxBytes = Number.POSITIVE_INFINITY): Bytes {
      const length = bytes.length - at
      if (length > maxBytes) throw new LocketError('codec/too-large', { operation, details: { limitBytes: maxBytes } })
      return reader.take(Math.max(length, minBytes))
    },
    end<T>(value: T): T {
      if (at < bytes.length) throw new LocketError('codec/trailing-bytes', { operation, details: { offset: at } })
      return value
    },
  }
  return reader
}

function headOf(kind: number, request: number): Bytes {
  const head = new Uint8Array(HEAD_BYTES)
  head[0] = kind
  new DataView(head.buffer).setUint32(1, request)
  return head
}

function u32(value: number): Bytes {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, value)
  return out
}

function invalid(operation: string): LocketError {
  return new LocketError('codec/invalid', { operation, message: 'no such frame' })
}
