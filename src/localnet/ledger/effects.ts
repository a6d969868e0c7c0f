import { bcs, TypeTagSerializer } from '@mysten/sui/bcs'
import { toBase58 } from '@mysten/sui/utils'
import { blake2b } from '@noble/hashes/blake2.js'
import { concatBytes, utf8, type Bytes } from '../../core/bytes.ts'
import type { ExecutionFailure } from './failure.ts'
import type { GasCost } from './gas.ts'
import { objectDigest, toBcsOwner } from './object-digest.ts'
import type { LedgerEvent, LedgerObject } from './types.ts'

/** One object a transaction touched: as it was, and as it is now. */
export type ObjectChange = {
  readonly id: string
  readonly before: LedgerObject | undefined
  readonly after: LedgerObject | undefined
  /** Whether the id came into being, went out of being, or neither (mutated, wrapped or unwrapped). */
  readonly idOperation: 'Created' | 'Deleted' | 'None'
}

/** An event with its emitter, ready for the wire. */
export type EmittedEvent = LedgerEvent & { readonly packageId: string; readonly module: string; readonly sender: string }

const Event = bcs.struct('Event', {
  packageId: bcs.Address,
  module: bcs.string(),
  sender: bcs.Address,
  type: bcs.StructTag,
  contents: bcs.byteVector(),
})

/**
 * `TransactionEffects` V2 (`sui-types/src/effects/effects_v2.rs`) as BCS.
 *
 * @param effects.changes - Sorted by id.
 */
export function encodeEffects(effects: {
  readonly failure: ExecutionFailure | undefined
  readonly epoch: number
  readonly gas: GasCost
  readonly digest: string
  readonly gasObject: string | undefined
  readonly events: readonly EmittedEvent[]
  readonly dependencies: readonly string[]
  readonly lamport: bigint
  readonly changes: readonly ObjectChange[]
  readonly unchangedShared: readonly LedgerObject[]
}): Bytes {
  const { failure, changes } = effects
  const gasIndex = changes.findIndex((change) => change.id === effects.gasObject)
  return bcs.TransactionEffects.serialize({
    V2: {
      status:
        failure === undefined
          ? { Success: true }
          : { Failure: { error: failure.status, command: failure.command === undefined ? null : BigInt(failure.command) } },
      executedEpoch: effects.epoch,
      gasUsed: effects.gas,
      transactionDigest: effects.digest,
      gasObjectIndex: gasIndex < 0 ? null : gasIndex,
      eventsDigest: effects.events.length === 0 ? null : eventsDigest(effects.events),
      dependencies: effects.dependencies,
      lamportVersion: effects.lamport,
      changedObjects: changes.map(({ id, before, after, idOperation }) => [
        id,
        {
          inputState:
            before === undefined ? { NotExist: true } : { Exist: [[before.version, objectDigest(before)], toBcsOwner(before.owner)] },
          outputState: after === undefined ? { NotExist: true } : { ObjectWrite: [objectDigest(after), toBcsOwner(after.owner)] },
          idOperation: idOperation === 'Created' ? { Created: true } : idOperation === 'Deleted' ? { Deleted: true } : { None: true },
        },
      ]),
      unchangedConsensusObjects: effects.unchangedShared.map((object) => [
        object.id,
        { ReadOnlyRoot: [object.version, objectDigest(object)] },
      ]),
      auxDataDigest: null,
    },
  }).toBytes()
}

function eventsDigest(events: readonly EmittedEvent[]): string {
  const encoded = bcs
    .vector(Event)
    .serialize(
      events.map((event) => {
        const tag = TypeTagSerializer.parseFromStr(event.type, true)
        if (!('struct' in tag)) throw new TypeError(`an event must be a struct: ${event.type}`)
        return { packageId: event.packageId, module: event.module, sender: event.sender, type: tag.struct, contents: event.bcs }
      }),
    )
    .toBytes()
  return toBase58(blake2b(concatBytes(utf8('TransactionEvents::'), encoded), { dkLen: 32 }))
}
