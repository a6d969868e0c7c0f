import { WebSocket } from 'ws'
import { utf8 } from '../../../src/core/bytes.ts'
import { openOutbox } from '../../../src/relay/outbox.ts'
import { createWebSocketRelay, type WebSocketLike } from '../../../src/relay/websocket.ts'
import { openNodeJournal } from '../../../src/store/node-fs.ts'

/** A sender to be killed: keeps messages in its outbox without end and tells the witness of each. Arguments: relay, witness, directory, round. */
const [url, witness, directory, round] = process.argv.slice(2) as [string, string, string, string]
const relay = createWebSocketRelay({ url, connect: (to, protocol) => new WebSocket(to, protocol) as WebSocketLike })
const outbox = await openOutbox({ store: await openNodeJournal({ directory }), relay })
for (let n = 0; ; n++) {
  const ids = await outbox.add([{ mailbox: new Uint8Array(32).fill(7), body: utf8(`round ${round}, message ${n}`) }])
  await fetch(witness, { method: 'POST', body: ids.join('\n') })
}
