import { combineRelays } from '../../src/relay/combine.ts'
import { createMemoryHub, createMemoryRelay } from '../../src/relay/memory.ts'
import { relayContract } from '../../src/testkit/contract/relay.ts'
import { createFakeClock } from '../../src/testkit/fake-clock.ts'

relayContract('two combined', async () => {
  const clock = createFakeClock()
  const hubs = ['a', 'b'].map((name) => ({ name, hub: createMemoryHub({ clock }) }))
  return {
    open: async () =>
      combineRelays({ relays: hubs.map(({ name, hub }) => ({ name, relay: createMemoryRelay({ hub }) })), minAccepted: 2, clock }),
    advance: (ms) => clock.advance(ms),
  }
})
