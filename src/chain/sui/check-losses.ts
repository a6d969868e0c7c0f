import { LocketError } from '../../core/errors.ts'
import type { Intent } from '../../policy/intent.ts'
import { suiAssetId } from './names.ts'
import type { SuiBalanceChange } from './port.ts'

/**
 * That no coin of the account loses more than the effects of an intent say: transfers, allowances and the fee.
 * What a `give` of an unknown coin takes stands nowhere, and so is too much.
 *
 * @throws {LocketError} `chain/unexpected-effects`
 */
export function checkLosses(intent: Intent, changes: readonly SuiBalanceChange[]): void {
  for (const { coinType, amount } of changes) {
    const asset = suiAssetId(intent.chain, coinType)
    const allowed = allowedLoss(intent, asset)
    if (allowed === undefined || -amount <= allowed) continue
    throw new LocketError('chain/unexpected-effects', {
      operation: 'chain.sui.dryRun',
      details: { asset, decoded: String(allowed), simulated: String(-amount) },
    })
  }
}

/** `undefined` is without limit. */
function allowedLoss(intent: Intent, asset: string): bigint | undefined {
  let sum = 0n
  for (const effect of intent.effects) {
    if (!('asset' in effect) || effect.asset !== asset) continue
    if (effect.amount === undefined) return undefined
    sum += effect.amount
  }
  return sum
}
