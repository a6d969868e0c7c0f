import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './package-info.ts'

/** Why a decoder needs no fuzz target of its own. */
const EXEMPT: { readonly [name: string]: string } = {
  decodeRecordHeader: 'the first step of decodeRecord, which is fuzzed',
  readQuiltIndex: 'the first step of readQuilt, which is fuzzed',
}

function filesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('localnet/'))
    .map((path) => readFileSync(join(root, folder, path), 'utf8'))
}

it('every function that reads untrusted bytes has a fuzz target', () => {
  const decoders = filesOf('src').flatMap((text) =>
    [...text.matchAll(/^export (?:async )?function ((?:decode|parse|read)[A-Z]\w*)\([^)]*(?:Uint8Array|Bytes|text: string)/gm)].map(
      ([, name]) => name as string,
    ),
  )
  expect(decoders.length).toBeGreaterThan(15)
  const fuzzers = filesOf('tests/fuzz').join('\n')
  expect(decoders.filter((name) => !(name in EXEMPT) && !new RegExp(`\\b${name}\\(`).test(fuzzers))).toEqual([])
})
