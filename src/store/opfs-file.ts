import type { Bytes } from '../core/bytes.ts'
import type { ErrorCode } from '../core/error-codes.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { RandomAccessFile } from './file.ts'

/** The part of `FileSystemSyncAccessHandle` used here; the DOM library declares it for workers only. */
type SyncAccessHandle = {
  getSize(): number
  read(buffer: Uint8Array, options: { at: number }): number
  write(buffer: Uint8Array, options: { at: number }): number
  truncate(sizeBytes: number): void
  flush(): void
  close(): void
}

type SyncFileHandle = FileSystemFileHandle & { createSyncAccessHandle?(): Promise<SyncAccessHandle> }

/**
 * A file of an OPFS directory, held exclusively until `close`.
 *
 * @throws {LocketError} `store/locked` if another context has it open, `usage/unsupported` outside a dedicated
 *   Worker, `store/quota` or `store/unavailable` otherwise.
 */
export async function openOpfsFile(directory: FileSystemDirectoryHandle, name: string): Promise<RandomAccessFile> {
  const handle = await guard(async () => {
    const file: SyncFileHandle = await directory.getFileHandle(name, { create: true })
    if (file.createSyncAccessHandle !== undefined) return file.createSyncAccessHandle()
    throw new LocketError('usage/unsupported', {
      operation: 'store.openOpfsFile',
      message: 'OPFS can be written from a dedicated Worker only',
    })
  })
  return Object.freeze({
    sizeBytes: () => guard(async () => handle.getSize()),
    read: (offset: number, lengthBytes: number) => guard(async () => readFully(handle, offset, lengthBytes)),
    write: (offset: number, bytes: Uint8Array) => guard(async () => writeFully(handle, offset, bytes)),
    truncate: (sizeBytes: number) => guard(async () => handle.truncate(sizeBytes)),
    flush: () => guard(async () => handle.flush()),
    close: () => guard(async () => handle.close()),
  })
}

function readFully(handle: SyncAccessHandle, offset: number, lengthBytes: number): Bytes {
  const out = new Uint8Array(lengthBytes)
  const read = handle.read(out, { at: offset })
  return read === lengthBytes ? out : out.slice(0, read)
}

function writeFully(handle: SyncAccessHandle, offset: number, bytes: Uint8Array): void {
  let done = 0
  while (done < bytes.length) {
    const written = handle.write(bytes.subarray(done), { at: offset + done })
    // A disk without room for a single byte more, which some engines report by writing nothing.
    if (written === 0) throw new LocketError('store/quota', { operation: 'store.file', details: { reason: 'short-write' } })
    done += written
  }
}

async function guard<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (cause) {
    if (isLocketError(cause)) throw cause
    const reason = cause instanceof Error || cause instanceof DOMException ? cause.name : 'unknown'
    throw new LocketError(codeFor(reason), { operation: 'store.file', details: { reason }, cause })
  }
}

function codeFor(reason: string): ErrorCode {
  if (reason === 'QuotaExceededError') return 'store/quota'
  if (reason === 'NoModificationAllowedError') return 'store/locked'
  if (reason === 'InvalidStateError') return 'store/closed'
  return 'store/unavailable'
}
