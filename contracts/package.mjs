// What both the build and the tests do with the Move packages: read them from
// disk and hand them to the compiler without a network.

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { dumpMovePackage, initMovePackageBuilder, MovePackageFetcher, testMovePackage } from '@zktx.io/sui-move-builder/full'

const here = fileURLToPath(new URL('.', import.meta.url))

/** @type {(folder: string, base?: string) => Record<string, string>} All files under `contracts/<folder>`, by path inside it. */
export function readPackage(folder, base = join(here, folder)) {
  /** @type {Record<string, string>} */
  const files = {}
  const visit = (/** @type {string} */ directory) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name)
      if (entry.isDirectory()) visit(path)
      else files[relative(base, path)] = readFileSync(path, 'utf8')
    }
  }
  visit(base)
  return files
}

/** Serves the framework from `contracts/framework`; everything else fails. */
class VendoredFetcher extends MovePackageFetcher {
  /** @override @type {(url: string, rev: string, subdir?: string) => Promise<Record<string, string>>} */
  async fetch(_url, _rev, subdir) {
    return readPackage(`framework/${frameworkPackage(subdir ?? '')}`)
  }

  /** @override @type {(url: string, rev: string, path: string) => Promise<string | null>} */
  async fetchFile(_url, _rev, path) {
    const name = frameworkPackage(path)
    return readPackage(`framework/${name}`)[path.slice(path.indexOf(name) + name.length + 1)] ?? null
  }

  /** @override @type {(url: string, rev: string) => string} */
  getResolvedSha(_url, rev) {
    return /^[0-9a-f]{40}$/.test(rev) ? rev : '0'.repeat(40)
  }
}

const frameworkPackage = (/** @type {string} */ path) => {
  const name = /\/packages\/(move-stdlib|sui-framework)(?:\/|$)/.exec(path)?.[1]
  if (name === undefined) throw new Error(`not vendored: ${path}`)
  return name
}

const STDLIB =
  'MoveStdlib = { git = "https://github.com/MystenLabs/sui.git", subdir = "crates/sui-framework/packages/move-stdlib", rev = "' +
  `${'0'.repeat(40)}" }`

// The compiler publishes a root package at 0x0 and refuses framework packages
// as roots. So each is built as the sources of an unnamed package that gives
// `std` or `sui` its real address.
const ROOTS = {
  'move-stdlib': '[package]\nname = "root"\nedition = "2024.beta"\nimplicit-dependencies = false\n[addresses]\nroot = "0x0"\nstd = "0x1"\n',
  'sui-framework':
    `[package]\nname = "root"\nedition = "2024.beta"\nimplicit-dependencies = false\n[dependencies]\n${STDLIB}\n` +
    '[addresses]\nroot = "0x0"\nsui = "0x2"\n',
}

/** @type {(files: Record<string, string>) => Promise<Uint8Array[]>} Compiles one package without its tests; every module's bytecode. */
export async function compilePackage(files) {
  await initMovePackageBuilder()
  const sources = Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith('tests/')))
  const result = await dumpMovePackage({ files: sources, fetcher: new VendoredFetcher(), network: 'testnet', silenceWarnings: true })
  if ('error' in result) throw new Error(result.error)
  return result.modules.map((module) => Uint8Array.from(Buffer.from(module, 'base64')))
}

/** @type {(name: 'move-stdlib' | 'sui-framework') => Promise<Uint8Array[]>} */
export function compileFramework(name) {
  return compilePackage({ ...readPackage(`framework/${name}`), 'Move.toml': ROOTS[name] })
}

/** @type {() => Promise<Uint8Array[]>} The policy package, self address 0x0. */
export function compileLocket() {
  return compilePackage(readPackage('move'))
}

/**
 * Runs a package's Move unit tests in the real Move VM. Dependencies are
 * resolved afresh each time: what is resolved remembers the root's files, and
 * reusing it would silently run the old tests.
 *
 * @type {(files?: Record<string, string>) => Promise<{ passed: boolean, output: string }>}
 */
export async function runMoveTests(files = readPackage('move')) {
  await initMovePackageBuilder()
  const result = await testMovePackage({ files, fetcher: new VendoredFetcher(), network: 'testnet', silenceWarnings: true })
  const text = 'error' in result ? result.error : result.output
  // The runner colours its output.
  return { passed: 'passed' in result && result.passed, output: stripVTControlCharacters(text) }
}
