#!/usr/bin/env node
/**
 * `npm run bench`: every promise that is a number, measured here and now.
 * Prints one table, writes `tests/bench/results.json` and puts it into the README. Names of sections as
 * arguments run only those. Exits with 1 if a target is missed.
 *
 * CPU time is preferred to wall time and ratios to absolute numbers: both
 * sides of a ratio run on the same machine, in the same run.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { printRows } from './print-rows.mjs'
import { benchQuickStart } from './quick-start.bench.mjs'
import { withBenchTable } from './readme-table.mjs'
import { runInChromium } from './run-in-chromium.mjs'
import { runInNode } from './run-in-node.mjs'
import { benchSizes } from './sizes.bench.mjs'
import { benchVectorIndexSize } from './vector-index-size.bench.mjs'

const sections = {
  encrypt: () => runInNode('tests/bench/encrypt.bench.ts', 'benchEncrypt'),
  cost: () => runInNode('tests/bench/cost.bench.ts', 'benchCost'),
  restore: () => runInNode('tests/bench/restore.bench.ts', 'benchRestore'),
  locket: async () =>
    runInChromium('tests/bench/locket.bench.ts', 'benchLocket', await runInNode('tests/bench/texts.ts', 'pageData'), { where: 'page' }),
  'vector-index': () => runInChromium('tests/bench/vector-index.bench.ts', 'benchVectorIndex'),
  'vector-index-size': benchVectorIndexSize,
  dkls: () => runInNode('tests/bench/dkls.bench.ts', 'benchDkls'),
  frost: () => runInNode('tests/bench/frost.bench.ts', 'benchFrost'),
  policy: () => runInNode('tests/bench/policy.bench.ts', 'benchPolicy'),
  diary: () => runInNode('tests/bench/diary-quality.ts', 'benchDiaryQuality'),
  sizes: benchSizes,
  'quick-start': benchQuickStart,
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in sections))
if (unknown.length > 0) throw new Error(`no section ${unknown.join(', ')}; there are ${Object.keys(sections).join(', ')}`)

const rows = []
for (const [section, measure] of Object.entries(sections)) {
  if (asked.length > 0 && !asked.includes(section)) continue
  let measured
  try {
    measured = await measure()
  } catch (error) {
    console.error(error)
    measured = [{ name: `${section}: could not be measured`, value: 0, unit: '', target: 'a measurement', met: false }]
  }
  printRows(measured)
  rows.push(
    ...measured.map(({ name, value, unit, baseline = null, target = null, met = null }) => ({ name, value, unit, baseline, target, met })),
  )
}

const results = {
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  rows,
}
// A run of some sections is for looking at, not for keeping.
if (asked.length === 0) {
  writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify(results, undefined, 2)}\n`)
  const readme = new URL('../../README.md', import.meta.url)
  writeFileSync(readme, withBenchTable(readFileSync(readme, 'utf8'), results))
}
const missed = rows.filter(({ met }) => met === false)
console.log(`\n${rows.filter(({ met }) => met === true).length} met, ${missed.length} missed`)
for (const { name } of missed) console.log(`missed: ${name}`)
process.exit(missed.length === 0 ? 0 : 1)
