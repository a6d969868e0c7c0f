import type { AbortOptions } from '../core/abort.ts'
import { copyBytes } from '../core/bytes.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { StoreOp } from './port.ts'

/** Batches are merged up to this many bytes of values, so that one commit stays bounded. */
const MAX_GROUP_BYTES = 4 * 1024 * 1024

type Waiting = {
  readonly ops: readonly StoreOp[]
  readonly valueBytes: number
  readonly signal: AbortSignal | undefined
  readonly turn: number
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** Serialises writes: one commit at a time, in the order of the calls, batches that wait together merged into one. */
export type CommitQueue = {
  /**
   * Resolves once `ops` are committed. Values are copied before this returns.
   * An abort withdraws a batch that still waits; once handed to `commit` it
   * settles with its true outcome.
   */
  write(ops: readonly StoreOp[], options?: AbortOptions): Promise<void>
  /** Runs `task` alone: after every write made before it, ahead of every write made after. */
  exclusive<T>(task: () => Promise<T>): Promise<T>
  /** Runs `task` at once if no write is under way, otherwise as `exclusive` does. For reads, so that they see what was written before them. */
  read<T>(task: () => Promise<T>): Promise<T>
  /** Resolves when every call made so far has settled. */
  settled(): Promise<void>
}

/**
 * Group commit for an adapter whose cost is per commit (a flush, a strict
 * transaction). If a merged commit fails, its batches are tried one by one, so
 * that one batch too large for the quota does not fail its neighbours. A
 * `store/quota` comes with the bytes the batch needs in `details.neededBytes`.
 */
export function createCommitQueue(commit: (ops: readonly StoreOp[]) => Promise<void>): CommitQueue {
  const waiting: Waiting[] = []
  let tail: Promise<void> = Promise.resolve()
  let depth = 0
  // Only batches of one turn are merged: a read between two writes starts a new one.
  let turn = 0

  const enqueue = <T>(task: () => Promise<T>): Promise<T> => {
    depth++
    const result = tail.then(task)
    tail = result.then(
      () => void depth--,
      () => void depth--,
    )
    return result
  }

  const drain = async (ofTurn: number) => {
    const group = takeGroup(waiting, ofTurn)
    if (group.length === 0) return
    const failure = await attempt(group)
    if (failure === undefined) return
    if (group.length === 1) return group[0]?.reject(withNeed(failure.error, group[0]))
    for (const one of group) {
      const outcome = await attempt([one])
      if (outcome !== undefined) one.reject(withNeed(outcome.error, one))
    }
  }

  const attempt = async (group: readonly Waiting[]): Promise<{ error: unknown } | undefined> => {
    try {
      await commit(group.flatMap(({ ops }) => ops))
    } catch (error) {
      return { error }
    }
    for (const { resolve } of group) resolve()
    return undefined
  }

  const exclusive = <T>(task: () => Promise<T>): Promise<T> => {
    turn++
    return enqueue(task)
  }

  return Object.freeze({
    write(ops: readonly StoreOp[], options?: AbortOptions) {
      return new Promise<void>((resolve, reject) => {
        const copied = ops.map((op) => (op.type === 'put' ? { ...op, value: copyBytes(op.value) } : op))
        const valueBytes = copied.reduce((sum, op) => sum + (op.type === 'put' ? op.value.length : 0), 0)
        const ofTurn = turn
        waiting.push({ ops: copied, valueBytes, signal: options?.signal, turn: ofTurn, resolve, reject })
        void enqueue(() => drain(ofTurn))
      })
    },
    exclusive,
    read: <T>(task: () => Promise<T>) => (depth === 0 ? task() : exclusive(task)),
    settled: () => tail,
  })
}

/** Where there is no room, says how many bytes of values the batch asked for. */
function withNeed(error: unknown, { valueBytes }: Waiting): unknown {
  if (!isLocketError(error, 'store/quota') || error.details['neededBytes'] !== undefined) return error
  return new LocketError(error.code, { operation: error.operation, details: { ...error.details, neededBytes: valueBytes }, cause: error })
}

/** The waiting batches to commit next. Those aborted meanwhile are rejected here and never committed. */
function takeGroup(waiting: Waiting[], turn: number): readonly Waiting[] {
  const group: Waiting[] = []
  let bytes = 0
  for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
    if (next.turn > turn || (group.length > 0 && bytes + next.valueBytes > MAX_GROUP_BYTES)) break
    waiting.shift()
    if (next.signal?.aborted) {
      next.reject(next.signal.reason)
      continue
    }
    group.push(next)
    bytes += next.valueBytes
  }
  return group
}
