/** From an empty folder to the first recalled memory: build aside, everything a newcomer waits for. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { printRows } from './print-rows.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = fileURLToPath(new URL('quick-start.mjs', import.meta.url))
/** The peers that the program loads. */
const PEERS = ['@mysten/sui', '@mysten/seal', '@mysten/walrus', '@mysten/walrus-wasm', '@mysten/move-bytecode-template']

export async function benchQuickStart() {
  const folder = mkdtempSync(join(tmpdir(), 'locket-quick-start-'))
  try {
    if (!existsSync(join(root, 'dist/index.js'))) execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })
    const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root }))
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const started = performance.now()
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
    const wanted = [`./${packed.filename}`, ...PEERS.map((name) => `${name}@${devDependencies[name]}`)]
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline', ...wanted], {
      cwd: folder,
      stdio: 'ignore',
    })
    cpSync(program, join(folder, 'quick-start.mjs'))
    const said = execFileSync(process.execPath, ['quick-start.mjs'], { cwd: folder, encoding: 'utf8' })
    const seconds = (performance.now() - started) / 1_000
    const lines = readFileSync(program, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '').length
    return [
      {
        name: 'quick start: recalls what it remembered',
        value: said.includes('peanuts') ? 1 : 0,
        unit: '',
        baseline: undefined,
        target: '>= 1',
        met: said.includes('peanuts'),
      },
      {
        name: 'quick start: from an empty folder, npm install included',
        value: seconds,
        unit: 's',
        baseline: undefined,
        target: '< 60',
        met: seconds < 60,
      },
      { name: 'quick start: lines of program', value: lines, unit: 'lines', baseline: undefined, target: '<= 10', met: lines <= 10 },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) printRows(await benchQuickStart())
