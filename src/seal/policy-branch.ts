import type { Transaction } from '@mysten/sui/transactions'
import type { SpaceState } from './types.ts'

/** Which `seal_approve_*` function of the contract can let a caller in. */
export type PolicyBranch = 'owner' | 'member' | 'timelock' | 'successor'

/**
 * The branch for `address`, or `undefined` if the space does not name it at
 * all. Where several name it, the first that also holds at `nowMs`; where none
 * holds, the first. Time conditions are the chain's to decide, so a wrong
 * clock here can only pick a branch that is then refused.
 */
export function policyBranch(space: SpaceState, address: string, nowMs: number): PolicyBranch | undefined {
  if (space.owner === address) return 'owner'
  const { timelock, successor } = space
  const member = space.members.find((candidate) => candidate.address === address)
  const candidates: { branch: PolicyBranch; holds: boolean }[] = []
  if (member) candidates.push({ branch: 'member', holds: member.expiresAtMs === undefined || nowMs < member.expiresAtMs })
  if (timelock?.beneficiary === address) candidates.push({ branch: 'timelock', holds: nowMs >= timelock.releaseAtMs })
  if (successor?.address === address) candidates.push({ branch: 'successor', holds: nowMs - space.lastSeenMs >= successor.silenceMs })
  return (candidates.find(({ holds }) => holds) ?? candidates[0])?.branch
}

/** Adds the call by which key servers judge one identity. */
export function appendApproval(
  tx: Transaction,
  call: {
    readonly packageId: string
    readonly branch: PolicyBranch
    readonly identity: Uint8Array
    readonly spaceId: string
    readonly initialSharedVersion: string
  },
): void {
  // A full reference: building then needs no lookup, and servers judge the latest version anyway.
  const space = tx.sharedObjectRef({ objectId: call.spaceId, initialSharedVersion: call.initialSharedVersion, mutable: false })
  const id = tx.pure.vector('u8', call.identity)
  tx.moveCall({
    target: `${call.packageId}::space::seal_approve_${call.branch}`,
    arguments: call.branch === 'owner' ? [id, space] : [id, space, tx.object.clock()],
  })
}
