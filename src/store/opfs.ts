import type { AbortOptions } from '../core/abort.ts'
import { systemClock, type Clock } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { RandomAccessFile } from './file.ts'
import { openJournalStore, type JournalStore } from './journal.ts'
import { openOpfsFile } from './opfs-file.ts'
import { acquireLock } from './web-lock.ts'

/** How often an exclusive file handle is asked for while its last holder is on the way out. */
const RETRY_MS = 50

export type OpenOpfsJournalOptions = AbortOptions & {
  /** Directory in the origin private file system, made if it does not exist. One journal per directory. */
  readonly directory: string
  readonly compactAboveBytes?: number | undefined
  /** How long to wait for another tab, or for the previous page to let go. Default 3,000. */
  readonly waitMs?: number | undefined
  /** Defaults to `navigator.storage`. */
  readonly storage?: Pick<StorageManager, 'getDirectory'> | undefined
  /** Defaults to `navigator.locks`. */
  readonly locks?: LockManager | undefined
  readonly clock?: Clock | undefined
}

/**
 * A journal store in the origin private file system. Works in a dedicated
 * Worker only: the flush it depends on is not offered elsewhere.
 *
 * One tab at a time. Writers queue on a Web Lock; the exclusive access handle
 * keeps out whoever steals it.
 *
 * @throws {LocketError} `store/locked` while another tab has it, `usage/unsupported` outside a Worker or without
 *   OPFS, `store/quota` or `store/unavailable` if the files cannot be opened.
 */
export async function openOpfsJournal(options: OpenOpfsJournalOptions): Promise<JournalStore> {
  const { directory: name, waitMs = 3_000, clock = systemClock(), signal } = options
  const storage = options.storage ?? globalThis.navigator?.storage
  const locks = options.locks ?? globalThis.navigator?.locks
  if (typeof storage?.getDirectory !== 'function') throw unsupported()
  const startedMs = clock.nowMs()
  const lock = locks === undefined ? undefined : await acquireLock({ locks, name: `locket/journal/${name}`, waitMs, clock, signal })
  const files: RandomAccessFile[] = []
  try {
    const directory = await (await storage.getDirectory()).getDirectoryHandle(name, { create: true })
    for (const file of ['journal-a', 'journal-b']) {
      files.push(await retryWhileLocked(() => openOpfsFile(directory, file), { clock, untilMs: startedMs + waitMs, signal }))
    }
    const [a, b] = files as [RandomAccessFile, RandomAccessFile]
    return await openJournalStore({ ...options, files: [a, b], onClose: () => lock?.release() })
  } catch (cause) {
    await Promise.allSettled(files.map((file) => file.close()))
    lock?.release()
    if (isLocketError(cause) || signal?.aborted) throw cause
    throw new LocketError('store/unavailable', { operation: 'store.openOpfsJournal', cause })
  }
}

async function retryWhileLocked<T>(
  task: () => Promise<T>,
  options: AbortOptions & { readonly clock: Clock; readonly untilMs: number },
): Promise<T> {
  for (;;) {
    try {
      return await task()
    } catch (error) {
      if (!isLocketError(error, 'store/locked') || options.clock.nowMs() >= options.untilMs) throw error
    }
    await options.clock.sleep(RETRY_MS, options)
  }
}

function unsupported(): LocketError {
  return new LocketError('usage/unsupported', {
    operation: 'store.openOpfsJournal',
    message: 'the origin private file system is missing; use IndexedDB alone',
  })
}
