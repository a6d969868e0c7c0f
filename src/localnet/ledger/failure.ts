import { bcs } from '@mysten/sui/bcs'
import { SuiClientError } from '@mysten/sui/client'

type EffectsInput = Extract<typeof bcs.TransactionEffects.$inferInput, { V2: unknown }>['V2']

/** `ExecutionFailureStatus` of `sui-types/src/execution_status.rs`, as BCS takes it. */
export type FailureStatus = Extract<EffectsInput['status'], { Failure: unknown }>['Failure']['error']

/** What is wrong with one argument of a command. */
export type ArgumentError = Extract<FailureStatus, { CommandArgumentError: unknown }>['CommandArgumentError']['kind']

/**
 * Ends a transaction during execution: it is recorded, its gas is charged and
 * everything else it did is dropped.
 */
export class ExecutionFailure extends Error {
  override readonly name: string = 'ExecutionFailure'
  readonly status: FailureStatus
  /** Index of the command that failed. */
  readonly command: number | undefined

  constructor(status: FailureStatus, options: { readonly command?: number | undefined; readonly detail?: string | undefined } = {}) {
    const kind = Object.keys(status)[0]
    super(options.detail === undefined ? `${kind}` : `${kind}: ${options.detail}`)
    this.status = status
    this.command = options.command
  }
}

/** A failure that blames argument `index` of the current command. */
export function argumentFailure(index: number, kind: ArgumentError, detail?: string): ExecutionFailure {
  return new ExecutionFailure({ CommandArgumentError: { argIdx: index, kind } }, { detail })
}

/** Why a full node refuses a transaction before it runs. */
export type RejectionReason =
  | 'malformed'
  | 'signature'
  | 'not-owner'
  | 'not-found'
  | 'stale-object'
  | 'wrong-input-kind'
  | 'gas'
  | 'expired'
  | 'unsupported'

/**
 * A transaction refused before execution: nothing is recorded and nothing is
 * charged. Looks like what a Sui client throws; the message has the full
 * node's wording, which is what applications match on.
 */
export class TransactionRejection extends SuiClientError {
  readonly code: string = 'INVALID_ARGUMENT'
  readonly reason: RejectionReason

  constructor(reason: RejectionReason, message: string) {
    super(`Transaction validation failed: ${message}`)
    this.name = 'TransactionRejection'
    this.reason = reason
  }
}
