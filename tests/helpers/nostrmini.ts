import { createRequire } from 'node:module'
import type nostrmini from 'nostrmini'

/** A real Nostr relay in memory. All of one process share their events. */
export function openNostrmini(): { readonly url: string; close(): void } {
  // Bundlers and Node disagree on what the default of such a CommonJS module is.
  const { default: NostrMini } = createRequire(import.meta.url)('nostrmini') as typeof nostrmini
  const server = new NostrMini()
  server.listen(0)
  return { url: `ws://127.0.0.1:${(server.address() as { port: number }).port}/`, close: () => void server.close() }
}
