import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type BrowserContext, type Page } from 'playwright'
import { build, createServer, preview, type ViteDevServer } from 'vite'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Serves the repository, so that a page under test is any HTML file in it. */
export async function startPages(): Promise<{ urlOf(path: string): string; close(): Promise<void> }> {
  const server: ViteDevServer = await createServer({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true, include: ['@noble/hashes/hkdf.js', '@noble/hashes/sha2.js'] },
  })
  await server.listen()
  const address = server.httpServer?.address()
  if (typeof address !== 'object' || address === null) throw new Error('the page server has no address')
  // A name, not a number: WebAuthn asks for a domain.
  return { urlOf: (path) => `http://localhost:${address.port}/${path}`, close: () => server.close() }
}

/** A page that is built and served. */
export type BuiltPage = {
  /** Its address, with a query such as `?store=idb`, on an origin of its own if a site is named. */
  urlOf(query?: string, site?: string): string
  close(): Promise<void>
}

/** Builds one HTML file of the repository with all it loads, and serves that: a page of many modules loads quicker so. */
export async function startBuiltPage(path: string): Promise<BuiltPage> {
  await mkdir(join(ROOT, '.reports'), { recursive: true })
  const outDir = await mkdtemp(join(ROOT, '.reports/page-'))
  const config = { root: ROOT, configFile: false, logLevel: 'error', worker: { format: 'es' } } as const
  await build({
    ...config,
    build: { outDir, target: 'es2022', modulePreload: false, minify: false, rolldownOptions: { input: join(ROOT, path) } },
  })
  const server = await preview({ ...config, build: { outDir }, preview: { host: '127.0.0.1', port: 0, open: false } })
  const address = server.httpServer.address()
  if (typeof address !== 'object' || address === null) throw new Error('the page server has no address')
  return {
    // A name, not a number: WebAuthn asks for a domain. Each site below localhost is an origin with storage of its own.
    urlOf: (query = '', site) => `http://${site === undefined ? '' : `${site}.`}localhost:${address.port}/${path}${query}`,
    async close() {
      await server.close()
      await rm(outDir, { recursive: true, force: true })
    },
  }
}

/** One user's browser profile on disk, opened and killed any number of times. */
export type Profile = {
  open(): Promise<BrowserContext>
  /** Where the browser keeps this profile's sites. */
  readonly directory: string
  /** SIGKILL to every process of the browser that runs on this profile. Resolves when they are gone. */
  kill(context: BrowserContext): Promise<void>
  remove(): Promise<void>
}

export async function createProfile(): Promise<Profile> {
  const directory = await mkdtemp(join(tmpdir(), 'locket-profile-'))
  return {
    directory: join(directory, 'Default'),
    open: () =>
      chromium.launchPersistentContext(directory, {
        executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
        headless: true,
        args: ARGS,
      }),
    async kill(context) {
      const closed = new Promise<void>((resolve) => context.once('close', () => resolve()))
      for (const pid of processesOf(directory)) killQuietly(pid)
      await closed
    },
    remove: () => rm(directory, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** Crashes the page's renderer, as a fatal error inside it would. */
export async function crashTab(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const crashed = new Promise<void>((resolve) => page.once('crash', () => resolve()))
  // Never answered: whoever would answer is dead.
  session.send('Page.crash').catch(() => {})
  await crashed
  await page.close()
}

/** Pids of this profile's browser: only processes that were started with this very directory. */
function processesOf(directory: string): readonly number[] {
  const out = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 })
  return out
    .split('\n')
    .filter((line) => line.includes(`--user-data-dir=${directory}`))
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => pid !== process.pid)
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Died with its parent.
  }
}
