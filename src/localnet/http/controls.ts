import { LocketError } from '../../core/errors.ts'
import type { FaultPlan, FaultTarget } from '../faults.ts'
import type { InProcessLocalnet } from '../localnet.ts'
import type { FaucetAmounts } from '../types.ts'
import type { Control } from './protocol.ts'

/**
 * Pulls one string of a served localnet.
 *
 * @throws {LocketError} `usage/invalid-argument` if a parameter is missing or of the wrong kind.
 */
export async function runControl(net: InProcessLocalnet, control: Control, parameters: unknown): Promise<unknown> {
  const given: Record<string, unknown> = typeof parameters === 'object' && parameters !== null ? { ...parameters } : {}
  switch (control) {
    case 'faucet':
      return net.faucet(text(given, 'address'), amounts(given['amounts']))
    case 'advance':
      return net.advance(number(given, 'ms'))
    case 'advance-epoch':
      return net.advanceEpoch(number(given, 'epochs'))
    case 'set-fault': {
      const { fault, times } = given
      if (typeof fault !== 'object' || fault === null || !('kind' in fault)) throw invalid('fault')
      if (times !== undefined && typeof times !== 'number') throw invalid('times')
      return net.faults.set(text(given, 'target') as FaultTarget, fault as FaultPlan[FaultTarget], { times })
    }
    case 'clear-faults':
      return net.faults.clear(given['target'] === undefined ? undefined : (text(given, 'target') as FaultTarget))
    case 'snapshot':
      return net.snapshot()
  }
}

function text(given: Record<string, unknown>, parameter: string): string {
  const value = given[parameter]
  if (typeof value !== 'string') throw invalid(parameter)
  return value
}

function number(given: Record<string, unknown>, parameter: string): number {
  const value = given[parameter]
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(parameter)
  return value
}

function amounts(value: unknown): FaucetAmounts {
  if (typeof value !== 'object' || value === null) throw invalid('amounts')
  const given: Record<string, unknown> = { ...value }
  const optional = (name: string) => (given[name] === undefined ? 0 : number(given, name))
  return { sui: optional('sui'), wal: optional('wal') }
}

function invalid(parameter: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation: 'localnet.control', details: { parameter } })
}
