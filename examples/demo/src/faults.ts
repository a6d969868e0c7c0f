import type { FaultPlan } from '@locket/sdk/localnet'

/** What can be done to a key server. */
export type KeyServerFault = FaultPlan[`key-server/${number}`]

/** What can be done to an aggregator, which this page calls a storage gateway. */
export type AggregatorFault = FaultPlan[`aggregator/${number}`]
