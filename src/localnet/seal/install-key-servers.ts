import { normalizeSuiAddress } from '@mysten/sui/utils'
import { toHex } from '../../core/bytes.ts'
import { randomBytes } from '../../core/capabilities.ts'
import { LocketError } from '../../core/errors.ts'
import type { Ledger } from '../ledger/types.ts'
import { createKeyServer } from './create-key-server.ts'
import { deriveMasterKey } from './derive-master-key.ts'
import { placeKeyServer } from './key-server-object.ts'
import type { KeyServersOptions, LocalKeyServers } from './types.ts'

const MAX_SERVERS = 20

/**
 * Puts independent Seal key servers on a ledger: their on-chain objects, and
 * in-process request handlers an unmodified `SealClient` can be pointed at.
 *
 * The servers are as trustworthy as the process they run in: who can read its
 * memory can decrypt everything. For development, tests and demonstrations.
 *
 * @throws {LocketError} `usage/invalid-argument`
 */
export function installKeyServers(ledger: Ledger, options: KeyServersOptions): LocalKeyServers {
  const { servers: count = 3, entropy, seeds } = options
  const { urlOf = (index) => `https://seal-${index + 1}.localnet.test`, objectVersionOf = (index) => (index === 0 ? 1 : 2) } = options
  const { threshold = Math.min(count, Math.max(2, Math.floor(count / 2) + 1)) } = options
  if (!Number.isInteger(count) || count < 1 || count > MAX_SERVERS) throw invalid('servers', `1 to ${MAX_SERVERS} servers`)
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > count) throw invalid('threshold', `1 to ${count}`)
  if (seeds && (seeds.length !== count || seeds.some((seed) => seed.length !== 32)))
    throw invalid('seeds', 'one 32-byte seed for each server')

  const { firstPackageOf = (packageId: string) => (ledger.get(packageId) ? packageId : undefined) } = options
  const servers = Array.from({ length: count }, (_, index) => {
    const server = createKeyServer(ledger, {
      index,
      objectId: normalizeSuiAddress(`0x5ea1${(index + 1).toString(16).padStart(4, '0')}`),
      url: urlOf(index),
      secretMasterKey: deriveMasterKey(seeds?.[index] ?? randomBytes(entropy, 32), 0),
      entropy,
      clock: options.clock,
      faults: options.faults,
      firstPackageOf,
      servedPackages: options.servedPackages,
      ttlMaxMin: options.ttlMaxMin,
    })
    const { objectId, url, publicKey } = server
    placeKeyServer(ledger, { objectId, name: `localnet-${index + 1}`, url, publicKey, version: objectVersionOf(index) })
    return server
  })
  const byUrl = servers.toSorted((a, b) => b.url.length - a.url.length)

  return Object.freeze({
    network: Object.freeze({
      servers: servers.map(({ objectId }) => Object.freeze({ objectId, weight: 1 })),
      threshold,
      pinnedPublicKeys: Object.freeze(Object.fromEntries(servers.map(({ objectId, publicKey }) => [objectId, toHex(publicKey)]))),
    }),
    servers: Object.freeze(servers),
    handle: (request: Request) => byUrl.find(({ url }) => request.url.startsWith(`${url}/`))?.handle(request),
  })
}

function invalid(parameter: string, expected: string): LocketError {
  return new LocketError('usage/invalid-argument', {
    operation: 'localnet.installKeyServers',
    message: `${parameter} must be ${expected}`,
    details: { parameter },
  })
}
