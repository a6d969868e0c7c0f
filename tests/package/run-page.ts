import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { chromium } from 'playwright'

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' }

/** Serves `folder` on the loopback interface, opens it in Chromium and returns what the page says of itself, and where it asked for things. */
export async function runPage(folder: string): Promise<{ readonly outcome: string; readonly hosts: readonly string[] }> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://page').pathname)
    const file = path === '/' ? '/index.html' : path
    readFile(join(folder, file)).then(
      (body) => response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update'],
  })
  try {
    const page = await browser.newPage()
    const hosts = new Set<string>()
    page.on('request', (request) => hosts.add(new URL(request.url()).host))
    await page.goto(`http://127.0.0.1:${port}/`)
    const outcome = await page.waitForFunction(() => document.body.dataset['outcome'], undefined, { timeout: 120_000 })
    return { outcome: String(await outcome.jsonValue()), hosts: [...hosts].filter((host) => host !== '' && host !== `127.0.0.1:${port}`) }
  } finally {
    await browser.close()
    await new Promise((resolve) => server.close(resolve))
  }
}
