import { copyBytes } from '../core/bytes.ts'
import { canonicalMethod, canonicalText, MAX_AMOUNT } from './canonical.ts'
import type { Argument, Effect, Intent } from './intent.ts'
import { because, type Reason } from './verdict.ts'

/** Most effects of one intent. */
const MAX_EFFECTS = 4_096

/**
 * A copy of an intent in one spelling, and what is wrong with it. Every field is read once: what is judged cannot
 * change while it is judged.
 */
export function readIntent(given: Intent): { readonly intent: Intent; readonly problems: readonly Reason[] } {
  const problems: Reason[] = []
  const refuse = (path: string) => void problems.push(because('invalid-request', path))
  const text = (value: unknown, path: string, spell: (text: string) => string = canonicalText) => {
    if (typeof value === 'string' && value !== '') return spell(value)
    refuse(path)
    return ''
  }
  const amount = (value: unknown, path: string) => {
    if (typeof value === 'bigint' && value >= 0n && value <= MAX_AMOUNT) return value
    problems.push(because('invalid-amount', path, typeof value === 'bigint' ? { amount: value.toString() } : {}))
    return MAX_AMOUNT
  }
  const chain = text(given.chain, 'chain', String)
  const asset = (value: unknown, path: string) => {
    const id = text(value, path)
    if (!id.startsWith(`${chain}/`)) problems.push(because('other-chain', path, { asset: id }))
    return id
  }

  const readEffect = (effect: Effect, path: string): Effect => {
    switch (effect.kind) {
      case 'transfer':
        return {
          kind: 'transfer',
          asset: asset(effect.asset, `${path}.asset`),
          amount: amount(effect.amount, `${path}.amount`),
          to: text(effect.to, `${path}.to`),
        }
      case 'allow': {
        const most = effect.amount
        return {
          kind: 'allow',
          asset: asset(effect.asset, `${path}.asset`),
          amount: most === undefined ? undefined : amount(most, `${path}.amount`),
          spender: text(effect.spender, `${path}.spender`),
        }
      }
      case 'fee':
        return { kind: 'fee', asset: asset(effect.asset, `${path}.asset`), amount: amount(effect.amount, `${path}.amount`) }
      case 'call':
        return {
          kind: 'call',
          target: text(effect.target, `${path}.target`),
          method: text(effect.method, `${path}.method`, canonicalMethod),
          arguments: effect.arguments.map(readArgument),
        }
      case 'give':
        return { kind: 'give', object: text(effect.object, `${path}.object`), to: text(effect.to, `${path}.to`) }
      default: {
        const reason = String((effect as { readonly reason?: unknown }).reason).slice(0, 200)
        problems.push(because('unknown-effect', path, { reason }))
        return { kind: 'unknown', reason }
      }
    }
  }

  const account = text(given.account, 'account')
  const bytes = copyBytes(given.bytes)
  if (!(given.bytes instanceof Uint8Array) || bytes.length === 0) refuse('bytes')
  const effects = given.effects.slice(0, MAX_EFFECTS).map((effect, index) => readEffect(effect, `effects[${index}]`))
  if (given.effects.length > MAX_EFFECTS) refuse('effects')
  if (effects.length === 0) problems.push(because('no-effects', 'effects'))
  return { intent: { chain, account, effects, bytes }, problems }
}

function readArgument({ name, value }: Argument): Argument {
  return { name, value: typeof value === 'string' ? canonicalText(value) : value }
}
