import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the page says it was promised, kept outside the browser that is about to die. */
export type Witness = {
  readonly url: string
  /** Ids acknowledged so far. Never the page's own count. */
  acknowledged(): readonly string[]
  /** Resolves once at least `count` ids were acknowledged. */
  atLeast(count: number): Promise<void>
  close(): Promise<void>
}

/** A loopback server that takes `POST /` with ids separated by line breaks. */
export async function startWitness(): Promise<Witness> {
  const ids = new Set<string>()
  let waiting: { count: number; resolve: () => void }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      for (const id of body.split('\n')) if (id !== '') ids.add(id)
      for (const { count, resolve } of waiting) if (ids.size >= count) resolve()
      waiting = waiting.filter(({ count }) => ids.size < count)
      response.writeHead(204, { 'access-control-allow-origin': '*' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    acknowledged: () => [...ids],
    atLeast: (count) => (ids.size >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve }))),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
