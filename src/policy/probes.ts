import { MAX_AMOUNT } from './canonical.ts'
import type { Effect } from './intent.ts'
import { localTime, minuteOf } from './local-time.ts'
import type { ArgumentTest, CallCondition, Condition, Policy, SpendCondition, TimeCondition, ToCondition } from './policy.ts'
import type { Requester } from './request.ts'

/** Requests at and just beyond every boundary that rules of some policies draw, in parts that are combined. */

/** A recipient, target and method no policy lists. */
const STRANGER = '0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a'
const DAY_MS = 86_400_000

type Kinds = { [K in Condition['kind']]: (Condition & { readonly kind: K })[] }

/** All conditions of some policies, by kind. */
export function conditionsOf(policies: readonly Policy[]): Kinds {
  const kinds: Kinds = { spend: [], to: [], time: [], call: [], role: [], attribute: [] }
  for (const { rules } of policies) {
    for (const rule of rules) {
      if (rule.effect !== 'check') for (const condition of rule.when) (kinds[condition.kind] as Condition[]).push(condition)
    }
  }
  return kinds
}

/** One effect of each kind at each boundary, on a chain. */
export function* probeEffects(policies: readonly Policy[], kinds: Kinds, chain: string): Generator<Effect> {
  const recipients = [...new Set([STRANGER, ...kinds.to.flatMap((one: ToCondition) => one.addresses)])]
  const amounts = new Map<string, Set<bigint>>([[`${chain}/slip44:0`, new Set([1n])]])
  for (const condition of kinds.spend as SpendCondition[]) {
    if (!condition.asset.startsWith(`${chain}/`)) continue
    const set = amounts.get(condition.asset) ?? new Set([0n, 1n])
    for (const limit of limitsOf(condition, policies)) {
      set.add(limit)
      if (limit < MAX_AMOUNT) set.add(limit + 1n)
    }
    amounts.set(condition.asset, set)
  }
  for (const [asset, set] of amounts) {
    for (const amount of [...set].toSorted((a, b) => (a < b ? -1 : 1))) {
      yield { kind: 'fee', asset, amount }
      for (const to of recipients) {
        yield { kind: 'transfer', asset, amount, to }
        yield { kind: 'allow', asset, amount, spender: to }
      }
    }
    for (const spender of recipients) yield { kind: 'allow', asset, amount: undefined, spender }
  }
  for (const to of recipients) yield { kind: 'give', object: STRANGER, to }
  yield { kind: 'call', target: STRANGER, method: 'unlisted', arguments: [] }
  for (const condition of kinds.call as CallCondition[]) yield* probeCalls(condition)
}

/** The limit as it stands, and as each device has its part of it. */
function* limitsOf({ per, amount }: SpendCondition, policies: readonly Policy[]): Generator<bigint> {
  yield amount
  if (per === 'transaction') return
  for (const { devices } of policies) {
    const all = BigInt(devices.reduce((sum, { parts }) => sum + parts, 0))
    for (const { parts } of devices) yield (amount * BigInt(parts)) / all
  }
}

/** The call a condition describes, and those that differ from it in the target, in the method, or in one argument. */
function* probeCalls({ target = STRANGER, method = 'unlisted', arguments: tests }: CallCondition): Generator<Effect> {
  const choices = tests.map(argumentValues)
  const base = choices.map(([first], index) => ({ name: tests[index]?.name as string, value: first as bigint | string | boolean }))
  yield { kind: 'call', target, method, arguments: base }
  yield { kind: 'call', target: STRANGER, method, arguments: base }
  yield { kind: 'call', target, method: 'unlisted', arguments: base }
  for (const [index, values] of choices.entries()) {
    for (const value of values.slice(1))
      yield { kind: 'call', target, method, arguments: base.map((one, at) => (at === index ? { ...one, value } : one)) }
    yield { kind: 'call', target, method, arguments: base.filter((_, at) => at !== index) }
  }
}

/** Values on either side of a test, first one for which it holds. */
function argumentValues(test: ArgumentTest): (bigint | string | boolean)[] {
  if (test.type === 'flag') return test.compare === '=' ? [test.value, !test.value] : [!test.value, test.value]
  if (test.type === 'text') return test.compare === '=' ? [test.value, `${test.value}?`] : [`${test.value}?`, test.value]
  const { value, compare } = test
  if (compare === '<' || compare === '!=') return [value - 1n, value, value + 1n]
  if (compare === '>') return [value + 1n, value, value - 1n]
  return [value, value + 1n, value - 1n]
}

/** A requester of whom nothing is known, and one for each role and attribute. */
export function probeRequesters(kinds: Kinds): Requester[] {
  const roles = [...new Set(kinds.role.flatMap((one) => one.roles))]
  const nobody = { id: 'unlisted', roles: [], attributes: {} }
  const attributes = kinds.attribute.map(({ name, value }) => ({ [name]: value }))
  const held = [{}, ...attributes, Object.assign({}, ...attributes) as Requester['attributes']]
  return [
    nobody,
    ...[[], ...roles.map((role) => [role]), roles].flatMap((some) => held.map((one) => ({ id: 'unlisted', roles: some, attributes: one }))),
  ]
}

/** Instants of the week from `nowMs` on at which windows begin and end, one for each way the windows can be open. */
export function probeInstants(kinds: Kinds, nowMs: number, stateAt: (instantMs: number) => string): number[] {
  const found = new Map<string, number>([[stateAt(nowMs), nowMs]])
  for (const { zone, from, until } of kinds.time as TimeCondition[]) {
    for (let day = 0; day < 8; day++) {
      const noon = nowMs + day * DAY_MS
      const minute = minuteOf(localTime(zone, noon).clock) as number
      for (const edge of [minuteOf(from) as number, minuteOf(until) as number]) {
        for (const instant of [noon + (edge - minute) * 60_000, noon + (edge - minute - 1) * 60_000]) {
          const state = stateAt(instant)
          if (instant >= 0 && !found.has(state)) found.set(state, instant)
        }
      }
    }
  }
  return [...found.values()]
}
