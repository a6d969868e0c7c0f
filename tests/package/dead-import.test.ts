import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build, type Rolldown } from 'vite'
import { describe, expect, it } from 'vitest'
import { manifest, modules, root } from './package-info.ts'

const ENTRY = '\0entry'
const peers = Object.keys(manifest.peerDependencies)
const isOurs = (id: string) => id.startsWith(`${root}/dist/`)
const isPeer = (id: string) => id.startsWith('node:') || peers.some((peer) => id === peer || id.startsWith(`${peer}/`))

/**
 * What is left of importing `specifier` for nothing: with side effects of our files as package.json declares them, or assumed
 * everywhere, so that each statement must be seen to do nothing.
 */
async function bundleOf(specifier: string, sideEffects: 'as declared' | 'assumed', addedToErrors = ''): Promise<string> {
  const built = await build({
    configFile: false,
    root,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      modulePreload: false,
      rolldownOptions: { input: ENTRY, external: isPeer, treeshake: { moduleSideEffects: [{ external: true, sideEffects: false }] } },
    },
    plugins: [
      {
        name: 'import-for-nothing',
        enforce: 'pre',
        resolveId: (id) => (id === ENTRY ? ENTRY : undefined),
        load: (id) => (id === ENTRY ? `import '${specifier}'` : undefined),
        transform: (code, id) =>
          isOurs(id) && sideEffects === 'assumed'
            ? { code: id.endsWith('/dist/core/errors.js') ? code + addedToErrors : code, map: null, moduleSideEffects: true }
            : undefined,
      },
    ],
  })
  const [{ output }] = (Array.isArray(built) ? built : [built]) as [Rolldown.RolldownOutput]
  return output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('')
}

/** For development: they make schemas and generators of optional packages when loaded, which only the package's own word lets a bundler drop. */
const development = ['@locket/sdk/localnet', '@locket/sdk/testkit/contract']
const shipped = modules.filter(({ specifier }) => !development.includes(specifier))

describe('an import that is not used', () => {
  it.each(modules)('leaves nothing of $specifier in a bundle', async ({ specifier }) => {
    expect(await bundleOf(specifier, 'as declared')).toBe('')
  })

  it.each(shipped)('leaves nothing of $specifier even where the declaration is not believed', async ({ specifier }) => {
    expect(await bundleOf(specifier, 'assumed')).toBe('')
  })

  it('would leave a statement that does something', async () => {
    expect(await bundleOf('@locket/sdk', 'assumed', '\nglobalThis.wasHere = true\n')).toContain('wasHere')
  })

  it.each(modules)('touches nothing of the platform when $specifier is loaded', ({ specifier }) => {
    const watcher = fileURLToPath(new URL('watch-globals.mjs', import.meta.url))
    const { status, stdout, stderr } = spawnSync('node', [watcher, specifier], { cwd: root, encoding: 'utf8' })
    expect({ status, stderr, touched: JSON.parse(stdout || 'null') }).toEqual({ status: 0, stderr: '', touched: [] })
  })
})
