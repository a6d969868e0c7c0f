/**
 * How much code a page loads for the index, minified, against hnswlib-wasm.
 * `node tests/bench/vector-index-size.bench.mjs`, or import `benchVectorIndexSize`.
 */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = new URL('../../', import.meta.url)

async function minified(path) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(path, root))],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
    external: ['fs', 'path', 'crypto'],
  })
  const [{ contents }] = outputFiles
  return { bytes: contents.length, gzipped: gzipSync(contents, { level: 9 }).length }
}

export async function benchVectorIndexSize() {
  const own = await minified('src/vector-index/create-vector-index.ts')
  const theirs = await minified('node_modules/hnswlib-wasm/dist/hnswlib.js')
  const times = theirs.bytes / own.bytes
  return [
    {
      name: 'createVectorIndex, minified with all it imports',
      value: own.bytes,
      unit: 'bytes',
      baseline: theirs.bytes,
      target: undefined,
      met: undefined,
    },
    { name: 'createVectorIndex, gzipped', value: own.gzipped, unit: 'bytes', baseline: theirs.gzipped, target: undefined, met: undefined },
    { name: 'code, times smaller than hnswlib-wasm', value: times, unit: 'x', baseline: undefined, target: '>= 20', met: times >= 20 },
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const row of await benchVectorIndexSize()) console.log(JSON.stringify(row))
}
