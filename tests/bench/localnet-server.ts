/** A localnet in a process of its own, so that its CPU is not counted as the client's. Prints its address. */
import { openLocalnetServer } from '../../src/localnet/http/server.ts'

const shards = process.argv[2] === '1000' ? 1000 : 100
const server = await openLocalnetServer({ nShards: shards })
process.stdout.write(`${server.url}\n`)
