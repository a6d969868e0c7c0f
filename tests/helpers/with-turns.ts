import type { Entropy } from '../../src/core/capabilities.ts'

/**
 * `target`, whose asynchronous methods take effect when they are called but
 * answer a few turns of the microtask queue later, as `entropy` has it: so that
 * what runs at the same time interleaves in many ways, the same on every run.
 */
export function withTurns<T extends object>(target: T, entropy: Entropy): T {
  const one = new Uint8Array(1)
  return new Proxy(target, {
    get(object, name, receiver) {
      const member: unknown = Reflect.get(object, name, receiver)
      if (typeof member !== 'function') return member
      return (...parameters: unknown[]) => {
        const result: unknown = member.apply(object, parameters)
        if (!(result instanceof Promise)) return result
        entropy.fill(one)
        let later: Promise<unknown> = result
        for (let turn = (one[0] as number) % 32; turn > 0; turn--) later = later.finally(() => undefined)
        return later
      }
    },
  })
}
