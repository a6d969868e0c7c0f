import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import results from '../bench/results.json' with { type: 'json' }
import { withBenchTable } from '../bench/readme-table.mjs'

it('the README quotes the figures that the bench wrote', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  expect(results.rows.length).toBeGreaterThan(10)
  // The formatter pads tables; what they say is what counts.
  const words = (text: string) => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---')
  expect(words(readme)).toBe(words(withBenchTable(readme, results)))
})
