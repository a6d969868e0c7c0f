import { bcs } from '@mysten/sui/bcs'
import { blake2b } from '@noble/hashes/blake2.js'
import { concatBytes, copyBytes, toHex, type Bytes } from '../../core/bytes.ts'
import { ExecutionFailure } from './failure.ts'
import { CLOCK_ID, CLOCK_TYPE, encodeClock, normalizeId, normalizeType } from './framework.ts'
import type { ExecutionContext, LedgerEvent, LedgerObject, Owner } from './types.ts'

/** An object as the running transaction has it. `owner: undefined` means not yet placed. */
export type PendingObject = { readonly id: string; readonly type: string; readonly contents: Bytes; readonly owner: Owner | undefined }

/** A transaction's private view of the ledger: what it wrote lies over what was there. */
export type Overlay = {
  readonly context: ExecutionContext
  readonly events: readonly LedgerEvent[]
  readonly written: ReadonlyMap<string, PendingObject>
  readonly deleted: ReadonlySet<string>
  /** Whether `id` was made by this transaction. */
  isFresh(id: string): boolean
  /** The object's owner, `undefined` while it has none. */
  ownerOf(id: string): Owner | undefined
  place(id: string, owner: Owner): void
}

// Stands for "not yet placed" in the LedgerObject a context hands out, whose
// owner is not optional. Compared by identity, so no real owner is mistaken for it.
const UNPLACED: Owner = Object.freeze({ kind: 'address', address: normalizeId('0x0') })

/** The id Sui derives for the `index`th object a transaction makes: blake2b256(0xf1 || digest || u64). */
export function deriveObjectId(digest: Uint8Array, index: bigint): string {
  return `0x${toHex(blake2b(concatBytes(Uint8Array.of(0xf1), digest, bcs.u64().serialize(index).toBytes()), { dkLen: 32 }))}`
}

/** Opens an overlay over `base`. Dropping it drops everything. */
export function createOverlay(options: {
  readonly base: (id: string) => LedgerObject | undefined
  readonly sender: string
  readonly digest: Bytes
  readonly epoch: number
  readonly timestampMs: number
}): Overlay {
  const { base, digest } = options
  const written = new Map<string, PendingObject>()
  const deleted = new Set<string>()
  const fresh = new Set<string>()
  const events: LedgerEvent[] = []
  let counter = 0n

  const baseObject = (id: string): LedgerObject | undefined => {
    const object = base(id)
    return object !== undefined && id === CLOCK_ID && object.type === CLOCK_TYPE
      ? { ...object, contents: encodeClock(options.timestampMs) }
      : object
  }

  const context: ExecutionContext = {
    sender: options.sender,
    digest,
    epoch: options.epoch,
    timestampMs: options.timestampMs,
    freshId() {
      const id = deriveObjectId(digest, counter++)
      fresh.add(id)
      return id
    },
    get(rawId) {
      const id = normalizeId(rawId)
      if (deleted.has(id)) return undefined
      const pending = written.get(id)
      const before = baseObject(id)
      if (pending === undefined) return before
      return {
        id,
        version: before?.version ?? 0n,
        type: pending.type,
        owner: pending.owner ?? UNPLACED,
        contents: pending.contents,
        previousTransaction: before?.previousTransaction ?? null,
      }
    },
    write(object) {
      const id = normalizeId(object.id)
      const owner = object.owner === undefined ? (written.get(id)?.owner ?? base(id)?.owner) : object.owner
      deleted.delete(id)
      written.set(id, {
        id,
        type: normalizeType(object.type),
        contents: copyBytes(object.contents),
        owner: owner === UNPLACED ? undefined : owner,
      })
    },
    delete(rawId) {
      const id = normalizeId(rawId)
      written.delete(id)
      if (base(id) !== undefined) deleted.add(id)
    },
    emit(event) {
      events.push({ type: normalizeType(event.type), bcs: copyBytes(event.bcs) })
    },
    abort(location, code) {
      throw new ExecutionFailure({
        MoveAbort: [
          {
            module: { address: normalizeId(location.packageId), name: location.module },
            function: 0,
            instruction: 0,
            functionName: location.function,
          },
          BigInt(code),
        ],
      })
    },
  }

  return {
    context,
    events,
    written,
    deleted,
    isFresh: (id) => fresh.has(id),
    ownerOf: (id) => (written.has(id) ? written.get(id)?.owner : base(id)?.owner),
    place(id, owner) {
      const object = context.get(id)
      if (object === undefined) throw new ExecutionFailure({ InvariantViolation: true }, { detail: `no object ${id} to place` })
      context.write({ id, type: object.type, contents: object.contents, owner })
    },
  }
}
