import type { AssetId, Intent } from './intent.ts'
import { spentOf, type Ledger } from './ledger.ts'
import { localTime, type LocalTime } from './local-time.ts'
import type { Policy, SpendCondition } from './policy.ts'
import type { Facts } from './request.ts'

/** Whether a condition holds for an effect. `unsure` covers nothing, and counts as `yes` in a rule that tightens. */
export type Answer = 'yes' | 'no' | 'unsure'

/** What conditions ask about an intent beyond the one effect. Answers are worked out once. */
export type Context = {
  readonly facts: Facts
  /** What the intent spends by asset; `undefined` is without limit. */
  readonly totals: ReadonlyMap<AssetId, bigint | undefined>
  /** What the limit is compared with, and the limit as it is for this device. */
  spending(condition: SpendCondition): { readonly spent: bigint | undefined; readonly limit: bigint }
  timeIn(zone: string): LocalTime
}

export function createContext(given: {
  readonly policy: Policy
  readonly intent: Intent
  readonly intentHash: string
  readonly facts: Facts
  readonly nowMs: number
  readonly spent: Ledger
}): Context {
  const { policy, intent, intentHash, facts, nowMs, spent: ledger } = given
  const totals = totalsOf(intent)
  let all = 0n
  let own = 0n
  for (const { device, parts } of policy.devices) {
    all += BigInt(parts)
    if (device === ledger.device) own = BigInt(parts)
  }
  const before = new Map<AssetId, ReturnType<typeof spentOf>>()
  const times = new Map<string, LocalTime>()

  return {
    facts,
    totals,
    spending({ asset, per, amount }) {
      const total = totals.get(asset)
      if (per === 'transaction') return { spent: total, limit: amount }
      let gone = before.get(asset)
      if (gone === undefined) {
        gone = spentOf(ledger, { account: intent.account, asset, nowMs, exceptId: intentHash })
        before.set(asset, gone)
      }
      return { spent: total === undefined ? undefined : gone[per] + total, limit: all === 0n ? 0n : (amount * own) / all }
    },
    timeIn(zone) {
      let time = times.get(zone)
      if (time === undefined) times.set(zone, (time = localTime(zone, nowMs)))
      return time
    },
  }
}

function totalsOf({ effects }: Intent): Map<AssetId, bigint | undefined> {
  const totals = new Map<AssetId, bigint | undefined>()
  for (const effect of effects) {
    if (effect.kind !== 'transfer' && effect.kind !== 'allow' && effect.kind !== 'fee') continue
    const sum = totals.has(effect.asset) ? totals.get(effect.asset) : 0n
    totals.set(effect.asset, sum === undefined || effect.amount === undefined ? undefined : sum + effect.amount)
  }
  return totals
}
