import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { utf8 } from '../../../src/core/bytes.ts'
import { messageId } from '../../../src/relay/message-id.ts'
import { openOutbox } from '../../../src/relay/outbox.ts'
import type { Mailbox } from '../../../src/relay/port.ts'
import { createWebSocketRelay, type WebSocketLike } from '../../../src/relay/websocket.ts'
import { openNodeJournal } from '../../../src/store/node-fs.ts'
import { startWitness } from '../crash/witness.ts'

/** Kills at random moments. */
const KILLS = Number(process.env['KILLS'] ?? 5)
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const box = (n: number): Mailbox => new Uint8Array(32).fill(n)
const connectTo = (url: string) =>
  createWebSocketRelay({ url, timeoutMs: 60_000, connect: (to, protocol) => new WebSocket(to, protocol) as WebSocketLike })

let directory: string

beforeAll(async () => {
  await mkdir(join(ROOT, '.reports'), { recursive: true })
  // Inside the repository, so that packages resolve.
  directory = await mkdtemp(join(ROOT, '.reports/relay-kill-'))
  await build({
    entryPoints: ['server', 'outbox'].map((name) => join(ROOT, `tests/e2e/relay/${name}-child.ts`)),
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  })
})

afterAll(() => rm(directory, { recursive: true, force: true }))

async function startServer(data: string, port = '0'): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [join(directory, 'server-child.mjs'), join(directory, data), port], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return { child, url: line.toString().trim() }
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Everything that is held for a mailbox, until all of `expected` have come. */
async function collect(
  url: string,
  mailbox: Mailbox,
  expected: ReadonlySet<string>,
  each?: (id: string) => Promise<void>,
): Promise<Set<string>> {
  const relay = connectTo(url)
  const seen = new Set<string>()
  const missing = new Set(expected)
  if (missing.size > 0) {
    for await (const { id, acknowledge } of relay.receive(mailbox)) {
      seen.add(id)
      missing.delete(id)
      await each?.(id)
      await acknowledge()
      if (missing.size === 0) break
    }
  }
  await relay.close()
  return seen
}

it(`a relay killed ${KILLS} times has every message it said it took over`, { timeout: 300_000 }, async () => {
  let server = await startServer('server')
  const { url } = server
  const { port } = new URL(url)
  const relay = connectTo(url)
  // This process is the witness: it outlives every server.
  const taken = new Set<string>()
  const acknowledged = new Set<string>()
  const stop = new AbortController()
  const sending = [0, 1, 2].map(async (sender) => {
    for (let n = 0; !stop.signal.aborted; n++) {
      const body = utf8(`sender ${sender}, message ${n}`)
      await relay.send(box(1), body)
      taken.add(messageId(body))
    }
  })
  const reading = (async () => {
    let count = 0
    for await (const { id, acknowledge } of relay.receive(box(1), { signal: stop.signal })) {
      if (count++ % 3 !== 0) continue
      await acknowledge()
      acknowledged.add(id)
    }
  })()
  for (let round = 0; round < KILLS; round++) {
    const before = taken.size
    while (taken.size < before + 20) await new Promise((resolve) => setTimeout(resolve, 5))
    // Spread over the time of a write, whatever the machine's speed.
    await new Promise((resolve) => setTimeout(resolve, (round * 37) % 113))
    await kill(server.child)
    server = await startServer('server', port)
  }
  stop.abort('enough')
  await Promise.all([...sending, reading.catch((reason: unknown) => expect(reason).toBe('enough'))])
  await relay.close()

  const owed = new Set([...taken].filter((id) => !acknowledged.has(id)))
  expect(owed.size).toBeGreaterThan(0)
  const held = await collect(url, box(1), owed)
  expect([...owed].filter((id) => !held.has(id))).toEqual([])
  await kill(server.child)
})

it(`a sender killed ${KILLS} times delivers everything its outbox took, over a relay killed as well`, { timeout: 300_000 }, async () => {
  let server = await startServer('second')
  const { url } = server
  const { port } = new URL(url)
  const witness = await startWitness()
  const data = join(directory, 'outbox')
  for (let round = 0; round < KILLS; round++) {
    const child = spawn(process.execPath, [join(directory, 'outbox-child.mjs'), url, witness.url, data, String(round)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    await witness.atLeast(witness.acknowledged().length + 10)
    if (round % 2 === 1) {
      await kill(server.child)
      server = await startServer('second', port)
    }
    await kill(child)
  }
  const promised = new Set(witness.acknowledged())
  const store = await openNodeJournal({ directory: data })
  const relay = connectTo(url)
  const outbox = await openOutbox({ store, relay, resendAfterMs: 500 })
  const pending = new Set(outbox.pending().map(({ id }) => id))
  expect([...promised].filter((id) => !pending.has(id))).toEqual([])
  const arrived = await collect(url, box(7), pending, (id) => outbox.settled(box(7), id))
  expect([...promised].filter((id) => !arrived.has(id))).toEqual([])
  expect(outbox.pending()).toEqual([])
  await outbox.close()
  await relay.close()
  await store.close()
  await witness.close()
  await kill(server.child)
})
