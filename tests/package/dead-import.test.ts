import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build, type Rolldown } from 'vite'
import { describe, expect, it } from 'vitest'
import { manifest, modules, root } from './package-info.ts'

const ENTRY = '\0entry'
const peers = Object.keys(manifest.peerDependencies)
const isOurs = (id: string) => id.startsWith(`${root}/dist/`)
const isPeer = (id: string) => id.startsWith('node:') || peers.some((peer) => id === peer || id.startsWith(`${peer}/`))

/** What is left of importing `specifier` for nothing when the bundler may not assume that our files do nothing when loaded. */
async function bundleOf(specifier: string, addedToErrors = ''): Promise<string> {
  const built = await build({
    configFile: false,
    root,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      modulePreload: false,
      rolldownOptions: { input: ENTRY, external: isPeer, treeshake: { moduleSideEffects: (id) => isOurs(id) || id === ENTRY } },
    },
    plugins: [
      {
        name: 'import-for-nothing',
        enforce: 'pre',
        resolveId: (id) => (id === ENTRY ? ENTRY : undefined),
        load: (id) => (id === ENTRY ? `import '${specifier}'` : undefined),
        transform: (code, id) =>
          isOurs(id)
            ? { code: id.endsWith('/dist/core/errors.js') ? code + addedToErrors : code, map: null, moduleSideEffects: true }
            : undefined,
      },
    ],
  })
  const [{ output }] = (Array.isArray(built) ? built : [built]) as [Rolldown.RolldownOutput]
  return output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('')
}

describe('an import that is not used', () => {
  it.each(modules)('leaves nothing of $specifier in a bundle', async ({ specifier }) => {
    expect(await bundleOf(specifier)).toBe('')
  })

  it('would leave a statement that does something', async () => {
    expect(await bundleOf('@locket/sdk', '\nglobalThis.wasHere = true\n')).toContain('wasHere')
  })

  it.each(modules)('touches nothing of the platform when $specifier is loaded', ({ specifier }) => {
    const watcher = fileURLToPath(new URL('watch-globals.mjs', import.meta.url))
    const { status, stdout, stderr } = spawnSync('node', [watcher, specifier], { cwd: root, encoding: 'utf8' })
    expect({ status, stderr, touched: JSON.parse(stdout || 'null') }).toEqual({ status: 0, stderr: '', touched: [] })
  })
})
