import type { SealNetwork } from '../../seal/types.ts'
import type { WalrusNetwork } from '../../walrus/types.ts'

/** The Core API methods a served localnet answers under `/rpc/<method>`. */
export const RPC_METHODS = [
  'getObjects',
  'listOwnedObjects',
  'listCoins',
  'getBalance',
  'listBalances',
  'getCoinMetadata',
  'getTransaction',
  'executeTransaction',
  'simulateTransaction',
  'getReferenceGasPrice',
  'getCurrentSystemState',
  'getProtocolConfig',
  'getChainIdentifier',
  'listDynamicFields',
  'listTransactions',
  'listEvents',
  'getMoveFunction',
] as const

export type RpcMethod = (typeof RPC_METHODS)[number]

/** The strings to pull, under `/control/<name>`. */
export const CONTROLS = ['faucet', 'advance', 'advance-epoch', 'set-fault', 'clear-faults', 'snapshot'] as const

export type Control = (typeof CONTROLS)[number]

/** What a served localnet says of itself at its root. Version 1 of the protocol. */
export type LocalnetDescription = {
  readonly protocolVersion: 1
  readonly name: string
  readonly nowMs: number
  readonly chainIdentifier: string
  readonly walType: string
  readonly seal: Omit<SealNetwork, 'fetch'>
  readonly walrus: Omit<WalrusNetwork, 'fetch' | 'wasmUrl'>
}

/** Path prefix under which the server reaches the localnet's host `hostname`. */
export function hostPath(hostname: string): string {
  return `/host/${hostname}`
}

/** The host and the rest of a path that {@link hostPath} began, or `undefined` for any other path. */
export function splitHostPath(path: string): { readonly hostname: string; readonly rest: string } | undefined {
  const match = /^\/host\/([a-z0-9.-]+)(\/.*|\?.*)?$/.exec(path)
  return match === null ? undefined : { hostname: match[1] as string, rest: match[2] ?? '/' }
}
