// Runs every check and every suite, goes on past a failure, and ends with the total of the runners' own reports.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const reports = '.reports'
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

let passed = 0
let failed = 0

/** A check passes or fails as one. */
function check(name, command, ...args) {
  console.log(`\n== ${name}`)
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status === 0) passed += 1
  else failed += 1
  console.log(status === 0 ? `ok ${name}` : `FAILED ${name}`)
}

/** A suite is counted test by test, from the runner's JSON report; a file that cannot be collected counts as one failure. */
function suite(project) {
  console.log(`\n== tests: ${project}`)
  const output = join(reports, `${project}.json`)
  const args = ['vitest', 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${output}`]
  const { status } = spawnSync('npx', args, { stdio: 'inherit' })
  try {
    const report = JSON.parse(readFileSync(output, 'utf8'))
    const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
    passed += report.numPassedTests
    failed += report.numFailedTests + broken
    const unaccounted = status !== 0 && report.numFailedTests + broken === 0
    if (unaccounted || report.numPassedTests === 0) failed += 1
    if (report.numPendingTests + report.numTodoTests > 0) {
      console.log(`FAILED ${project}: ${report.numPendingTests + report.numTodoTests} tests were skipped`)
      failed += 1
    }
  } catch (error) {
    console.log(`FAILED ${project}: no report (${error.message})`)
    failed += 1
  }
}

/** Native tests of the Rust cores, counted from cargo's own summary of each program. */
function rust(workspace) {
  console.log(`\n== tests: ${workspace}`)
  const cargo = process.env['LOCKET_CARGO'] ?? '/usr/bin/cargo'
  const env = { ...process.env, RUSTC: process.env['LOCKET_RUSTC'] ?? '/usr/bin/rustc' }
  const { status, stdout } = spawnSync(cargo, ['test', '--locked', '--tests', '--no-fail-fast', '--quiet'], {
    cwd: workspace,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 28,
  })
  console.log(stdout)
  const summaries = [...stdout.matchAll(/test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/g)]
  const [good, bad, ignored] = [1, 2, 3].map((column) => summaries.reduce((sum, summary) => sum + Number(summary[column]), 0))
  passed += good
  failed += bad + ignored
  if (good === 0 || (status !== 0 && bad === 0)) failed += 1
}

check('types', 'npx', 'tsc', '-p', 'tsconfig.json')
check('lint', 'npx', 'oxlint', '--type-aware')
check('format', 'npx', 'biome', 'format', '--config-path=.biome.json', '.')
check('floors', 'npx', 'depcruise', 'src', '--config', '.dependency-cruiser.cjs')
check('dead code', 'npx', 'knip')
check('policy bytecode', 'node', 'contracts/build.mjs', '--check')
check('wasm bytes', 'bash', 'wasm/build.sh', '--check')
rust('wasm/mpc')
suite('node')
check('build', 'npm', 'run', '--silent', 'build')
check('publint', 'npx', 'publint', '--strict')
check('types of the package', 'npx', 'attw', '--pack', '.', '--profile', 'esm-only', '--exclude-entrypoints', './mpc/mpc.wasm')
check('sizes', 'npx', 'size-limit')
suite('package')
suite('browser')
suite('e2e')

console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
