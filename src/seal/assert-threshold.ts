import { LocketError } from '../core/errors.ts'
import type { SealNetwork, SealRisk } from './types.ts'

/**
 * Refuses key-server sets that one server can open or that cannot lose one,
 * unless `network.acceptRisk` names the risk. Weights count: a server with the
 * weight of the threshold is as good as a threshold of 1.
 *
 * @throws {LocketError} `seal/weak-threshold` with `details.risk`; `usage/invalid-argument`
 *   if the set is no set or the threshold cannot be reached at all.
 */
export function assertThreshold(network: Pick<SealNetwork, 'servers' | 'threshold' | 'acceptRisk'>): void {
  const { servers, threshold } = network
  const weights = servers.map(({ weight }) => weight)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (weights.some((weight) => !Number.isInteger(weight) || weight < 1)) throw invalid('servers', 'every weight must be a positive integer')
  if (new Set(servers.map(({ objectId }) => objectId)).size !== servers.length) throw invalid('servers', 'a server is listed twice')
  // Seal counts shares in one byte and keeps 255 for itself.
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > total || total > 254) {
    throw invalid('threshold', `the threshold must be 1 to the total weight (${total}), which must be below 255`)
  }
  const heaviest = Math.max(...weights)
  if (heaviest >= threshold) assertAccepted(network, 'single-server-can-decrypt')
  if (total - heaviest < threshold) assertAccepted(network, 'no-server-may-fail')
}

function assertAccepted(network: Pick<SealNetwork, 'servers' | 'threshold' | 'acceptRisk'>, risk: SealRisk): void {
  if ([network.acceptRisk ?? []].flat().includes(risk)) return
  throw new LocketError('seal/weak-threshold', {
    operation: 'seal.createSealEngine',
    message: `${network.threshold} of ${network.servers.length} key servers: ${risk}`,
    details: { risk, threshold: network.threshold, servers: network.servers.length },
  })
}

function invalid(parameter: string, message: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation: 'seal.createSealEngine', message, details: { parameter } })
}
