import { canonicalMethod, canonicalText, MAX_AMOUNT } from './canonical.ts'
import { localTime, minuteOf } from './local-time.ts'
import type { ArgumentTest, Condition, EffectKind } from './policy.ts'
import { amountOf, at, invalid, listOf, oneOf, readAddress, recordOf, setOf, textOf, wholeOf } from './read.ts'

const ASSET = /^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}\/[-a-z0-9]{3,8}:[!-~]{1,512}$/
const MEMBERSHIP = ['in', 'not-in'] as const
const EQUALITY = ['=', '!='] as const

/** The fields of each kind, and what effects it can be about: on others it would never hold, and a rule would be silently dead. */
const KINDS: { readonly [K in Condition['kind']]: readonly [fields: readonly string[], about?: readonly EffectKind[]] } = {
  spend: [
    ['asset', 'per', 'compare', 'amount'],
    ['transfer', 'allow', 'fee'],
  ],
  to: [
    ['compare', 'addresses'],
    ['transfer', 'allow', 'give'],
  ],
  time: [['compare', 'zone', 'days', 'from', 'until']],
  call: [['?target', '?method', 'arguments'], ['call']],
  role: [['compare', 'roles']],
  attribute: [['name', 'compare', 'value']],
}

/** A condition of a rule on effects of the kinds `on`. Throws `policy/invalid`. */
export function readCondition(value: unknown, path: string, on: readonly EffectKind[]): Condition {
  const kind = oneOf((value as Partial<Condition> | null | undefined)?.kind, at(path, 'kind'), Object.keys(KINDS) as Condition['kind'][])
  const [fields, about] = KINDS[kind]
  const record = recordOf(value, path, ['kind', ...fields])
  const stranger = on.find((one) => about?.includes(one) === false)
  if (stranger !== undefined) throw invalid(at(path, 'kind'), `says nothing about a ${stranger}, which the rule is on`)
  const text = (name: string, maxChars?: number) => textOf(record[name], at(path, name), maxChars)
  const choice = <T extends string>(name: string, choices: readonly T[]) => oneOf(record[name], at(path, name), choices)

  switch (kind) {
    case 'spend': {
      const asset = readAsset(record['asset'], at(path, 'asset'))
      const per = choice('per', ['transaction', 'day', 'week'])
      const compare = choice('compare', ['<=', '>'])
      return { kind, asset, per, compare, amount: amountOf(record['amount'], at(path, 'amount'), MAX_AMOUNT) }
    }
    case 'to':
      return { kind, compare: choice('compare', MEMBERSHIP), addresses: setOf(record['addresses'], at(path, 'addresses'), readAddress) }
    case 'time': {
      const compare = choice('compare', MEMBERSHIP)
      const zone = text('zone')
      try {
        localTime(zone, 0)
      } catch (cause) {
        throw invalid(at(path, 'zone'), 'is not a time zone this device knows', cause)
      }
      const days = setOf(record['days'], at(path, 'days'), (day, where) => wholeOf(day, where, 1, 7))
      const [from, until] = [text('from'), text('until')]
      if (minuteOf(from) === undefined) throw invalid(at(path, 'from'), 'is not HH:MM')
      if (minuteOf(until) === undefined) throw invalid(at(path, 'until'), 'is not HH:MM')
      return { kind, compare, zone, days, from, until }
    }
    case 'call':
      return {
        kind,
        ...(record['target'] === undefined ? {} : { target: canonicalText(text('target', 512)) }),
        ...(record['method'] === undefined ? {} : { method: canonicalMethod(text('method', 512)) }),
        arguments: listOf(record['arguments'], at(path, 'arguments'), 64, readArgument),
      }
    case 'role':
      return { kind, compare: choice('compare', MEMBERSHIP), roles: setOf(record['roles'], at(path, 'roles'), textOf) }
    case 'attribute':
      return { kind, name: text('name'), compare: choice('compare', EQUALITY), value: text('value', 512) }
  }
}

/** A CAIP-19 asset id in canonical spelling. */
function readAsset(value: unknown, path: string): string {
  const asset = canonicalText(textOf(value, path, 600))
  if (!ASSET.test(asset)) throw invalid(path, 'is not a CAIP-19 asset id')
  return asset
}

function readArgument(value: unknown, path: string): ArgumentTest {
  const record = recordOf(value, path, ['name', 'type', 'compare', 'value'])
  const name = textOf(record['name'], at(path, 'name'))
  const type = oneOf(record['type'], at(path, 'type'), ['integer', 'text', 'flag'])
  const [compare, given] = [at(path, 'compare'), at(path, 'value')]
  switch (type) {
    case 'integer': {
      const chosen = oneOf(record['compare'], compare, ['=', '!=', '<', '<=', '>', '>='])
      return { name, type, compare: chosen, value: amountOf(record['value'], given, MAX_AMOUNT, true) }
    }
    case 'text':
      return {
        name,
        type,
        compare: oneOf(record['compare'], compare, EQUALITY),
        value: canonicalText(textOf(record['value'], given, 1_024)),
      }
    case 'flag':
      if (typeof record['value'] !== 'boolean') throw invalid(given, 'is neither true nor false')
      return { name, type, compare: oneOf(record['compare'], compare, EQUALITY), value: record['value'] }
  }
}
