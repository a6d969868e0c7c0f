import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generate } from '../../contracts/build.mjs'
import { readPackage, runMoveTests } from '../../contracts/package.mjs'

const SOURCE = 'sources/space.move'
const passes = (output: string): number => output.match(/^\[ PASS +\]/gm)?.length ?? 0

describe('the policy package', () => {
  it('passes all its unit tests in the Move VM', async () => {
    const { passed, output } = await runMoveTests()
    expect(output).toContain('Test result: OK.')
    expect(passes(output)).toBe(154)
    expect(passed).toBe(true)
  })

  it('is committed as the bytecode a fresh compile gives', async () => {
    for (const [name, text] of Object.entries(await generate())) {
      expect(readFileSync(new URL(`../../src/localnet/bytecode/${name}`, import.meta.url), 'utf8'), name).toBe(text)
    }
  })

  it('gives every abort code one name', () => {
    const codes = [...(readPackage('move')[SOURCE] ?? '').matchAll(/^const (E[A-Z][a-z]\w+): u64 = (\d+);$/gm)]
    expect(codes.map(([, , code]) => Number(code))).toEqual(Array.from({ length: 29 }, (_, i) => i + 1))
    expect(new Set(codes.map(([, name]) => name)).size).toBe(29)
  })

  it('lists every abort code in its README', () => {
    const readme = readFileSync(new URL('../../contracts/README.md', import.meta.url), 'utf8')
    const codes = [...(readPackage('move')[SOURCE] ?? '').matchAll(/^const (E[A-Z][a-z]\w+): u64 = (\d+);$/gm)]
    for (const [, name, code] of codes) expect(readme).toMatch(new RegExp(`^\\| ${code} +\\| \`${name}\` +\\|`, 'm'))
  })
})

/**
 * The tests are only worth what they catch. Each of these takes one check out
 * of the policy, and the Move unit tests must notice.
 */
describe('the policy tests notice', () => {
  const source = readPackage('move')[SOURCE] ?? ''
  const without = (text: string, from = 0): string => {
    const at = source.indexOf(text, from)
    if (at < 0) throw new Error(`the policy no longer says: ${text}`)
    return source.slice(0, at) + source.slice(at + text.length)
  }
  const inBranch = (branch: string, text: string): string => without(text, source.indexOf(`fun seal_approve_${branch}(`))

  const mutants: Readonly<Record<string, string>> = {
    'an owner branch that skips the identity': inBranch('owner', 'space.assert_identity(&id);'),
    'a member branch that skips the identity': inBranch('member', 'space.assert_identity(&id);'),
    'a time-lock branch that skips the identity': inBranch('timelock', 'space.assert_identity(&id);'),
    'a successor branch that skips the identity': inBranch('successor', 'space.assert_identity(&id);'),
    'an identity of any length': without('assert!(id.length() == IDENTITY_BYTES, EIdentitySize);'),
    'an identity of any space': without('ID_BYTES.do!(|i| assert!(id[i] == space_id[i], EForeignIdentity));'),
    'an identity of any epoch': without('EPOCH_BYTES.do!(|i| assert!(id[ID_BYTES + i] == epoch[i], EIdentityEpoch));'),
    'an owner branch for everybody': inBranch('owner', 'assert!(ctx.sender() == space.owner, ENotOwner);'),
    'an expiry nobody looks at': inBranch('member', 'assert!(space.members.get(&ctx.sender()).is_current(clock), EMemberExpired);'),
    'a time lock that is always released': inBranch('timelock', 'assert!(clock.timestamp_ms() >= timelock.release_at_ms, ENotReleased);'),
    'a head without a version check': without('assert!(space.head_version == expected_version, EStaleHead);'),
  }

  it.each(Object.entries(mutants))('%s', async (_name, mutant) => {
    const { passed, output } = await runMoveTests({ ...readPackage('move'), [SOURCE]: mutant })
    expect(passed).toBe(false)
    expect(output).toContain('Test result: FAILED.')
  })
})
