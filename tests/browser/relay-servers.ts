import type { TestProject } from 'vitest/node'
import { openRelayServer } from '../../src/relay/server/open-relay-server.ts'
import { startNatsServer } from '../helpers/nats-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A `locket-relay` server. */
    relayUrl: string
    natsUrl: string
  }
}

/** Vitest's global setup: what a page cannot start itself. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const many = 1_000_000
  const relay = await openRelayServer({
    limits: { requestsPerMinute: many, messagesPerMinute: many, mailboxesPerDay: many, connectionsPerAddress: many },
  })
  const nats = await startNatsServer()
  provide('relayUrl', relay.url)
  provide('natsUrl', nats.url)
  return async () => {
    await relay.close()
    await nats.close()
  }
}
