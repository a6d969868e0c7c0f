import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { manifest, root } from './package-info.ts'

/** What the README tells an app to install beside the package. Not hnswlib-wasm, vitest or fast-check, which an app does without. */
const PEERS = ['@mysten/sui', '@mysten/seal', '@mysten/walrus', '@mysten/walrus-wasm', '@mysten/move-bytecode-template']

/** Opens a locket on a localnet, keeps one memory, finds it, and says so in the page. */
const PROGRAM = `
import { openLocket } from '@locket/sdk'
import { localnet } from '@locket/sdk/localnet'

const say = (text) => { document.body.dataset.outcome = text }
try {
  const locket = await openLocket({ network: await localnet() })
  await locket.remember('Allergic to peanuts since 2019', { category: 'medical' })
  const [hit] = await locket.recall('which food am I allergic to?')
  const { memories } = await locket.flush()
  const { isDurable } = locket.status()
  await locket.close()
  say(JSON.stringify({ text: hit.memory.text, memories, isDurable }))
} catch (error) {
  say('failed: ' + error.stack + ' ' + (error.cause?.stack ?? ''))
}
`

/** What the page says when all went well. */
export const OUTCOME: string = JSON.stringify({ text: 'Allergic to peanuts since 2019', memories: 1, isDurable: true })

/** The tarball that `npm pack` makes, packed once. */
export function packTarball(): { readonly path: string; readonly files: readonly string[]; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'locket-pack-'))
  const report = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 * 1024 * 1024,
  })
  const [{ filename, files }] = JSON.parse(report) as [{ filename: string; files: { path: string }[] }]
  return {
    path: join(folder, filename),
    files: files.map(({ path }) => path),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/**
 * An app of a stranger's: the unpacked tarball, its declared dependencies and the peers, and nothing else of this repository,
 * so that an import of something undeclared fails. Dependencies are links to the copies here instead of fresh downloads.
 */
export function createConsumer(tarball: string): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'locket-app-'))
  const own = join(folder, 'node_modules/@locket/sdk')
  mkdirSync(own, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', own, '--strip-components=1'])
  const { dependencies } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  for (const name of [...Object.keys(dependencies), ...PEERS]) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link)
  }
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'app', private: true, type: 'module', dependencies: { '@locket/sdk': manifest.version } }),
  )
  writeFileSync(join(folder, 'main.js'), PROGRAM)
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><meta charset="utf-8"><title>app</title><link rel="icon" href="data:,"><body><script type="module" src="./main.js"></script>',
  )
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
