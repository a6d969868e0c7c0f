import type { Answer } from '../context.ts'
import type { AttributeCondition, RoleCondition } from '../policy.ts'
import type { Requester } from '../request.ts'

export function testRole({ compare, roles }: RoleCondition, requester: Requester): Answer {
  return roles.some((role) => requester.roles.includes(role)) === (compare === 'in') ? 'yes' : 'no'
}

export function testAttribute({ name, compare, value }: AttributeCondition, { attributes }: Requester): Answer {
  const given: unknown = Object.hasOwn(attributes, name) ? attributes[name] : undefined
  if (typeof given !== 'string') return 'unsure'
  return (given === value) === (compare === '=') ? 'yes' : 'no'
}
