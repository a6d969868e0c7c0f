import type { Ledger } from '../ledger/types.ts'
import { KeyServerError } from './key-server-error.ts'
import type { PolicyPtb } from './parse-policy-ptb.ts'

/**
 * Lets the policy's own bytecode decide, in a dry run with the certificate's
 * user as sender against the ledger's latest state: object versions in the
 * transaction are ignored, an abort is a refusal.
 *
 * @throws {KeyServerError} `InvalidParameter` for an input that does not exist or belongs to
 *   somebody else, `InvalidPTB` for a function that does not exist, `NoAccess` for every abort.
 */
export function checkPolicy(ledger: Ledger, user: string, ptb: PolicyPtb): void {
  for (const id of ptb.objectIds) {
    const object = ledger.get(id)
    if (!object) throw new KeyServerError('InvalidParameter', `Invalid parameter to PTB: Object ${id} not found`)
    if (object.owner.kind === 'address' && object.owner.address !== user) {
      throw new KeyServerError('InvalidParameter', `Invalid parameter to PTB: Object ${id} is not owned by the sender`)
    }
  }
  const run = ledger.dryRun({ sender: user, kindBytes: ptb.kindBytes })
  if (run.ok) return
  if (!run.abort && /function.*not (found|exist)|FunctionNotFound/i.test(run.reason)) {
    throw new KeyServerError('InvalidPTB', 'Invalid PTB: The seal_approve function was not found on the module')
  }
  throw new KeyServerError('NoAccess', `Access denied: ${run.reason}`)
}
