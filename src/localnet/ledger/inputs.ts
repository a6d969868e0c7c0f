import type { bcs } from '@mysten/sui/bcs'
import { fromBase64 } from '@mysten/sui/utils'
import { copyBytes, type Bytes } from '../../core/bytes.ts'
import { TransactionRejection } from './failure.ts'
import { normalizeId } from './framework.ts'
import { objectDigest } from './object-digest.ts'
import type { LedgerObject } from './types.ts'

export type ProgrammableTransaction = typeof bcs.ProgrammableTransaction.$inferType
type CallArg = ProgrammableTransaction['inputs'][number]

/** How an input object may be used. */
export type InputAccess = 'owned' | 'immutable' | 'shared-mutable' | 'shared-readonly'

/** One input of a transaction, checked against the ledger. */
export type ResolvedInput =
  | { readonly kind: 'pure'; readonly bytes: Bytes }
  | { readonly kind: 'object'; readonly object: LedgerObject; readonly access: InputAccess }
  | { readonly kind: 'receiving'; readonly object: LedgerObject }

export type InputChecks = {
  /** Whether named versions and digests must be the current ones. Key servers' dry runs ignore them. */
  readonly versions: boolean
  readonly ownership: boolean
}

/**
 * Resolves the inputs of a transaction and applies the rules a validator
 * applies before it runs one: every object exists, is of the kind it is used
 * as, belongs to the sender, and is named at its current version.
 *
 * @throws {TransactionRejection} for the first input that breaks a rule.
 */
export function resolveInputs(
  inputs: readonly CallArg[],
  options: { readonly get: (id: string) => LedgerObject | undefined; readonly sender: string; readonly checks: InputChecks },
): ResolvedInput[] {
  const seen = new Set<string>()
  return inputs.map((input): ResolvedInput => {
    if (input.$kind === 'Pure') return { kind: 'pure', bytes: copyBytes(fromBase64(input.Pure.bytes)) }
    if (input.$kind !== 'Object') throw new TransactionRejection('unsupported', `the localnet has no ${input.$kind} inputs`)
    const argument = input.Object
    const reference = argument.ImmOrOwnedObject ?? argument.SharedObject ?? argument.Receiving
    const id = normalizeId(reference.objectId)
    if (seen.has(id)) throw new TransactionRejection('malformed', `Mutable object ${id} cannot appear more than one in one transaction`)
    seen.add(id)
    const object = options.get(id)
    if (argument.$kind === 'SharedObject') return resolveShared(id, object, argument.SharedObject)
    return resolveOwned(id, object, argument.ImmOrOwnedObject ?? argument.Receiving, argument.$kind === 'Receiving', options)
  })
}

function resolveShared(
  id: string,
  object: LedgerObject | undefined,
  reference: { readonly initialSharedVersion: string; readonly mutable: boolean },
): ResolvedInput {
  if (object === undefined) throw new TransactionRejection('not-found', `Could not find the referenced object ${id} at version None`)
  if (object.owner.kind !== 'shared') throw new TransactionRejection('wrong-input-kind', 'Object used as shared is not shared')
  if (BigInt(reference.initialSharedVersion) !== object.owner.initialVersion) {
    throw new TransactionRejection('wrong-input-kind', 'The shared object input has the wrong initial shared version')
  }
  return { kind: 'object', object, access: reference.mutable ? 'shared-mutable' : 'shared-readonly' }
}

function resolveOwned(
  id: string,
  object: LedgerObject | undefined,
  reference: { readonly version: string; readonly digest: string },
  isReceiving: boolean,
  options: { readonly sender: string; readonly checks: InputChecks },
): ResolvedInput {
  const named = BigInt(reference.version)
  if (object === undefined) {
    throw new TransactionRejection('not-found', `Could not find the referenced object ${id} at version Some(SequenceNumber(${named}))`)
  }
  if (options.checks.versions) checkVersion(object, named, reference.digest)
  const { owner } = object
  if (isReceiving) {
    if (owner.kind !== 'address') throw new TransactionRejection('wrong-input-kind', `Object ${id} cannot be received`)
    return { kind: 'receiving', object }
  }
  switch (owner.kind) {
    case 'immutable':
      return { kind: 'object', object, access: 'immutable' }
    case 'shared':
      throw new TransactionRejection('wrong-input-kind', `Object ${id} is a shared object and was named as an owned one`)
    case 'object':
      throw new TransactionRejection(
        'wrong-input-kind',
        `Object ${id} is owned by object ${owner.parent}. Objects owned by other objects cannot be used as input arguments`,
      )
    case 'address':
      if (options.checks.ownership && owner.address !== options.sender) {
        throw new TransactionRejection(
          'not-owner',
          `Transaction was not signed by the correct sender: Object ${id} is owned by account address ${owner.address}, but given owner/signer address is ${options.sender}`,
        )
      }
      return { kind: 'object', object, access: 'owned' }
  }
}

/** Refuses a reference to any version of `object` but the current one. */
export function checkVersion(object: LedgerObject, version: bigint, digest: string): void {
  if (version !== object.version) {
    throw new TransactionRejection(
      'stale-object',
      `Transaction needs to be rebuilt because object ${object.id} version 0x${version.toString(16)} is unavailable for consumption, current version: 0x${object.version.toString(16)}`,
    )
  }
  if (digest !== objectDigest(object)) {
    throw new TransactionRejection(
      'stale-object',
      `Invalid object digest for object ${object.id}, expected digest: ${objectDigest(object)}`,
    )
  }
}
