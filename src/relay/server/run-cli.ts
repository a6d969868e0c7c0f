import { parseArgs } from 'node:util'
import { isLocketError } from '../../core/errors.ts'
import { DEFAULT_RELAY_LIMITS, type RelayLimits } from './limits.ts'
import { openRelayServer, type RelayServerOptions } from './open-relay-server.ts'

/** What the command needs of its process. */
export type RelayCliProcess = {
  out(text: string): void
  err(text: string): void
  /** Resolves when the process is told to stop. */
  readonly stopped: Promise<void>
}

const DEFAULT_PORT = 9320

const USAGE = `usage: locket-relay (--directory <path> | --memory) [--host <host>] [--port <port>]
                    [--origin <origin>]... [--admission-file <path>] [--behind-proxy]
                    [--limit <name>=<number>]...

A blind relay: holds sealed messages for mailboxes, and sees their addresses, sizes and times only.
--host is 127.0.0.1 and --port ${DEFAULT_PORT} unless given; --port 0 takes any free port.
--origin lets only pages of these origins in; --admission-file holds words, one a line, of which a client must know one.
Limits: ${Object.entries(DEFAULT_RELAY_LIMITS)
  .map(([name, value]) => `${name}=${value}`)
  .join(', ')}
`

/**
 * The `locket-relay` command.
 *
 * @returns its exit status: 0 when stopped or asked for help, 1 if it could not serve, 2 for wrong arguments.
 */
export async function runRelayCli(
  args: readonly string[],
  process: RelayCliProcess & { read(path: string): Promise<string> },
): Promise<0 | 1 | 2> {
  let parsed: ReturnType<typeof parseOptions>
  try {
    parsed = parseOptions(args)
  } catch (error) {
    process.err(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    return 2
  }
  if (parsed === 'help') {
    process.out(USAGE)
    return 0
  }
  try {
    const { admissionFile, ...options } = parsed
    const words = admissionFile === undefined ? undefined : (await process.read(admissionFile)).split('\n').filter((word) => word !== '')
    await using server = await openRelayServer({ ...options, admissions: words })
    process.out(`relay at ${server.url}\n`)
    await process.stopped
    return 0
  } catch (error) {
    process.err(`${isLocketError(error) ? `${error.message}. ${error.remedy}` : String(error)}\n`)
    return 1
  }
}

function parseOptions(args: readonly string[]): (RelayServerOptions & { readonly admissionFile: string | undefined }) | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      directory: { type: 'string' },
      memory: { type: 'boolean', default: false },
      host: { type: 'string' },
      port: { type: 'string', default: String(DEFAULT_PORT) },
      origin: { type: 'string', multiple: true },
      'admission-file': { type: 'string' },
      'behind-proxy': { type: 'boolean', default: false },
      limit: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  if ((values.directory === undefined) !== values.memory) throw new RangeError('give --directory or --memory, and not both')
  const port = Number(values.port)
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) throw new RangeError('--port is a whole number up to 65535')
  return {
    directory: values.directory,
    host: values.host,
    port,
    origins: values.origin,
    admissionFile: values['admission-file'],
    isBehindProxy: values['behind-proxy'],
    limits: Object.fromEntries(values.limit.map(parseLimit)),
  }
}

function parseLimit(text: string): [keyof RelayLimits, number] {
  const [name, digits = ''] = text.split('=') as [string, string?]
  if (!Object.hasOwn(DEFAULT_RELAY_LIMITS, name) || !/^[1-9]\d{0,14}$/.test(digits)) {
    throw new RangeError(`--limit is <name>=<whole number>: ${text}`)
  }
  return [name as keyof RelayLimits, Number(digits)]
}
