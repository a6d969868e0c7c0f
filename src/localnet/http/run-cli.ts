import { parseArgs } from 'node:util'
import { isLocketError } from '../../core/errors.ts'
import { openLocalnetServer, type LocalnetServerOptions } from './server.ts'

/** What the command needs of its process. */
export type CliProcess = {
  out(text: string): void
  err(text: string): void
  /** Resolves when the process is told to stop. */
  readonly stopped: Promise<void>
}

const DEFAULT_PORT = 9310

const USAGE = `usage: locket-localnet [--port <port>] [--shards 100|1000] [--key-servers <n>] [--threshold <t>]

Serves a local Sui, Seal and Walrus on 127.0.0.1 until it is interrupted.
--port 0 takes any free port; the default is ${DEFAULT_PORT}.
Connect with connectLocalnet('http://127.0.0.1:<port>') from @locket/sdk/localnet.
`

/**
 * The `locket-localnet` command.
 *
 * @returns its exit status: 0 when stopped or asked for help, 1 if it could not serve, 2 for wrong arguments.
 */
export async function runCli(args: readonly string[], process: CliProcess): Promise<0 | 1 | 2> {
  let options: LocalnetServerOptions | 'help'
  try {
    options = parseOptions(args)
  } catch (error) {
    process.err(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    return 2
  }
  if (options === 'help') {
    process.out(USAGE)
    return 0
  }
  try {
    await using server = await openLocalnetServer(options)
    process.out(`localnet at ${server.url}\n`)
    await process.stopped
    return 0
  } catch (error) {
    process.err(`${isLocketError(error) ? `${error.message}. ${error.remedy}` : String(error)}\n`)
    return 1
  }
}

function parseOptions(args: readonly string[]): LocalnetServerOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: String(DEFAULT_PORT) },
      shards: { type: 'string', default: '100' },
      'key-servers': { type: 'string', default: '3' },
      threshold: { type: 'string', default: '2' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const nShards = whole(values.shards, '--shards')
  if (nShards !== 100 && nShards !== 1000) throw new RangeError('--shards is 100 or 1000')
  const port = whole(values.port, '--port')
  if (port > 65_535) throw new RangeError('--port is at most 65535')
  const keyServers = { n: whole(values['key-servers'], '--key-servers'), threshold: whole(values.threshold, '--threshold') }
  return { port, nShards, keyServers }
}

function whole(text: string, option: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new RangeError(`${option} is a whole number`)
  return Number(text)
}
