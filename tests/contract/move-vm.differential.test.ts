import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { readPackage, runMoveTests } from '../../contracts/package.mjs'
import { toHex } from '../../src/core/bytes.ts'
import { createMoveVm } from '../../src/localnet/move-vm/create-move-vm.ts'
import { locketModules, publishFramework } from '../../src/localnet/move-vm/framework.ts'
import type { MoveVm } from '../../src/localnet/move-vm/types.ts'
import { encodeScript, replay } from './move/script.ts'
import { allScripts } from './move/scripts.ts'
import { readVerdicts, type Verdict } from './move/verdict.ts'

const scripts = allScripts()
const nameOf = (index: number): string => `case_${index}`

/** One module with all cases takes the real VM longer than many small ones. */
const CASES_PER_MODULE = 40

/** Runs every script as one test function in the real Move VM. */
async function decideByMoveVm(): Promise<ReadonlyMap<string, Verdict>> {
  const { 'Move.toml': manifest = '', 'sources/space.move': space = '' } = readPackage('move')
  const files: Record<string, string> = {
    'Move.toml': manifest,
    'sources/space.move': space,
    'tests/driver.move': readFileSync(new URL('move/driver.move', import.meta.url), 'utf8'),
  }
  const tests = scripts.map((script, i) => `#[test]\nfun ${nameOf(i)}() { driver::run(x"${toHex(encodeScript(script))}") }\n`)
  for (let from = 0; from < tests.length; from += CASES_PER_MODULE) {
    const body = tests.slice(from, from + CASES_PER_MODULE).join('')
    files[`tests/cases_${from}.move`] = `#[test_only]\nmodule locket::cases_${from};\nuse locket::driver;\n${body}`
  }
  return readVerdicts((await runMoveTests(files)).output)
}

describe('the interpreter and the Move VM', () => {
  let vm: MoveVm
  let genuine: ReadonlyMap<string, Verdict>

  beforeAll(async () => {
    vm = await createMoveVm()
    publishFramework(vm)
    vm.publish('0x10c', locketModules())
    genuine = await decideByMoveVm()
    // Seconds on an idle machine, but the real VM is one long synchronous call.
  }, 240_000)

  it('are asked often enough, and answer in many ways', () => {
    expect(scripts.length).toBeGreaterThanOrEqual(200)
    expect(genuine.size).toBe(scripts.length)
    const answers = [...genuine.values()]
    const completed = answers.filter(({ module }) => module === 'driver')
    // A script that goes through ends with a digest of the state it led to.
    expect(completed.length).toBeGreaterThan(60)
    const codes = new Set(answers.filter(({ module }) => module === 'space').map(({ error }) => Number(error)))
    expect([...codes].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 29 }, (_, i) => i + 1))
  })

  it('agree on every script: the same state, or the same abort code in the same module', () => {
    const differing = scripts.flatMap((script, i) => {
      const expected = genuine.get(nameOf(i))
      const actual = replay(vm, script)
      return actual.error === expected?.error && actual.module === expected.module ? [] : [{ case: i, expected, actual }]
    })
    expect(differing).toEqual([])
  })
})
