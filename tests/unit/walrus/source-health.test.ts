import { expect, it } from 'vitest'
import { createSourceHealth } from '../../../src/walrus/source-health.ts'
import { createFakeClock } from '../../../src/testkit/fake-clock.ts'

const named = (...names: string[]) => names.map((name) => ({ name }))
const order = (health: ReturnType<typeof createSourceHealth>, ...names: string[]) => health.order(named(...names)).map(({ name }) => name)

it('does not prefer a source that was never asked to one that answered, however slowly', () => {
  const health = createSourceHealth(createFakeClock())
  health.succeeded('aggregator', 4_000)
  expect(order(health, 'aggregator', 'nodes')).toEqual(['aggregator', 'nodes'])
  expect(order(health, 'cache', 'aggregator', 'nodes')).toEqual(['cache', 'aggregator', 'nodes'])
})

it('prefers the clearly faster of two that answered, and anything to one that failed', () => {
  const health = createSourceHealth(createFakeClock())
  health.succeeded('slow', 4_000)
  health.succeeded('fast', 100)
  expect(order(health, 'slow', 'fast')).toEqual(['fast', 'slow'])
  health.failed('fast')
  expect(order(health, 'fast', 'slow', 'unknown')).toEqual(['slow', 'unknown', 'fast'])
})
