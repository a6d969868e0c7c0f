import { concatBytes, copyBytes, fromUtf8, utf8, type Bytes } from '../core/bytes.ts'
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

const SERVER_BIT = 0x80

/** One field of a frame: how it is written, and read. */
type Field<T> = { write(value: T): Uint8Array; read(reader: Reader): T }
/** The kinds of frames by their numbers from 1, each with the fields behind kind and request, in order. */
type Layout<Frame extends { readonly type: string }> = {
  readonly [Type in Frame['type']]: {
    readonly [Name in Exclude<keyof Extract<Frame, { type: Type }>, 'type' | 'request'>]: Field<Extract<Frame, { type: Type }>[Name]>
  }
}

const u32: Field<number> = { write: u32Bytes, read: (reader) => reader.u32() }
const count: Field<number> = { write: u32Bytes, read: (reader) => reader.u32() || reader.fail() }
const token: Field<Bytes> = { write: asIs, read: (reader) => reader.take(TOKEN_BYTES) }
const id: Field<Bytes> = { write: asIs, read: (reader) => reader.take(ID_BYTES) }
const handle: Field<Bytes> = { write: asIs, read: (reader) => reader.take(HANDLE_BYTES) }
const body: Field<Bytes> = { write: asIs, read: (reader) => reader.rest(1) }
const admission: Field<string> = { write: utf8, read: (reader) => fromUtf8(reader.rest(0, MAX_ADMISSION_BYTES)) }
const reason: Field<Refusal> = {
  write: (value) => Uint8Array.of(REFUSALS.indexOf(value)),
  read: (reader) => REFUSALS[reader.u8()] ?? reader.fail(),
}

const CLIENT: Layout<ClientFrame> = {
  hello: { admission },
  send: { token, ttlSeconds: count, body },
  open: { token, credit: count, after: handle },
  acknowledge: { token, id },
  credit: { credit: count },
  leave: {},
  ping: {},
}
const SERVER: Layout<ServerFrame> = { ok: {}, refused: { reason, afterMs: u32 }, delivery: { handle, body } }

/** The bytes of a frame. Numbers must be in range. */
export function encodeClientFrame(frame: ClientFrame): Bytes {
  return encodeBy(CLIENT, 0, frame)
}

/** @throws {LocketError} `codec/truncated`, `codec/trailing-bytes`, `codec/too-large` or `codec/invalid`. */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  const reader = readerOf(bytes, 'relay.decodeClientFrame')
  const frame = decodeBy<ClientFrame>(CLIENT, 0, reader)
  return frame.request === 0 ? reader.fail() : frame
}

/** The bytes of a frame. Numbers must be in range. */
export function encodeServerFrame(frame: ServerFrame): Bytes {
  return encodeBy(SERVER, SERVER_BIT, frame)
}

/** @throws {LocketError} `codec/truncated`, `codec/trailing-bytes` or `codec/invalid`. */
export function decodeServerFrame(bytes: Uint8Array): ServerFrame {
  return decodeBy(SERVER, SERVER_BIT, readerOf(bytes, 'relay.decodeServerFrame'))
}

type AnyFrame = { readonly type: string; readonly request: number }
type AnyField = { write(value: never): Uint8Array; read(reader: Reader): unknown }
type AnyLayout = { readonly [type: string]: { readonly [name: string]: AnyField } }

function encodeBy<Frame extends AnyFrame>(layout: AnyLayout, bit: number, frame: Frame): Bytes {
  const kind = Object.keys(layout).indexOf(frame.type) + 1
  const fields = Object.entries(layout[frame.type] ?? {})
  const parts = fields.map(([name, field]) => field.write(frame[name as keyof Frame] as never))
  return concatBytes(Uint8Array.of(bit | kind), u32Bytes(frame.request), ...parts)
}

function decodeBy<Frame extends AnyFrame>(layout: AnyLayout, bit: number, reader: Reader): Frame {
  const [type, fields] = Object.entries(layout)[(reader.u8() ^ bit) - 1] ?? reader.fail()
  const frame: { [name: string]: unknown } = { type, request: reader.u32() }
  for (const [name, field] of Object.entries(fields)) frame[name] = field.read(reader)
  reader.end()
  return frame as Frame
}

type Reader = ReturnType<typeof readerOf>

function readerOf(bytes: Uint8Array, operation: string) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  const claim = (length: number) => {
    if (at + length > bytes.length) throw new LocketError('codec/truncated', { operation, details: { offset: at } })
    at += length
    return at - length
  }
  const take = (length: number): Bytes => copyBytes(bytes.subarray(claim(length), at))
  return {
    u8: () => view.getUint8(claim(1)),
    u32: () => view.getUint32(claim(4)),
    take,
    rest(minBytes: number, maxBytes = Number.POSITIVE_INFINITY): Bytes {
      const length = bytes.length - at
      if (length > maxBytes) throw new LocketError('codec/too-large', { operation, details: { limitBytes: maxBytes } })
      return take(Math.max(length, minBytes))
    },
    end() {
      if (at < bytes.length) throw new LocketError('codec/trailing-bytes', { operation, details: { offset: at } })
    },
    fail(): never {
      throw new LocketError('codec/invalid', { operation, message: 'no such frame' })
    },
  }
}

function asIs(bytes: Bytes): Bytes {
  return bytes
}

function u32Bytes(value: number): Bytes {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, value)
  return out
}
