import { createMemoryHub, createMemoryRelay } from '../../src/relay/memory.ts'
import { relayContract } from '../../src/testkit/contract/relay.ts'
import { createFakeClock } from '../../src/testkit/fake-clock.ts'

relayContract('memory', async () => {
  const clock = createFakeClock()
  const hub = createMemoryHub({ clock })
  return { open: async () => createMemoryRelay({ hub }), advance: (ms) => clock.advance(ms) }
})
