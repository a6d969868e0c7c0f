import { link, mkdir, open, readFile, rename, unlink, writeFile, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { RandomAccessFile } from './file.ts'
import { openJournalStore, type JournalStore } from './journal.ts'

export type OpenNodeJournalOptions = AbortOptions & {
  /** Made if it does not exist. Holds the journal, its spare and the lock file, and nothing else. */
  readonly directory: string
  readonly compactAboveBytes?: number | undefined
}

/**
 * A journal store in a directory, for Node. `fsync` comes before every
 * acknowledgement.
 *
 * One process at a time: a lock file holds the process id. A lock whose process
 * is gone is taken over; if its id has meanwhile been given to another process,
 * opening says `store/locked` until the lock file is removed by hand.
 *
 * @throws {LocketError} `store/locked`, `store/quota` for a full disk, `store/unavailable` for any other failure.
 */
export async function openNodeJournal(options: OpenNodeJournalOptions): Promise<JournalStore> {
  options.signal?.throwIfAborted()
  await guard(async () => mkdir(options.directory, { recursive: true }))
  const unlock = await guard(async () => takeLock(join(options.directory, 'lock')))
  const files: RandomAccessFile[] = []
  try {
    for (const name of ['journal-a', 'journal-b']) files.push(await openNodeFile(join(options.directory, name)))
    const [a, b] = files as [RandomAccessFile, RandomAccessFile]
    return await openJournalStore({ ...options, files: [a, b], onClose: unlock })
  } catch (error) {
    await Promise.allSettled(files.map((file) => file.close()))
    await unlock()
    throw error
  }
}

/**
 * A file on disk as a {@link RandomAccessFile}, made if it does not exist.
 *
 * @throws {LocketError} `store/quota` for a full disk, `store/unavailable` for any other failure.
 */
async function openNodeFile(path: string): Promise<RandomAccessFile> {
  const handle = await guard(async () => openOrCreate(path))
  return Object.freeze({
    sizeBytes: () => guard(async () => (await handle.stat()).size),
    read: (offset: number, lengthBytes: number) => guard(() => readFully(handle, offset, lengthBytes)),
    write: (offset: number, bytes: Uint8Array) => guard(() => writeFully(handle, offset, bytes)),
    truncate: (sizeBytes: number) => guard(() => handle.truncate(sizeBytes)),
    flush: () => guard(() => handle.sync()),
    close: () => guard(() => handle.close()),
  })
}

async function openOrCreate(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+')
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
  const created = await open(path, 'w+')
  await created.sync()
  // A new file survives power loss only once its directory is flushed too.
  const directory = await open(dirname(path), 'r')
  await directory.sync().finally(() => directory.close())
  return created
}

async function readFully(handle: FileHandle, offset: number, lengthBytes: number): Promise<Bytes> {
  const out = new Uint8Array(lengthBytes)
  let done = 0
  while (done < lengthBytes) {
    const { bytesRead } = await handle.read(out, done, lengthBytes - done, offset + done)
    if (bytesRead === 0) return out.slice(0, done)
    done += bytesRead
  }
  return out
}

async function writeFully(handle: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  let done = 0
  while (done < bytes.length) done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
}

/** The name is the lock: `link` gives it to one process only, with the process id already inside. */
async function takeLock(path: string): Promise<() => Promise<void>> {
  const own = `${path}.${process.pid}`
  await writeFile(own, String(process.pid))
  try {
    for (let attempt = 0; attempt < 2; attempt++) {
      if (await succeeds(link(own, path), 'EEXIST')) return () => unlink(path)
      const owner = await readFile(path, 'utf8').catch(() => '')
      if (isAlive(owner)) break
      await removeStale(path, owner)
    }
  } finally {
    await unlink(own)
  }
  throw new LocketError('store/locked', { operation: 'store.openNodeJournal' })
}

/** Moves the lock away before deleting it, to see that it is still the dead process's and not one taken meanwhile. */
async function removeStale(path: string, owner: string): Promise<void> {
  const moved = `${path}.stale.${process.pid}`
  if (!(await succeeds(rename(path, moved), 'ENOENT'))) return
  if ((await readFile(moved, 'utf8')) === owner) await unlink(moved)
  else await rename(moved, path)
}

function isAlive(owner: string): boolean {
  const pid = Number(owner)
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** `false` if the task failed with the one error code that is expected. */
async function succeeds(task: Promise<unknown>, expectedCode: string): Promise<boolean> {
  try {
    await task
    return true
  } catch (error) {
    if (codeOf(error) === expectedCode) return false
    throw error
  }
}

async function guard<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (cause) {
    if (isLocketError(cause)) throw cause
    const reason = codeOf(cause)
    const code = reason === 'ENOSPC' || reason === 'EDQUOT' ? 'store/quota' : 'store/unavailable'
    throw new LocketError(code, { operation: 'store.file', details: { reason }, cause })
  }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'unknown'
}
