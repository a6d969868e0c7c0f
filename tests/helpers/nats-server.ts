import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A real nats-server with JetStream and a WebSocket listener, which can be killed and started again. */
export type NatsServer = {
  /** Of the WebSocket listener. */
  readonly url: string
  /** kill -9, and a start with what is on disk. */
  restart(): Promise<void>
  close(): Promise<void>
}

const COMMAND = process.env['NATS_SERVER'] ?? 'nats-server'

/** @throws if there is no nats-server: `.ci/setup relay` installs Debian's. */
export async function startNatsServer(): Promise<NatsServer> {
  const directory = await mkdtemp(join(tmpdir(), 'locket-nats-'))
  const config = join(directory, 'nats.conf')
  const [port, webSocketPort] = [await freePort(), await freePort()]
  await writeFile(
    config,
    `listen: "127.0.0.1:${port}"
jetstream { store_dir: "${directory}/store" }
websocket { listen: "127.0.0.1:${webSocketPort}", no_tls: true }
`,
  )
  let child = await start(config)
  return {
    url: `ws://127.0.0.1:${webSocketPort}`,
    async restart() {
      await kill(child)
      child = await start(config)
    },
    async close() {
      await kill(child)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function start(config: string): Promise<ChildProcess> {
  const child = spawn(COMMAND, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  const said: string[] = []
  await new Promise<void>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${COMMAND} is missing: run .ci/setup relay`, { cause })))
    child.once('exit', () => reject(new Error(`${COMMAND} ended: ${said.join('')}`)))
    child.stderr?.on('data', (chunk: Buffer) => {
      said.push(chunk.toString())
      if (said.join('').includes('Server is ready')) resolve()
    })
  })
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
