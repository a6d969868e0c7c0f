import type { Ledger } from '../ledger/types.ts'
import { KeyServerError } from './key-server-error.ts'
import type { PolicyPtb } from './parse-policy-ptb.ts'

/**
 * Lets the policy's own bytecode decide, in a dry run with the certificate's
 * user as sender against the ledger's latest state: object versions in the
 * transaction are ignored, an abort is a refusal.
 *
 * @throws {KeyServerError} `InvalidParameter` for an input the full node refuses before it runs anything: one that
 *   does not exist yet, belongs to somebody else or is of another kind. `InvalidPTB` for a function that does not
 *   exist. `NoAccess` for everything that ran and failed.
 */
export function checkPolicy(ledger: Ledger, user: string, ptb: PolicyPtb): void {
  const run = ledger.dryRun({ sender: user, kindBytes: ptb.kindBytes })
  if (run.ok) return
  if (!run.abort && run.reason.startsWith('Transaction validation failed')) {
    throw new KeyServerError('InvalidParameter', `Invalid parameter to PTB: ${run.reason}`)
  }
  if (!run.abort && run.reason.startsWith('FunctionNotFound')) {
    throw new KeyServerError('InvalidPTB', 'Invalid PTB: The seal_approve function was not found on the module')
  }
  throw new KeyServerError('NoAccess', `Access denied: ${run.reason}`)
}
