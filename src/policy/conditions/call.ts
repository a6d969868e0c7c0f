import type { Answer } from '../context.ts'
import type { Argument, Effect } from '../intent.ts'
import type { ArgumentTest, CallCondition } from '../policy.ts'

export function testCall({ target, method, arguments: tests }: CallCondition, effect: Effect): Answer {
  if (effect.kind !== 'call') return 'no'
  if ((target !== undefined && target !== effect.target) || (method !== undefined && method !== effect.method)) return 'no'
  let answer: Answer = 'yes'
  for (const test of tests) {
    const one = testArgument(test, effect.arguments)
    if (one === 'no') return 'no'
    if (one === 'unsure') answer = 'unsure'
  }
  return answer
}

const TYPES = { integer: 'bigint', text: 'string', flag: 'boolean' }

function testArgument(test: ArgumentTest, all: readonly Argument[]): Answer {
  const named = all.filter(({ name }) => name === test.name)
  const value = named[0]?.value
  if (named.length !== 1 || value === undefined || typeof value !== TYPES[test.type]) return 'unsure'
  const holds = test.type === 'integer' ? holdsFor(value as bigint, test) : (value === test.value) === (test.compare === '=')
  return holds ? 'yes' : 'no'
}

function holdsFor(value: bigint, test: ArgumentTest & { readonly type: 'integer' }): boolean {
  switch (test.compare) {
    case '=':
      return value === test.value
    case '!=':
      return value !== test.value
    case '<':
      return value < test.value
    case '<=':
      return value <= test.value
    case '>':
      return value > test.value
    case '>=':
      return value >= test.value
  }
}
