import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, preview } from 'vite'
import { buildSdk } from '../build-sdk.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** The page of `tabs-page.ts`, built as an application is, on a loopback port. */
export async function openTabsSite(): Promise<{ readonly url: string; close(): Promise<void> }> {
  buildSdk()
  await mkdir(join(ROOT, '.reports'), { recursive: true })
  const outDir = await mkdtemp(join(ROOT, '.reports/tabs-'))
  const root = join(ROOT, 'tests/e2e/tabs')
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      target: 'es2022',
      outDir,
      emptyOutDir: true,
      chunkSizeWarningLimit: 2_000,
      rolldownOptions: { input: join(root, 'tabs.html') },
    },
  })
  const server = await preview({
    root,
    configFile: false,
    logLevel: 'error',
    build: { outDir },
    preview: { host: '127.0.0.1', port: 4274, open: false },
  })
  const url = server.resolvedUrls?.local[0]
  if (url === undefined) throw new Error('the preview server has no address')
  return {
    url: `${url}tabs.html`,
    async close() {
      await server.close()
      await rm(outDir, { recursive: true, force: true })
    },
  }
}
