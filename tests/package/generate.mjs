#!/usr/bin/env node
/**
 * Writes the tables of `src/README.md` that come from the sources: the error codes and the sizes.
 *
 *   node tests/package/generate.mjs            the tables, from the table of codes and .size-limit.json
 *   node tests/package/generate.mjs --limits   first sets each size limit to half a percent above today's size, and rounds up
 *                                              to the next 0.1 kB: a compressed size moves by some bytes with the folder it is built in
 *
 * Needs a built `dist`.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path) => readFileSync(`${root}${path}`, 'utf8')

/** @param {Record<string, { retry: string, meaning: string, remedy: string }>} errors */
export function errorTable(errors) {
  const rows = Object.entries(errors).map(([code, { retry, meaning, remedy }]) => [`\`${code}\``, meaning, retry, remedy])
  return table(['code', 'what happened', 'retry', 'what to do'], rows)
}

/** @param {readonly { name: string, limit: string, gzip?: boolean }[]} limits */
export function sizeTable(limits) {
  const rows = limits.map(({ name, limit, gzip }) => [name.replaceAll(/\{ ([^}]+) \}/g, '`$1`'), limit, gzip ? 'gzip' : 'brotli'])
  return table(['import', 'at most', 'compressed with'], rows)
}

/** `text` with what stands between the markers of `name` replaced. */
export function between(text, name, content) {
  const [begin, end] = [`<!-- ${name}:begin -->\n`, `<!-- ${name}:end -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`src/README.md has no place for ${name}`)
  return text.slice(0, from + begin.length) + content + text.slice(to)
}

/** A Markdown table as the formatter leaves it: columns as wide as their widest cell, an empty line before and after. */
function table(head, rows) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)))
  const line = (cells, filler = ' ') => `| ${cells.map((cell, column) => cell.padEnd(widths[column], filler)).join(' | ')} |\n`
  return `\n${line(head)}${line(
    head.map(() => ''),
    '-',
  )}${rows.map((row) => line(row)).join('')}\n`
}

function setLimits() {
  const { stdout } = spawnSync('npx', ['size-limit', '--json'], { cwd: root, encoding: 'utf8' })
  const sizes = new Map(JSON.parse(stdout).map(({ name, size }) => [name, size]))
  const rows = JSON.parse(read('.size-limit.json'))
  for (const row of rows) row.limit = `${(Math.ceil((sizes.get(row.name) * 1.005) / 100) / 10).toFixed(1)} kB`
  writeFileSync(`${root}.size-limit.json`, `${JSON.stringify(rows, null, 2)}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--limits')) setLimits()
  const { ERROR_TABLE } = await import(pathToFileURL(`${root}dist/core/error-codes.js`).href)
  const withErrors = between(read('src/README.md'), 'errors', errorTable(ERROR_TABLE))
  writeFileSync(`${root}src/README.md`, between(withErrors, 'sizes', sizeTable(JSON.parse(read('.size-limit.json')))))
}
