#!/usr/bin/env node
/**
 * Runs a bench in a Node process of its own and resolves to its rows.
 *
 *   node tests/bench/run-in-node.mjs tests/bench/restore.bench.ts benchRestore
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { printRows } from './print-rows.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Node reads no TypeScript: the bench is bundled first, packages left where they are. */
export async function runInNode(path, exported, { nodeArguments = [] } = {}) {
  // Inside the repository, so that packages resolve.
  await mkdir(join(root, '.reports'), { recursive: true })
  const directory = await mkdtemp(join(root, '.reports/bench-'))
  try {
    const out = join(directory, 'bench.js')
    await build({
      stdin: {
        contents: `import { ${exported} } from './${path}'; process.send(await ${exported}(), () => process.disconnect())`,
        resolveDir: root,
        loader: 'ts',
      },
      outfile: out,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
      logLevel: 'error',
      plugins: [sourceUrls],
    })
    await build({
      entryPoints: [join(root, 'tests/bench/localnet-server.ts')],
      outfile: join(directory, 'localnet-server.js'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
      logLevel: 'error',
    })
    await writeFile(join(directory, 'package.json'), '{"type":"module"}')
    const child = spawn(process.execPath, [...nodeArguments, out], { cwd: root, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    let rows
    child.once('message', (message) => (rows = message))
    const [status] = await once(child, 'close')
    if (rows === undefined) throw new Error(`${path} ended with ${status} and gave no rows`)
    return rows
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Test helpers find their data beside their own source: a bundle must not move them. */
const sourceUrls = {
  name: 'source-urls',
  setup(context) {
    context.onLoad({ filter: /tests\/helpers\/diary\.ts$/ }, async ({ path }) => {
      const { readFile } = await import('node:fs/promises')
      const { pathToFileURL } = await import('node:url')
      const contents = (await readFile(path, 'utf8')).replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
      return { contents, loader: 'ts' }
    })
  },
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [path, exported, ...nodeArguments] = process.argv.slice(2)
  printRows(await runInNode(path, exported, { nodeArguments }))
}
