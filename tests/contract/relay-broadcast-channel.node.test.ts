import { createBroadcastChannelRelay } from '../../src/relay/broadcast-channel.ts'
import { relayContract } from '../../src/testkit/contract/relay.ts'
import { createFakeClock } from '../../src/testkit/fake-clock.ts'

let benchCount = 0

relayContract('broadcast channel', async () => {
  const clock = createFakeClock()
  const name = `contract ${benchCount++}`
  return { open: async () => createBroadcastChannelRelay({ name, clock }), advance: (ms) => clock.advance(ms) }
})
