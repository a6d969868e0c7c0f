import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './package-info.ts'

/** What each program of `examples` prints. */
const programs: Readonly<Record<string, string>> = {
  'quick-start': `recalled before any upload: Allergic to peanuts since 2019
uploaded memories: 1 in quilts: 1
paid what was quoted: true
`,
  'batch-import': `kept: I did send for a cup of tee (a China dri
kept: Drank a sort of French wine, called Ho B
kept: Sir W. Pen and I did dig another, and pu
line 4 refused: memory/invalid-item
1 quilt, 3.0 times cheaper than single blobs
uploaded 3 memories with 2 signatures
1666-09-04 Sir W. Pen and I did dig another, and put our wine in it; and I my Parmazan cheese
`,
  restore: `memories before: 0
restored 2 of 2 from 2 spaces, 0 failed
medical: Blood group 0 negative
personal: The spare key hangs behind the boiler
recalled: The spare key hangs behind the boiler
`,
  forget: `key destroyed: true
ciphertext remains until epoch 15
memory/forgotten: It cannot be brought back: its key is destroyed.
left on another device: The bank is open until four
`,
  share: `Ben reads medical: Penicillin is safe, codeine is not
Ben brings 0 more; seal/no-access from 1 space
`,
  'export-import': `the file holds readable text: false
wrong passphrase: unlock/failed
imported 2, then 0 and 2 present
The boat is called Aurora
`,
  'own-embedder': `Night train to Vienna, berth 12 (similarity 1.00)
embedder: three-topics/1
`,
  'node-storage': `while it is open: store/locked
after reopening: The meter reading was 48213
durable: true
`,
  relay: `pending after a restart: 2
lisbon failed to send: relay/refused
sealed: one
sealed: two
pending: 0
`,
  'key-servers-down': `healthy servers: 1
restored 0: seal/threshold, retry: same
restored 1 with one server down
`,
}

describe('examples', () => {
  it.each(Object.entries(programs))('%s prints what it promises', (name, output) => {
    const path = join('examples', name, 'main.mjs')
    const { status, stdout, stderr } = spawnSync('node', [path], { cwd: root, encoding: 'utf8', timeout: 120_000 })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: output, stderr: '' })
  })

  it.each(Object.keys(programs))('%s fits one screen and uses only what is public', (name) => {
    const source = readFileSync(join(root, 'examples', name, 'main.mjs'), 'utf8')
    expect(source.split('\n').length).toBeLessThan(40)
    for (const [, specifier] of source.matchAll(/from '([^']+)'/g)) expect(specifier).toMatch(/^(@locket\/sdk(\/|$)|node:)/)
  })

  it('all run here, except the page, which has tests of its own', () => {
    expect(readdirSync(join(root, 'examples')).sort()).toEqual([...Object.keys(programs), 'demo'].sort())
  })
})
