import type { Bytes } from '../core/bytes.ts'

/**
 * A file that can be read and written anywhere. The journal's only view of OPFS
 * or a disk.
 *
 * `write` may stop anywhere if the process ends; only what `flush` has resolved
 * for is safe. `read` gives fewer bytes than asked for only at the end of the
 * file. Every failure is a `LocketError`.
 */
export type RandomAccessFile = {
  sizeBytes(): Promise<number>
  read(offset: number, lengthBytes: number): Promise<Bytes>
  write(offset: number, bytes: Uint8Array): Promise<void>
  truncate(sizeBytes: number): Promise<void>
  flush(): Promise<void>
  close(): Promise<void>
}
