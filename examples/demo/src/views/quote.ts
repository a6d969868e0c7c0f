import type { CostQuote } from '@locket/sdk'
import { el } from '../dom.ts'
import { bytes, coins, count, plural } from '../format.ts'

/** What a backup will cost, before it is made, and what it would have cost one by one. */
export function quoteTable(cost: CostQuote, memories: number, pendingBytes: number): HTMLElement {
  const rows: readonly (readonly [string, string])[] = [
    ['Storage', `${coins(cost.totalFrost, 'WAL')} for ${plural(cost.epochs, 'epoch')}`],
    ['Gas, at most', coins(cost.gasMist, 'SUI')],
    ['Size', `${bytes(pendingBytes)} encrypted, ${plural(cost.storageUnits, 'storage unit')} of 1 MiB`],
    ['Parcels', `${count(cost.quilts)} for ${plural(memories, 'memory', 'memories')}`],
    ['One by one it would be', coins(cost.singleBlobsFrost, 'WAL')],
  ]
  return el(
    'div',
    { class: 'quote-inner' },
    el(
      'p',
      { class: 'factor' },
      el('strong', {}, `${cost.savingFactor.toFixed(cost.savingFactor < 10 ? 1 : 0)}×`),
      ' cheaper than storing each memory by itself',
    ),
    el('dl', { class: 'rows' }, ...rows.map(([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value)))),
  )
}
