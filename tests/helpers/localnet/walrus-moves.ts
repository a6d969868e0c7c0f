import type { SuiClientTypes } from '@mysten/sui/client'
import { Transaction, type TransactionArgument } from '@mysten/sui/transactions'
import { deriveBlobId } from '../../../src/localnet/walrus/blob-id.ts'
import { createCommittee } from '../../../src/localnet/walrus/committee.ts'
import { encodedBytes, geometryOf } from '../../../src/localnet/walrus/geometry.ts'
import { BlobObject } from '../../../src/localnet/walrus/move-types.ts'
import { ConfirmationMessage } from '../../../src/localnet/walrus/wire-types.ts'
import { seededEntropy, type WalrusBench } from './walrus-bench.ts'

const GAS_BUDGET = 50_000_000n

/** The bench's own storage nodes again: the same seed makes the same keys. */
const benchCommittee = createCommittee({
  count: 13,
  nShards: 100,
  hostOf: String,
  freshId: () => '0x0',
  entropy: seededEntropy(1),
})

/** What became of a transaction: `ok`, or `module code` of the abort. */
export async function outcome(bench: WalrusBench, transaction: Transaction): Promise<string> {
  return (await send(bench, transaction)).outcome
}

/** Runs a transaction of the bench's person; `created` are the ids of new objects of each type. */
export async function send(
  bench: WalrusBench,
  transaction: Transaction,
): Promise<{ readonly outcome: string; readonly created: readonly { readonly id: string; readonly type: string }[] }> {
  transaction.setSender(bench.address)
  transaction.setGasBudget(GAS_BUDGET)
  const bytes = await transaction.build({ client: bench.sui })
  const { signature } = await bench.signer.signTransaction(bytes)
  const result = await bench.sui.executeTransaction({
    transaction: bytes,
    signatures: [signature],
    include: { effects: true, objectTypes: true },
  })
  if (result.$kind === 'FailedTransaction') return { outcome: describeError(result.FailedTransaction.status), created: [] }
  const { effects, objectTypes } = result.Transaction
  const created = (effects?.changedObjects ?? [])
    .filter(({ idOperation }) => idOperation === 'Created')
    .map(({ objectId }) => ({ id: objectId, type: objectTypes?.[objectId] ?? '' }))
  return { outcome: 'ok', created }
}

function describeError(status: SuiClientTypes.ExecutionStatus): string {
  if (status.success) return 'ok'
  const { error } = status
  return error.$kind === 'MoveAbort' ? `${error.MoveAbort.location?.module} ${error.MoveAbort.abortCode}` : error.$kind
}

/** Move calls of the Walrus package, with arguments that work unless told otherwise. */
export function moves(bench: WalrusBench) {
  const { packageId, network } = bench.walrus
  const target = (name: string): string => `${packageId}::${name}`
  const wal = (tx: Transaction): TransactionArgument => tx.object(walCoinId(bench))
  const system = (tx: Transaction): TransactionArgument => tx.object(network.systemObjectId)
  return {
    reserve: (tx: Transaction, o: { size?: bigint; epochs?: number; coin?: TransactionArgument } = {}) =>
      tx.moveCall({
        target: target('system::reserve_space'),
        arguments: [system(tx), tx.pure.u64(o.size ?? encodedBytes(geometryOf(100), 10n)), tx.pure.u32(o.epochs ?? 2), o.coin ?? wal(tx)],
      }),
    register: (
      tx: Transaction,
      storage: TransactionArgument,
      o: {
        rootHash?: bigint
        size?: bigint
        encoding?: number
        deletable?: boolean
        blobId?: bigint
        coin?: TransactionArgument
      } = {},
    ) => {
      const { rootHash = 7n, size = 10n, encoding = 1 } = o
      return tx.moveCall({
        target: target('system::register_blob'),
        arguments: [
          system(tx),
          storage,
          tx.pure.u256(o.blobId ?? deriveBlobId(rootHash, encoding, size)),
          tx.pure.u256(rootHash),
          tx.pure.u64(size),
          tx.pure.u8(encoding),
          tx.pure.bool(o.deletable ?? true),
          o.coin ?? wal(tx),
        ],
      })
    },
    certify: (tx: Transaction, blob: string, certificate: { signature: Uint8Array; bitmap: Uint8Array; message: Uint8Array }) =>
      tx.moveCall({
        target: target('system::certify_blob'),
        arguments: [
          system(tx),
          tx.object(blob),
          tx.pure.vector('u8', certificate.signature),
          tx.pure.vector('u8', certificate.bitmap),
          tx.pure.vector('u8', certificate.message),
        ],
      }),
    delete: (tx: Transaction, blob: string) =>
      tx.moveCall({ target: target('system::delete_blob'), arguments: [system(tx), tx.object(blob)] }),
    extend: (tx: Transaction, blob: string, epochs: number, coin?: TransactionArgument) =>
      tx.moveCall({
        target: target('system::extend_blob'),
        arguments: [system(tx), tx.object(blob), tx.pure.u32(epochs), coin ?? wal(tx)],
      }),
    burn: (tx: Transaction, blob: string) => tx.moveCall({ target: target('blob::burn'), arguments: [tx.object(blob)] }),
    addMetadata: (tx: Transaction, blob: string) =>
      tx.moveCall({
        target: target('blob::add_metadata'),
        arguments: [tx.object(blob), tx.moveCall({ target: target('metadata::new') })],
      }),
    putPair: (tx: Transaction, blob: string, key: string, value: string) =>
      tx.moveCall({
        target: target('blob::insert_or_update_metadata_pair'),
        arguments: [tx.object(blob), tx.pure.string(key), tx.pure.string(value)],
      }),
    removePair: (tx: Transaction, blob: string, key: string) =>
      tx.moveCall({ target: target('blob::remove_metadata_pair'), arguments: [tx.object(blob), tx.pure.string(key)] }),
  }
}

/** Registers a made-up blob that nobody stores; returns its object id. */
export async function registerBlob(
  bench: WalrusBench,
  options: { deletable?: boolean; epochs?: number; rootHash?: bigint } = {},
): Promise<string> {
  const tx = new Transaction()
  const storage = moves(bench).reserve(tx, { epochs: options.epochs ?? 2 })
  tx.transferObjects([moves(bench).register(tx, storage, options)], bench.address)
  const { created } = await send(bench, tx)
  return created.find(({ type }) => type.endsWith('::blob::Blob'))?.id as string
}

export function readBlobObject(bench: WalrusBench, id: string): typeof BlobObject.$inferType {
  return BlobObject.parse(bench.ledger.get(id)?.contents as Uint8Array)
}

/** A certificate of all nodes over a well-formed message, bent by `change` before it is signed. */
export function certificateFor(
  bench: WalrusBench,
  blobObjectId: string,
  change: {
    readonly fields?: Partial<typeof ConfirmationMessage.$inferInput>
    readonly bend?: (message: Uint8Array) => Uint8Array
    readonly signers?: readonly number[]
  } = {},
): { signature: Uint8Array; bitmap: Uint8Array; message: Uint8Array } {
  const blob = readBlobObject(bench, blobObjectId)
  const plain = ConfirmationMessage.serialize({
    intent_type: 1,
    intent_version: 0,
    intent_app: 3,
    epoch: bench.walrus.epoch(),
    blob_id: blob.blob_id,
    persistence: blob.deletable ? { Deletable: { object_id: blobObjectId } } : { Permanent: true },
    ...change.fields,
  }).toBytes()
  const message = change.bend?.(plain) ?? plain
  const signers = change.signers ?? benchCommittee.nodes.map(({ index }) => index)
  const nodes = signers.map((index) => benchCommittee.nodes[index] as (typeof benchCommittee.nodes)[number])
  const bitmap = new Uint8Array(2)
  for (const index of signers) bitmap[index >> 3] = (bitmap[index >> 3] as number) | (1 << (index & 7))
  return { signature: benchCommittee.signTogether(nodes, message), bitmap, message }
}

export async function certifyBlob(bench: WalrusBench, blobObjectId: string): Promise<string> {
  const tx = new Transaction()
  moves(bench).certify(tx, blobObjectId, certificateFor(bench, blobObjectId))
  return outcome(bench, tx)
}

function walCoinId(bench: WalrusBench): string {
  for (const object of bench.ledger.view().objects()) {
    if (!object.type.endsWith('::wal::WAL>') || object.owner.kind !== 'address' || object.owner.address !== bench.address) continue
    return object.id
  }
  throw new Error('no WAL coin')
}
