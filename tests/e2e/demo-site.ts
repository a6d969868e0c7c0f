import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright'
import { build, preview } from 'vite'
import { buildSdk } from './build-sdk.ts'

const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** What a page did that it must not do. */
export type Watched = {
  readonly page: Page
  /** Console errors, uncaught errors, and violations of the content security policy or of Trusted Types. */
  readonly complaints: readonly string[]
  /** Origins of everything the page asked for. */
  readonly origins: ReadonlySet<string>
}

/** The built demo on a loopback port, and a browser to visit it with. */
export type DemoSite = {
  readonly url: string
  /** A first visit, to one of its pages: a browser profile of its own, watched from the start with every tab that it opens. */
  visit(options?: BrowserContextOptions, path?: string): Promise<Watched>
  close(): Promise<void>
}

/** Builds the SDK if its output is missing or older than its source, then the demo, and serves it. */
export async function openDemoSite(): Promise<DemoSite> {
  buildSdk()
  const configFile = 'examples/demo/vite.config.ts'
  await build({ configFile, logLevel: 'error' })
  const server = await preview({ configFile, logLevel: 'error', preview: { host: '127.0.0.1', port: 4273, open: false } })
  const url = server.resolvedUrls?.local[0]
  if (url === undefined) throw new Error('the preview server has no address')
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', args: CHROMIUM_ARGS })
  return {
    url,
    visit: (options, path = '') => watch(browser, url + path, options),
    async close() {
      await browser.close()
      await server.close()
    },
  }
}

async function watch(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  const origins = new Set<string>()
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  context.on('request', (request) => origins.add(new URL(request.url()).origin))
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`policy violated: ${violatedDirective} ${blockedURI}`)
    })
  })
  await page.goto(url)
  return { page, complaints, origins }
}
