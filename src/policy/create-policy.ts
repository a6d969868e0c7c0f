import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, toHex, utf8 } from '../core/bytes.ts'
import { canonicalText } from './canonical.ts'
import type { DeviceShare, Policy, Rule } from './policy.ts'
import { prepare, preparedOf } from './prepared.ts'
import { at, invalid, listOf, oneOf, readAddress, recordOf, setOf, textOf, wholeOf } from './read.ts'
import { readCondition } from './read-condition.ts'

/** Longest text of a policy, in UTF-16 units. */
export const MAX_POLICY_CHARS = 1_048_576

const CHAIN = /^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$/
const KINDS = ['transfer', 'allow', 'fee', 'call', 'give'] as const
/** Longest delay or quiet period: ten years. */
const MAX_WAIT_MS = 315_576_000_000

/**
 * A policy from its JSON text: a bigint is a string of decimal digits. Unknown fields and kinds are refused.
 *
 * @throws {LocketError} `policy/invalid` with `details.path`.
 */
export function parsePolicy(text: string): Policy {
  if (text.length > MAX_POLICY_CHARS) throw invalid('', `is longer than ${MAX_POLICY_CHARS} characters`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid('', 'is not JSON', cause)
  }
  return readPolicy(value)
}

/**
 * A checked, frozen copy of a policy.
 *
 * @throws {LocketError} `policy/invalid` with `details.path`.
 */
export function createPolicy(policy: Policy): Policy {
  return readPolicy(policy)
}

/**
 * The one JSON text of a policy, which `parsePolicy` reads to an equal one.
 *
 * @throws {LocketError} `policy/invalid` for one that `createPolicy` or `parsePolicy` would not have made.
 */
export function formatPolicy(policy: Policy): string {
  return (preparedOf(policy) ?? preparedOf(readPolicy(policy)))?.text as string
}

/**
 * SHA-256 of the policy's one text, in hexadecimal: what co-signers compare, and what an approval is for.
 *
 * @throws {LocketError} `policy/invalid` for one that `createPolicy` or `parsePolicy` would not have made.
 */
export function hashPolicy(policy: Policy): string {
  return (preparedOf(policy) ?? preparedOf(readPolicy(policy)))?.hash as string
}

function readPolicy(value: unknown): Policy {
  const record = recordOf(value, '', ['version', 'id', 'chains', 'accounts', 'devices', 'rules'])
  if (record['version'] !== 1) throw invalid('version', 'is not 1')
  const id = textOf(record['id'], 'id')
  const chains = setOf(record['chains'], 'chains', readChain)
  const accounts = setOf(record['accounts'], 'accounts', readAddress)
  const devices = readDevices(record['devices'])
  const rules = listOf(record['rules'], 'rules', 1_000, readRule)
  for (const [index, rule] of rules.entries()) {
    const path = `rules[${index}]`
    if (rules.findIndex(({ name }) => name === rule.name) < index) throw invalid(at(path, 'name'), 'is the name of an earlier rule')
    if (rule.effect === 'check') continue
    for (const [place, condition] of rule.when.entries()) {
      if (condition.kind !== 'spend') continue
      const where = `${path}.when[${place}]`
      if (!chains.includes(condition.asset.slice(0, condition.asset.indexOf('/')))) throw invalid(at(where, 'asset'), 'is of another chain')
      if (condition.per !== 'transaction' && devices.length === 0)
        throw invalid('devices', `is empty, and ${where} divides a limit among them`)
    }
  }
  const policy: Policy = deepFreeze({ version: 1, id, chains, accounts, devices, rules })
  const text = JSON.stringify(policy, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part))
  prepare(policy, text, toHex(sha256(concatBytes(utf8('locket/policy/v1\0'), utf8(text)))))
  return policy
}

function readChain(value: unknown, path: string): string {
  const chain = textOf(value, path)
  if (!CHAIN.test(chain)) throw invalid(path, 'is not a CAIP-2 chain id')
  return chain
}

function readDevices(value: unknown): readonly DeviceShare[] {
  const devices = listOf(value, 'devices', 256, (item, path) => {
    const record = recordOf(item, path, ['device', 'parts'])
    return { device: textOf(record['device'], at(path, 'device')), parts: wholeOf(record['parts'], at(path, 'parts'), 0, 1_000_000) }
  }).toSorted((a, b) => (a.device < b.device ? -1 : 1))
  if (devices.some(({ device }, index) => devices[index - 1]?.device === device)) throw invalid('devices', 'names a device twice')
  if (devices.length > 0 && devices.every(({ parts }) => parts === 0)) throw invalid('devices', 'gives no device a part')
  return devices
}

function readRule(value: unknown, path: string): Rule {
  const effect = oneOf((value as Partial<Rule> | null | undefined)?.effect, at(path, 'effect'), ['allow', 'deny', 'approve', 'check'])
  const own = effect === 'approve' ? ['approvers', 'threshold', 'delayMs', 'quietMs'] : []
  const record = recordOf(value, path, effect === 'check' ? ['effect', 'name'] : ['effect', 'name', 'on', 'when', ...own])
  const name = textOf(record['name'], at(path, 'name'))
  if (effect === 'check') return { effect, name }
  const on = setOf(record['on'], at(path, 'on'), (kind, where) => oneOf(kind, where, KINDS))
  const when = listOf(record['when'], at(path, 'when'), 64, (condition, where) => readCondition(condition, where, on))
  if (effect !== 'approve') return { effect, name, on, when }
  const list = listOf(record['approvers'], at(path, 'approvers'), 1_000, (approver) => approver)
  const approvers = list.length === 0 ? [] : setOf(list, at(path, 'approvers'), (approver, where) => canonicalText(textOf(approver, where)))
  const threshold = wholeOf(record['threshold'], at(path, 'threshold'), 0, approvers.length)
  const delayMs = wholeOf(record['delayMs'], at(path, 'delayMs'), 0, MAX_WAIT_MS)
  const quietMs = wholeOf(record['quietMs'], at(path, 'quietMs'), 0, MAX_WAIT_MS)
  if (threshold === 0 && delayMs === 0 && quietMs === 0) throw invalid(path, 'asks for nothing')
  return { effect, name, on, when, approvers, threshold, delayMs, quietMs }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part)
    Object.freeze(value)
  }
  return value
}
