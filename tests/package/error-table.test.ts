import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ERROR_TABLE, type ErrorCode } from '../../src/core/error-codes.ts'
import { root } from './package-info.ts'

const codes = Object.keys(ERROR_TABLE) as ErrorCode[]

/** What every TypeScript file below `folder` says, except in comments, and except in `without`. */
function textOf(folder: string, without: readonly string[]): string {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !without.includes(`${folder}/${path}`))
    .map((path) => readFileSync(join(root, folder, path), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''))
    .join('\n')
}

describe('the error table', () => {
  it('lists nothing that the sources never produce', () => {
    const sources = textOf('src', ['src/core/error-codes.ts'])
    expect(codes.filter((code) => !sources.includes(`'${code}'`))).toEqual([])
  })

  it('lists nothing that no test expects', () => {
    const tests = textOf('tests', [])
    expect(codes.filter((code) => !tests.includes(`'${code}'`))).toEqual([])
  })

  it.each(codes)('says of %s what happened and what to do about it', (code) => {
    const { meaning, remedy } = ERROR_TABLE[code]
    // The meaning stands in a sentence, before the code; the remedy is one.
    expect(meaning).toMatch(/^[a-z].*[^.]$/)
    expect(remedy).toMatch(/^[A-Z'].*\.$/)
  })
})
