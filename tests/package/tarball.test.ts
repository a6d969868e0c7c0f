import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import webpack from 'webpack'
import { createConsumer, OUTCOME, packTarball } from './consumer.ts'
import { entries, manifest } from './package-info.ts'
import { runPage } from './run-page.ts'

describe('the tarball', () => {
  let tarball: ReturnType<typeof packTarball>
  let app: ReturnType<typeof createConsumer>
  beforeAll(() => {
    tarball = packTarball()
    app = createConsumer(tarball.path)
  })
  afterAll(() => {
    app.remove()
    tarball.remove()
  })

  const emitted = (folder: string) => readdirSync(join(app.folder, folder), { recursive: true, encoding: 'utf8' })
  const textOf = (folder: string) => (path: string) => readFileSync(join(app.folder, folder, path), 'utf8')

  it('holds every entry with its types, the licence and what its readers need, and nothing of the tests', () => {
    for (const { file } of entries) expect(tarball.files).toEqual(expect.arrayContaining([file, file.replace(/\.js$/, '.d.ts')]))
    expect(tarball.files).toEqual(expect.arrayContaining(['package.json', 'LICENSE', 'README.md', 'SECURITY.md', 'CHANGELOG.md']))
    expect(tarball.files.filter((path) => !/^(dist|src)\/|^[A-Z]+(\.md)?$|^package\.json$/.test(path))).toEqual([])
  })

  it('names in its source maps only sources that come with it', () => {
    const maps = tarball.files.filter((path) => path.endsWith('.js.map'))
    const missing = maps.filter((path) => !tarball.files.includes(path.replace(/^dist/, 'src').replace(/\.js\.map$/, '.ts')))
    expect(maps.length).toBeGreaterThan(0)
    expect(missing).toEqual([])
  })

  it('asks for nothing to be run when it is installed', () => {
    const { scripts = {} } = manifest as { scripts?: Record<string, string> }
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?(install|prepare|uninstall)$/.test(name))).toEqual([])
  })

  it('has types that a strict browser app without Node types accepts', () => {
    const browser = entries.filter(({ specifier }) => !/node|testkit\/contract|hnsw/.test(specifier))
    const main = join(app.folder, 'types.ts')
    writeFileSync(main, browser.map(({ specifier }, i) => `export * as e${i} from '${specifier}'\n`).join(''))
    const program = ts.createProgram([main], {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
      types: [],
    })
    // What the peers' own declarations lack is theirs.
    const ours = ts
      .getPreEmitDiagnostics(program)
      .filter(({ file }) => file === undefined || /types\.ts$|@locket\/sdk\//.test(file.fileName))
    expect(ours.map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)).toEqual([])
  })

  it('builds with Vite, worker and WASM included, and works in Chromium', async () => {
    await build({ configFile: false, root: app.folder, logLevel: 'error', build: { outDir: 'vite-dist', target: 'esnext' } })
    const files = emitted('vite-dist')
    expect(files.filter((path) => /device-worker.*\.js$/.test(path))).toHaveLength(1)
    expect(files.filter((path) => path.endsWith('.wasm')).length).toBeGreaterThan(0)
    expect(await runPage(join(app.folder, 'vite-dist'))).toEqual({ outcome: OUTCOME, hosts: [] })
  })

  it('builds with webpack, worker and WASM included, and works in Chromium', async () => {
    const stats = await new Promise<webpack.Stats>((resolve, reject) => {
      webpack(
        {
          mode: 'production',
          context: app.folder,
          entry: './main.js',
          output: { path: join(app.folder, 'webpack-dist'), filename: 'main.js', publicPath: '/' },
          performance: false,
          optimization: { minimize: false },
        },
        (error, result) => (result === undefined ? reject(error ?? new Error('webpack said nothing')) : resolve(result)),
      )
    })
    expect(stats.toJson({ all: false, errors: true }).errors?.map(({ message }) => message)).toEqual([])
    const files = emitted('webpack-dist')
    const workers = files.filter(
      (path) => path.endsWith('.js') && textOf('webpack-dist')(path).includes('vector-indexes') && path !== 'main.js',
    )
    expect(workers.length).toBeGreaterThan(0)
    expect(files.filter((path) => path.endsWith('.wasm')).length).toBeGreaterThan(0)
    writeFileSync(
      join(app.folder, 'webpack-dist/index.html'),
      readFileSync(join(app.folder, 'index.html'), 'utf8').replace('./main.js', '/main.js'),
    )
    expect(await runPage(join(app.folder, 'webpack-dist'))).toEqual({ outcome: OUTCOME, hosts: [] })
  })
})
