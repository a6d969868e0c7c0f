/**
 * What every transaction costs, in MIST. Flat: the localnet does not meter
 * computation or storage, it only makes sure that gas is asked for, checked
 * and paid.
 */
export const GAS_COST: GasCost = Object.freeze({
  computationCost: 1_000_000n,
  storageCost: 2_000_000n,
  storageRebate: 0n,
  nonRefundableStorageFee: 0n,
})

export type GasCost = {
  readonly computationCost: bigint
  readonly storageCost: bigint
  readonly storageRebate: bigint
  readonly nonRefundableStorageFee: bigint
}

/** MIST per gas unit. */
export const REFERENCE_GAS_PRICE: bigint = 1_000n

/** Smallest and largest budget a transaction may name, in MIST. */
export const MIN_GAS_BUDGET: bigint = 1_000_000n
export const MAX_GAS_BUDGET: bigint = 50_000_000_000n

/** What `cost` takes from the gas coin. */
export function totalGas(cost: GasCost): bigint {
  return cost.computationCost + cost.storageCost - cost.storageRebate
}

/** The bill of a transaction that ran out of gas: all of its budget. */
export function exhaustedGas(budget: bigint): GasCost {
  return { computationCost: budget, storageCost: 0n, storageRebate: 0n, nonRefundableStorageFee: 0n }
}
