import { copyBytes, type Bytes } from '../../core/bytes.ts'
import type { RandomAccessFile } from '../../store/file.ts'

/** What a file may be told to fail with, by the number of the call. */
export type FileFaults = (call: { readonly index: number; readonly method: 'read' | 'write' | 'truncate' | 'flush' }) => unknown

/** A file in memory that can lose power. */
export type MemoryDisk = {
  /** Opens it. Only the newest opening counts; older ones fail. */
  open(faults?: FileFaults): RandomAccessFile
  /**
   * Loses power: of what was written since the last flush, each write is kept,
   * dropped, or torn at a byte, by `choose(n)`, which gives an integer from 0 to n - 1.
   */
  crash(choose: (n: number) => number): void
  /** The bytes as they would be read. For flipping bits. */
  bytes(): Bytes
  replace(bytes: Uint8Array): void
}

type Change =
  | { readonly type: 'write'; readonly offset: number; readonly bytes: Bytes }
  | { readonly type: 'truncate'; readonly sizeBytes: number }

/** An empty file. After Pillai et al., "All File Systems Are Not Created Equal" (OSDI 2014): un-flushed writes may persist in any subset. */
export function createMemoryDisk(): MemoryDisk {
  let durable: Bytes = new Uint8Array()
  let current: Bytes = new Uint8Array()
  let pending: Change[] = []
  let opening = 0

  const change = (next: Change) => {
    pending.push(next)
    current = apply(current, next)
  }

  return Object.freeze({
    open(faults: FileFaults = () => undefined) {
      const own = ++opening
      let index = 0
      const step = (method: 'read' | 'write' | 'truncate' | 'flush') => {
        if (own !== opening) throw new Error('this file was opened again')
        const fault = faults({ index: index++, method })
        if (fault !== undefined) throw fault
      }
      return Object.freeze({
        sizeBytes: async () => current.length,
        async read(offset: number, lengthBytes: number) {
          step('read')
          return copyBytes(current.subarray(offset, offset + lengthBytes))
        },
        async write(offset: number, bytes: Uint8Array) {
          step('write')
          change({ type: 'write', offset, bytes: copyBytes(bytes) })
        },
        async truncate(sizeBytes: number) {
          step('truncate')
          change({ type: 'truncate', sizeBytes })
        },
        async flush() {
          step('flush')
          durable = current
          pending = []
        },
        close: async () => {},
      } satisfies RandomAccessFile)
    },
    crash(choose: (n: number) => number) {
      opening++
      let survived = durable
      for (const lost of pending) {
        const fate = choose(3)
        if (fate === 0) continue
        const torn = fate === 1 && lost.type === 'write' ? { ...lost, bytes: lost.bytes.slice(0, choose(lost.bytes.length + 1)) } : lost
        survived = apply(survived, torn)
      }
      durable = survived
      current = survived
      pending = []
    },
    bytes: () => copyBytes(current),
    replace(bytes: Uint8Array) {
      durable = copyBytes(bytes)
      current = durable
      pending = []
    },
  })
}

/** Never in place: `durable` and `current` share their bytes. */
function apply(bytes: Bytes, change: Change): Bytes {
  if (change.type === 'truncate') {
    const out = new Uint8Array(change.sizeBytes)
    out.set(bytes.subarray(0, change.sizeBytes))
    return out
  }
  const out = new Uint8Array(Math.max(bytes.length, change.offset + change.bytes.length))
  out.set(bytes)
  out.set(change.bytes, change.offset)
  return out
}
