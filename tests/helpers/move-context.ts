import { blake2b } from '@noble/hashes/blake2.js'
import { concatBytes, toHex } from '../../src/core/bytes.ts'
import type { ExecutionContext, LedgerEvent, LedgerObject } from '../../src/localnet/ledger/types.ts'

/** What a Move abort becomes in these tests. */
export class Aborted extends Error {
  readonly code: number
  readonly where: string

  constructor(where: string, code: number | bigint) {
    super(`abort ${code} in ${where}`)
    this.code = Number(code)
    this.where = where
  }
}

export type MoveWorld = {
  readonly objects: Map<string, LedgerObject>
  readonly events: LedgerEvent[]
  /** How often anything was written or deleted. */
  writes: number
  context(options?: { sender?: string; timestampMs?: number; epoch?: number }): ExecutionContext
}

export const addressOf = (n: number): string => `0x${n.toString(16).padStart(64, '0')}`

/** A store of objects with the least a Move call needs around it. Writes apply at once. */
export function createMoveWorld(): MoveWorld {
  let transactions = 0
  const world: MoveWorld = {
    objects: new Map(),
    events: [],
    writes: 0,
    context({ sender = addressOf(0xa), timestampMs = 0, epoch = 0 } = {}) {
      const digest = blake2b(new TextEncoder().encode(`transaction ${transactions++}`), { dkLen: 32 }) as Uint8Array<ArrayBuffer>
      let ids = 0n
      return {
        sender,
        digest,
        epoch,
        timestampMs,
        freshId() {
          const counter = new Uint8Array(8)
          new DataView(counter.buffer).setBigUint64(0, ids++, true)
          return `0x${toHex(blake2b(concatBytes(Uint8Array.of(0xf1), digest, counter), { dkLen: 32 }))}`
        },
        get: (id) => world.objects.get(id),
        write({ id, type, contents, owner = { kind: 'address', address: sender } }) {
          world.writes++
          const version = (world.objects.get(id)?.version ?? 0n) + 1n
          world.objects.set(id, { id, type, version, owner, contents: new Uint8Array(contents), previousTransaction: null })
        },
        delete(id) {
          world.writes++
          world.objects.delete(id)
        },
        emit(event) {
          world.events.push(event)
        },
        abort(location, code) {
          throw new Aborted(`${location.module}::${location.function}`, code)
        },
      }
    },
  }
  return world
}
