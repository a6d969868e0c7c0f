import { parseTransactionEffectsBcs, type SuiClientTypes } from '@mysten/sui/client'
import { TransactionDataBuilder } from '@mysten/sui/transactions'
import { copyBytes } from '../../core/bytes.ts'
import { coinBalance, coinTypeOf } from '../ledger/framework.ts'
import { encodeObject, objectDigest } from '../ledger/object-digest.ts'
import type { TransactionRecord } from '../ledger/run-transaction.ts'
import type { LedgerObject, Owner } from '../ledger/types.ts'

/** Type-level helper: the SDK's response types depend on `include`, which only the caller knows. */
type Any<T> = T & object

/** An owner as the Core API spells it. */
function toOwner(owner: Owner): SuiClientTypes.ObjectOwner {
  switch (owner.kind) {
    case 'address':
      return { $kind: 'AddressOwner', AddressOwner: owner.address }
    case 'object':
      return { $kind: 'ObjectOwner', ObjectOwner: owner.parent }
    case 'shared':
      return { $kind: 'Shared', Shared: { initialSharedVersion: String(owner.initialVersion) } }
    case 'immutable':
      return { $kind: 'Immutable', Immutable: true }
  }
}

/** A ledger object as the Core API returns it. */
export function toObject<Include extends SuiClientTypes.ObjectInclude>(
  object: LedgerObject,
  include: (Include & SuiClientTypes.ObjectInclude) | undefined,
): SuiClientTypes.Object<Include> {
  return {
    objectId: object.id,
    version: String(object.version),
    digest: objectDigest(object),
    owner: toOwner(object.owner),
    type: object.type,
    content: include?.content ? copyBytes(object.contents) : undefined,
    previousTransaction: include?.previousTransaction ? object.previousTransaction : undefined,
    objectBcs: include?.objectBcs ? encodeObject(object) : undefined,
    // Field names are not on chain; the SDK's own documentation says to read `content` instead.
    json: include?.json ? null : undefined,
    display: include?.display ? null : undefined,
  } as Any<unknown> as SuiClientTypes.Object<Include>
}

/** A package as the Core API returns it. Only its version is of use to clients, and it is always 1. */
export function toPackage<Include extends SuiClientTypes.ObjectInclude>(id: string, digest: string): SuiClientTypes.Object<Include> {
  return {
    objectId: id,
    version: '1',
    digest,
    owner: { $kind: 'Immutable', Immutable: true },
    type: 'package',
    content: undefined,
    previousTransaction: undefined,
    objectBcs: undefined,
    json: undefined,
    display: undefined,
  } as Any<unknown> as SuiClientTypes.Object<Include>
}

export function toCoin(object: LedgerObject): SuiClientTypes.Coin {
  return {
    objectId: object.id,
    version: String(object.version),
    digest: objectDigest(object),
    owner: toOwner(object.owner),
    type: object.type,
    balance: String(coinBalance(object.contents)),
  }
}

/** The execution status, with the failure put into words where the effects only carry a code. */
function statusOf(record: TransactionRecord): SuiClientTypes.ExecutionStatus {
  const { status } = parseTransactionEffectsBcs(record.effects)
  if (status.success || status.error.$kind === 'MoveAbort' || record.failureDetail === undefined) return status
  return { success: false, error: { ...status.error, message: record.failureDetail } }
}

/** The fields of a transaction that `include` asks for. */
function toTransaction<Include extends SuiClientTypes.TransactionInclude>(
  record: TransactionRecord,
  include: (Include & SuiClientTypes.TransactionInclude) | undefined,
  isFinal: boolean,
  checkpoint: number,
): SuiClientTypes.Transaction<Include> {
  const status = statusOf(record)
  return {
    digest: record.digest,
    signatures: [...record.signatures],
    epoch: String(record.epoch),
    timestampMs: isFinal ? record.timestampMs : null,
    checkpoint: isFinal ? String(checkpoint) : null,
    status,
    effects: include?.effects ? { ...parseTransactionEffectsBcs(record.effects), status } : undefined,
    events: include?.events ? record.events.map(toEvent) : undefined,
    objectTypes: include?.objectTypes ? objectTypes(record) : undefined,
    balanceChanges: include?.balanceChanges ? balanceChanges(record) : undefined,
    transaction: include?.transaction ? TransactionDataBuilder.fromBytes(record.bytes).snapshot() : undefined,
    bcs: include?.bcs ? copyBytes(record.bytes) : undefined,
  } as Any<unknown> as SuiClientTypes.Transaction<Include>
}

/** `Transaction` or `FailedTransaction`, by how it went. `isFinal` false leaves out checkpoint and time, as execution results do. */
export function toTransactionResult<Include extends SuiClientTypes.TransactionInclude>(
  record: TransactionRecord,
  include: (Include & SuiClientTypes.TransactionInclude) | undefined,
  place: { readonly isFinal: boolean; readonly checkpoint: number },
): SuiClientTypes.TransactionResult<Include> {
  const transaction = toTransaction<Include>(record, include, place.isFinal, place.checkpoint)
  return record.succeeded
    ? { $kind: 'Transaction', Transaction: transaction }
    : { $kind: 'FailedTransaction', FailedTransaction: transaction }
}

export function toEvent(event: TransactionRecord['events'][number]): SuiClientTypes.Event {
  return {
    packageId: event.packageId,
    module: event.module,
    sender: event.sender,
    eventType: event.type,
    bcs: copyBytes(event.bcs),
    json: null,
  }
}

function objectTypes(record: TransactionRecord): Record<string, string> {
  return Object.fromEntries(record.changes.flatMap(({ id, before, after }) => [[id, (after ?? before)?.type ?? '']]))
}

function balanceChanges(record: TransactionRecord): SuiClientTypes.BalanceChange[] {
  const sums = new Map<string, { coinType: string; address: string; amount: bigint }>()
  const add = (object: LedgerObject | undefined, sign: bigint) => {
    const coinType = object && coinTypeOf(object.type)
    if (object?.owner.kind !== 'address' || coinType === undefined) return
    const { address } = object.owner
    const entry = sums.get(`${address} ${coinType}`) ?? { coinType, address, amount: 0n }
    entry.amount += sign * coinBalance(object.contents)
    sums.set(`${address} ${coinType}`, entry)
  }
  for (const { before, after } of record.changes) {
    add(before, -1n)
    add(after, 1n)
  }
  return [...sums.values()].filter(({ amount }) => amount !== 0n).map((entry) => ({ ...entry, amount: String(entry.amount) }))
}
