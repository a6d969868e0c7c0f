/** What a page that uses the package loads. `node tests/bench/sizes.bench.mjs`, or import `benchSizes`. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { printRows } from './print-rows.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const packageJson = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

/** A core is a WebAssembly module spelled in JavaScript: it is counted as WebAssembly. */
const withoutWasm = {
  name: 'without-wasm',
  setup(context) {
    context.onLoad({ filter: /wasm-bytes\.ts$/ }, () => ({ contents: "export const VECTOR_INDEX_WASM = '', MPC_WASM = ''", loader: 'js' }))
  },
}

async function bundle(input, options = {}) {
  const libraries = options.withLibraries === false ? Object.keys(packageJson.dependencies) : []
  const { outputFiles, metafile } = await build({
    ...input,
    absWorkingDir: root,
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    metafile: true,
    outdir: 'out',
    logLevel: 'error',
    external: [...[...Object.keys(packageJson.peerDependencies), ...libraries].flatMap((name) => [name, `${name}/*`]), 'node:*'],
    plugins: [withoutWasm],
  })
  const contents = new Map(outputFiles.map(({ path, contents: bytes }) => [path.slice(root.length), bytes]))
  const entry = ['out/index.js', 'out/stdin.js'].find((path) => metafile.outputs[path] !== undefined)
  return { contents, outputs: metafile.outputs, entry }
}

/** What a page takes that makes, uses and replaces the shares of a key, with devices paired over a WebSocket relay. */
const PAGE = `
export { createKey, invite, meetOver, mpcWorkers, openShareStore, refreshKey, settleKey, sign } from './src/mpc/index.ts'
export { createDeviceIdentity, pairDevices } from './src/relay/session/index.ts'
export { createWebSocketRelay } from './src/relay/websocket.ts'
`

/** An output and whatever it imports before it runs. */
function closure(outputs, path, seen = new Set()) {
  if (seen.has(path) || outputs[path] === undefined) return seen
  seen.add(path)
  for (const { path: next, kind } of outputs[path].imports) if (kind === 'import-statement') closure(outputs, next, seen)
  return seen
}

const sum = (values) => values.reduce((total, value) => total + value, 0)
const row = (name, value, unit, limit) => ({ name, value, unit, baseline: undefined, target: `<= ${limit}`, met: value <= limit })

export async function benchSizes() {
  const main = await bundle({ entryPoints: ['src/index.ts'] })
  const first = [...closure(main.outputs, main.entry)].map((path) => gzipSync(main.contents.get(path), { level: 9 }).length)

  // One program that uses every entry of a part, as it would be served. Policies and chains have limits of their own in `.size-limit.json`.
  const entries = Object.entries(packageJson.exports)
    .filter(([name, target]) => typeof target === 'object' && !/localnet|testkit/.test(name))
    .map(([, target]) => target.default.replace('./dist/', './src/').replace(/\.js$/, '.ts'))
  const sizeOf = async (paths, options, more = '') => {
    const program = { contents: `${paths.map((path, i) => `export * as entry${i} from '${path}'`).join('\n')}\n${more}`, resolveDir: root }
    const { contents } = await bundle({ stdin: program }, options)
    return brotliCompressSync(Buffer.concat([...contents.values()])).length / 1_000
  }
  const memories = entries.filter((path) => !/relay|mpc|policy|chain/.test(path))
  const withKeys = entries.filter((path) => !/policy|chain/.test(path))
  const own = { withLibraries: false }
  const ownOfMemories = await sizeOf(memories, own)

  const unused = await bundle({ stdin: { contents: "import { openLocket } from './src/index.ts'", resolveDir: root } })
  return [
    row('size: main entry, minified and gzipped', sum(first) / 1_000, 'kB', 25),
    row('size: own code of memories, without localnet, testkit and WASM, brotli', ownOfMemories, 'kB', 90),
    row(
      'size: what own code of threshold keys and relays adds, without WASM, brotli',
      (await sizeOf(withKeys, own)) - ownOfMemories,
      'kB',
      15,
    ),
    {
      name: 'size: what of it a page adds that signs with a threshold key over a WebSocket relay',
      value: (await sizeOf(memories, own, PAGE)) - ownOfMemories,
      unit: 'kB',
      baseline: undefined,
      target: '-',
      met: true,
    },
    {
      name: 'size: memories with the libraries they depend on',
      value: await sizeOf(memories),
      unit: 'kB',
      baseline: undefined,
      target: '-',
      met: true,
    },
    row(
      'size: an import that is not used',
      sum([...closure(unused.outputs, unused.entry)].map((path) => unused.contents.get(path).length)),
      'bytes',
      0,
    ),
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) printRows(await benchSizes())
