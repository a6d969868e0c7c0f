import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ERROR_TABLE } from '../../src/core/error-codes.ts'
import { between, errorTable, sizeTable } from './generate.mjs'
import { entries, root } from './package-info.ts'

const readme = readFileSync(join(root, 'src/README.md'), 'utf8')

// If one of the next two fails: `npm run build && node tests/package/generate.mjs`.
it('shows every error code as the table has it', () => {
  expect(between(readme, 'errors', errorTable(ERROR_TABLE))).toBe(readme)
})

it('shows every size limit as it is enforced', () => {
  const limits = JSON.parse(readFileSync(join(root, '.size-limit.json'), 'utf8')) as Parameters<typeof sizeTable>[0]
  expect(between(readme, 'sizes', sizeTable(limits))).toBe(readme)
})

it('has a line for every room', () => {
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
  expect(rooms.filter((room) => !readme.includes(`\`${room}/\``))).toEqual([])
})

it('names every entry', () => {
  expect(entries.filter(({ specifier }) => !readme.includes(`\`${specifier}\``)).map(({ specifier }) => specifier)).toEqual([])
})
