#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { isLocketError } from '../../core/errors.ts'
import { openLocalnetServer } from './server.ts'

const USAGE = `usage: locket-localnet [--port <port>] [--shards 100|1000] [--key-servers <n>] [--threshold <t>]

Serves a local Sui, Seal and Walrus on 127.0.0.1 until it is interrupted.
Connect with connectLocalnet('http://127.0.0.1:<port>') from @locket/sdk/localnet.
`

async function main(): Promise<number> {
  let port: number
  let nShards: number
  let n: number
  let threshold: number
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '9310' },
        shards: { type: 'string', default: '100' },
        'key-servers': { type: 'string', default: '3' },
        threshold: { type: 'string', default: '2' },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      process.stdout.write(USAGE)
      return 0
    }
    ;[port, nShards, n, threshold] = [values.port, values.shards, values['key-servers'], values.threshold].map(Number) as [
      number,
      number,
      number,
      number,
    ]
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    return 2
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535 || (nShards !== 100 && nShards !== 1000)) {
    process.stderr.write(USAGE)
    return 2
  }
  try {
    const server = await openLocalnetServer({ port, nShards, keyServers: { n, threshold } })
    process.stdout.write(`localnet at ${server.url}\n`)
    await new Promise<void>((resolve) => {
      process.once('SIGINT', resolve)
      process.once('SIGTERM', resolve)
    })
    await server.close()
    return 0
  } catch (error) {
    process.stderr.write(`${isLocketError(error) ? `${error.message}. ${error.remedy}` : String(error)}\n`)
    return 1
  }
}

process.exitCode = await main()
