import { type Bytes, concatBytes } from '../core/bytes.ts'

/** Collects little-endian fields: the inverse of `reader.ts`. */
export type Writer = {
  u8(value: number): void
  u16(value: number): void
  u32(value: number): void
  u53(value: number): void
  bytes(value: Uint8Array): void
  length(): number
  finish(): Bytes
}

/** An empty writer. */
export function createWriter(): Writer {
  const parts: Uint8Array[] = []
  let length = 0

  function add(part: Uint8Array): void {
    parts.push(part)
    length += part.length
  }

  function number(sizeBytes: number, write: (view: DataView) => void): void {
    const part = new Uint8Array(sizeBytes)
    write(new DataView(part.buffer))
    add(part)
  }

  return Object.freeze({
    u8: (value: number) => number(1, (view) => view.setUint8(0, value)),
    u16: (value: number) => number(2, (view) => view.setUint16(0, value, true)),
    u32: (value: number) => number(4, (view) => view.setUint32(0, value, true)),
    u53: (value: number) => number(8, (view) => view.setBigUint64(0, BigInt(value), true)),
    bytes: add,
    length: () => length,
    finish: () => concatBytes(...parts),
  })
}
