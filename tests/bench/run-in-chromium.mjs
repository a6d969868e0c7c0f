#!/usr/bin/env node
/**
 * Runs a bench in a real, cross-origin isolated Chromium (so that its clock
 * ticks every 5 microseconds): in a module Worker, or with `page` in the page.
 *
 *   node tests/bench/run-in-chromium.mjs tests/bench/vector-index.bench.ts benchVectorIndex [json argument]
 *
 * The named export must be a function that resolves to rows of
 * `{ name, value, unit, baseline, target, met }`. Exits with 1 if a target is missed.
 */
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'
import { createServer } from 'vite'
import { printRows } from './print-rows.mjs'

const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

/** Rows of `exported` of the module at `path`, run in Chromium. */
export async function runInChromium(path, exported, argument = {}, { where = 'worker' } = {}) {
  const server = await createServer({
    root: fileURLToPath(new URL('../..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    appType: 'custom',
    server: { port: 0, host: '127.0.0.1', headers: isolation, watch: null, hmr: false },
    // Found while a page runs, a dependency would make it load anew.
    optimizeDeps: { noDiscovery: true, include: ['@mysten/sui/keypairs/ed25519'] },
    plugins: [
      {
        name: 'bench-page',
        configureServer(dev) {
          dev.middlewares.use('/bench.html', (_request, response) => {
            for (const [name, value] of Object.entries(isolation)) response.setHeader(name, value)
            response.setHeader('content-type', 'text/html')
            response.end('<!doctype html><meta charset="utf-8"><title>bench</title><link rel="icon" href="data:,">')
          })
        },
      },
    ],
  })
  await server.listen()
  const origin = `http://127.0.0.1:${server.httpServer.address().port}`
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  try {
    const page = await browser.newPage()
    page.setDefaultTimeout(0)
    page.on('console', (message) => process.env.BENCH_VERBOSE && console.error(message.text()))
    await page.goto(`${origin}/bench.html`)
    if (where === 'page') {
      return await page.evaluate(async (request) => (await import(request.module))[request.exported](request.argument), {
        module: `/${path}`,
        exported,
        argument,
      })
    }
    return await page.evaluate(
      ({ worker, request }) =>
        new Promise((resolve, reject) => {
          const thread = new Worker(worker, { type: 'module' })
          const fail = (event) => reject(new Error(`worker: ${event.message} ${event.filename}:${event.lineno}`))
          const finish = ({ data }) => (data.error === undefined ? resolve(data.rows) : reject(new Error(data.error)))
          thread.addEventListener('error', fail)
          thread.addEventListener('message', finish)
          thread.postMessage(request, [])
        }),
      { worker: '/tests/bench/bench-worker.ts', request: { module: `/${path}`, exported, argument } },
    )
  } finally {
    await browser.close()
    await server.close()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [path, exported, argument = '{}', where] = process.argv.slice(2)
  if (path === undefined || exported === undefined) throw new Error('usage: run-in-chromium.mjs <module> <export> [json] [page]')
  const rows = await runInChromium(path, exported, JSON.parse(argument), { where })
  printRows(rows)
  process.exitCode = rows.some((row) => row.met === false) ? 1 : 0
}
