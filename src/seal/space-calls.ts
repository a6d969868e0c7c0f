import type { Transaction, TransactionArgument } from '@mysten/sui/transactions'
import { fromBase64Url } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { ROLES } from './space.wire.ts'
import type { MemberRole } from './types.ts'

/** Builders for the calls of `contracts/move/sources/space.move`. Each adds one command. */
export type SpaceCalls = {
  create(tx: Transaction): void
  setKey(
    tx: Transaction,
    spaceId: string,
    key: { readonly expectedEpoch: number; readonly envelope: Uint8Array; readonly label: Uint8Array },
  ): void
  rotate(
    tx: Transaction,
    spaceId: string,
    key: { readonly expectedEpoch: number; readonly envelope: Uint8Array; readonly history: Uint8Array; readonly label: Uint8Array },
  ): void
  setLabel(tx: Transaction, spaceId: string, label: Uint8Array): void
  /** @throws {LocketError} `usage/invalid-argument` if the blob id is not 32 bytes of base64url. */
  setHead(tx: Transaction, spaceId: string, head: { readonly expectedVersion: bigint; readonly blobId: string }): void
  addMember(
    tx: Transaction,
    spaceId: string,
    member: { readonly address: string; readonly role: MemberRole; readonly expiresAtMs: number },
  ): void
  removeMember(tx: Transaction, spaceId: string, address: string): void
  setTimelock(tx: Transaction, spaceId: string, timelock: { readonly beneficiary: string; readonly releaseAtMs: number } | undefined): void
  setSuccessor(tx: Transaction, spaceId: string, successor: { readonly address: string; readonly silenceMs: number } | undefined): void
  heartbeat(tx: Transaction, spaceId: string): void
}

/** The call builders for one deployment of the package. */
export function createSpaceCalls(packageId: string): SpaceCalls {
  const target = (name: string) => `${packageId}::space::${name}` as const
  return Object.freeze<SpaceCalls>({
    create(tx) {
      tx.moveCall({ target: target('create'), arguments: [tx.object.clock()] })
    },
    setKey(tx, spaceId, { expectedEpoch, envelope, label }) {
      tx.moveCall({
        target: target('set_key'),
        arguments: [tx.object(spaceId), tx.pure.u32(expectedEpoch), bytes(tx, envelope), bytes(tx, label), tx.object.clock()],
      })
    },
    rotate(tx, spaceId, { expectedEpoch, envelope, history, label }) {
      tx.moveCall({
        target: target('rotate'),
        arguments: [
          tx.object(spaceId),
          tx.pure.u32(expectedEpoch),
          bytes(tx, envelope),
          bytes(tx, history),
          bytes(tx, label),
          tx.object.clock(),
        ],
      })
    },
    setLabel(tx, spaceId, label) {
      tx.moveCall({ target: target('set_label'), arguments: [tx.object(spaceId), bytes(tx, label), tx.object.clock()] })
    },
    setHead(tx, spaceId, { expectedVersion, blobId }) {
      const head = decodeBlobId(blobId)
      tx.moveCall({
        target: target('set_head'),
        arguments: [tx.object(spaceId), tx.pure.u64(expectedVersion), bytes(tx, head), tx.object.clock()],
      })
    },
    addMember(tx, spaceId, { address, role, expiresAtMs }) {
      tx.moveCall({
        target: target('add_member'),
        arguments: [
          tx.object(spaceId),
          tx.pure.address(address),
          tx.pure.u8(ROLES.indexOf(role)),
          tx.pure.u64(expiresAtMs),
          tx.object.clock(),
        ],
      })
    },
    removeMember(tx, spaceId, address) {
      tx.moveCall({ target: target('remove_member'), arguments: [tx.object(spaceId), tx.pure.address(address), tx.object.clock()] })
    },
    setTimelock(tx, spaceId, timelock) {
      tx.moveCall(
        timelock
          ? {
              target: target('set_timelock'),
              arguments: [tx.object(spaceId), tx.pure.address(timelock.beneficiary), tx.pure.u64(timelock.releaseAtMs), tx.object.clock()],
            }
          : { target: target('clear_timelock'), arguments: [tx.object(spaceId), tx.object.clock()] },
      )
    },
    setSuccessor(tx, spaceId, successor) {
      tx.moveCall(
        successor
          ? {
              target: target('set_successor'),
              arguments: [tx.object(spaceId), tx.pure.address(successor.address), tx.pure.u64(successor.silenceMs), tx.object.clock()],
            }
          : { target: target('clear_successor'), arguments: [tx.object(spaceId), tx.object.clock()] },
      )
    },
    heartbeat(tx, spaceId) {
      tx.moveCall({ target: target('heartbeat'), arguments: [tx.object(spaceId), tx.object.clock()] })
    },
  })
}

function bytes(tx: Transaction, value: Uint8Array): TransactionArgument {
  return tx.pure.vector('u8', value)
}

function decodeBlobId(blobId: string): Uint8Array {
  try {
    const head = fromBase64Url(blobId)
    if (head.length === 32) return head
  } catch {}
  throw new LocketError('usage/invalid-argument', {
    operation: 'seal.appendSetHead',
    message: 'a blob id is 32 bytes of base64url',
    details: { parameter: 'blobId' },
  })
}
