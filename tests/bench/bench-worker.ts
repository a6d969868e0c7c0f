/** Runs in the Worker that `run-in-chromium.mjs` starts: imports a bench, runs it, sends its rows back. */

type Request = { readonly module: string; readonly exported: string; readonly argument: unknown }

const reply = (answer: object) => globalThis.postMessage(answer, { targetOrigin: '*' })

globalThis.addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  try {
    const bench = (await import(/* @vite-ignore */ data.module)) as Record<string, (argument: unknown) => Promise<unknown>>
    const run = bench[data.exported]
    if (run === undefined) throw new Error(`${data.module} does not export ${data.exported}`)
    reply({ rows: await run(data.argument) })
  } catch (error) {
    reply({ error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) })
  }
})
