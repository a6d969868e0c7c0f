/** Sui, Seal and Walrus on one machine, for development, tests and demonstrations. */

export type { FaultPlan, Faults, FaultTarget } from './faults.ts'
export { connectLocalnet, type ConnectedLocalnet, type ConnectOptions } from './http/client.ts'
export { localnet, POLICY_PACKAGE_ID, type InProcessLocalnet, type LocalnetOptions } from './localnet.ts'
export type { LoggedRequest, RequestLog } from './request-log.ts'
export type { FaucetAmounts, Localnet, LocalnetSnapshot } from './types.ts'
