import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { entries, modules, PROGRAMS, root, sourceOf, type Entry } from './package-info.ts'

const exported = async ({ file }: Entry): Promise<string[]> =>
  Object.keys((await import(/* @vite-ignore */ pathToFileURL(join(root, file)).href)) as object).sort()

it('exports exactly what exports.json says', async () => {
  const found: Record<string, string[]> = {}
  for (const entry of modules) found[entry.specifier] = await exported(entry)
  // A new or missing name is an API change: `npx vitest run --project package tests/package/exports.test.ts -u` records it.
  await expect(`${JSON.stringify(found, null, 2)}\n`).toMatchFileSnapshot('exports.json')
})

it.each(PROGRAMS)('exports nothing from %s, which is a program', (program) => {
  const { file } = entries.find(({ specifier }) => specifier === program) as Entry
  expect(readFileSync(join(root, file), 'utf8')).not.toMatch(/^export /m)
})

it('has a size limit for every entry', () => {
  const rows = JSON.parse(readFileSync(join(root, '.size-limit.json'), 'utf8')) as { path: string | string[] }[]
  const limited = new Set(rows.flatMap(({ path }) => path))
  expect(entries.filter(({ file }) => !limited.has(file)).map(({ specifier }) => specifier)).toEqual([])
})

it('looks for dead code from every entry', () => {
  const { entry } = JSON.parse(readFileSync(join(root, '.knip.json'), 'utf8')) as { entry: string[] }
  expect(entries.map(sourceOf).filter((source) => !entry.includes(source))).toEqual([])
})
