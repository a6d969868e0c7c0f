import { openRelayServer } from '../../../src/relay/server/open-relay-server.ts'

/** A relay server to be killed. Arguments: directory, port. */
const [directory, port] = process.argv.slice(2) as [string, string]
const many = 1_000_000
const limits = { requestsPerMinute: many, messagesPerMinute: many, mailboxesPerDay: many, messagesPerMailbox: many }
const { url } = await openRelayServer({ directory, port: Number(port), limits })
process.stdout.write(`${url}\n`)
