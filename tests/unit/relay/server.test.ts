import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { openRelayServer, type RelayServer, type RelayServerOptions } from '../../../src/relay/server/open-relay-server.ts'
import { runRelayCli } from '../../../src/relay/server/run-cli.ts'
import { createWebSocketRelay, type WebSocketLike } from '../../../src/relay/websocket.ts'
import { RELAY_PROTOCOL } from '../../../src/relay/wire.ts'
import { createFakeClock } from '../../../src/testkit/fake-clock.ts'

const servers: RelayServer[] = []
const open = async (options: RelayServerOptions = {}) => {
  const server = await openRelayServer(options)
  servers.push(server)
  return server
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const connect = (url: string, protocol: string) => new WebSocket(url, protocol) as WebSocketLike

/** How the server meets a new connection: `open`, or the HTTP status it refuses with. */
async function handshake(url: string, options: { readonly protocol?: string; readonly headers?: Record<string, string> } = {}) {
  const socket = new WebSocket(url, options.protocol ?? RELAY_PROTOCOL, { headers: options.headers ?? {} })
  const outcome = await new Promise<string>((resolve) => {
    socket.on('open', () => resolve('open'))
    socket.on('unexpected-response', (_request, response) => resolve(String(response.statusCode)))
    socket.on('error', () => {})
  })
  return { socket, outcome }
}

describe('openRelayServer', () => {
  it('lets in pages of the origins it was given, and programs', async () => {
    const { url } = await open({ origins: ['https://app.test'] })
    const from = async (origin?: string) => (await handshake(url, origin === undefined ? {} : { headers: { origin } })).outcome
    expect(await from('https://app.test')).toBe('open')
    expect(await from('https://evil.test')).toBe('403')
    expect(await from('https://app.test.evil.test')).toBe('403')
    expect(await from()).toBe('open')
  })

  it('speaks one protocol', async () => {
    const { url } = await open()
    expect((await handshake(url, { protocol: 'chat' })).outcome).toBe('400')
    expect((await fetch(url.replace('ws:', 'http:'))).status).toBe(426)
  })

  it('grants a network address so many connections at once and per minute', async () => {
    const { url } = await open({ clock: createFakeClock(), limits: { connectionsPerAddress: 1, requestsPerMinute: 2 } })
    const first = await handshake(url)
    expect(first.outcome).toBe('open')
    expect((await handshake(url)).outcome).toBe('429')
    const gone = new Promise((resolve) => first.socket.on('close', resolve))
    first.socket.terminate()
    await gone
    // The server may hear of it a moment later.
    let again = await handshake(url)
    while (again.outcome === '429') again = await handshake(url)
    expect(again.outcome).toBe('open')
    again.socket.terminate()
    await new Promise((resolve) => again.socket.on('close', resolve))
    expect((await handshake(url)).outcome).toBe('429')
  })

  it('counts by the address a proxy names, if told to', async () => {
    const { url } = await open({ isBehindProxy: true, limits: { connectionsPerAddress: 1 } })
    const from = async (address: string) => (await handshake(url, { headers: { 'x-forwarded-for': `203.0.113.9, ${address}` } })).outcome
    expect(await from('198.51.100.1')).toBe('open')
    expect(await from('198.51.100.2')).toBe('open')
    expect(await from('198.51.100.1')).toBe('429')
  })

  it('ends a connection that sends text, or more than a message may be', async () => {
    const { url } = await open({ limits: { maxBodyBytes: 100 } })
    const closing = async (data: string | Uint8Array) => {
      const { socket } = await handshake(url)
      const code = new Promise((resolve) => socket.on('close', resolve))
      socket.send(data)
      return code
    }
    expect(await closing('hello')).toBe(1008)
    expect(await closing(new Uint8Array(10_000))).toBe(1009)
  })

  it('ends a connection that gives no sign of life', async () => {
    const clock = createFakeClock()
    const { url } = await open({ clock, limits: { sweepMs: 1_000 } })
    const { socket } = await handshake(url)
    const closed = new Promise((resolve) => socket.on('close', resolve))
    // No pong reaches the server: its end of the line is cut off here.
    socket.pause()
    await clock.advance(1_000)
    await clock.advance(1_000)
    socket.resume()
    expect(await closed).toBe(1006)
  })

  it('says which port it cannot have, and lets nobody else have its directory', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'locket-relay-'))
    const { url } = await open({ directory })
    await expect(openRelayServer({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'usage/invalid-argument' })
    await expect(openRelayServer({ directory })).rejects.toMatchObject({ code: 'store/locked' })
    await servers.pop()?.close()
    await rm(directory, { recursive: true })
  })
})

describe('locket-relay', () => {
  const fakeProcess = (files: Readonly<Record<string, string>> = {}) => {
    const stop = new AbortController()
    const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))
    let print: (text: string) => void
    const printed = new Promise<string>((resolve) => (print = resolve))
    const complained: string[] = []
    const read = async (path: string) => files[path] as string
    return {
      stop: () => stop.abort(),
      printed,
      complained,
      process: { out: (text: string) => print(text), err: (text: string) => void complained.push(text), stopped, read },
    }
  }

  it('serves whom it admits until it is stopped', async () => {
    const { process, stop, printed } = fakeProcess({ words: 'one\ntwo\n' })
    const done = runRelayCli(['--memory', '--port', '0', '--admission-file', 'words', '--limit', 'maxBodyBytes=100'], process)
    const url = /ws:\/\/127\.0\.0\.1:\d+/.exec(await printed)?.[0] as string
    const relay = createWebSocketRelay({ url, connect, admission: 'two' })
    await relay.send(new Uint8Array(32), Uint8Array.of(1))
    await expect(relay.send(new Uint8Array(32), new Uint8Array(101))).rejects.toMatchObject({ code: 'relay/oversize' })
    const stranger = createWebSocketRelay({ url, connect })
    await expect(stranger.send(new Uint8Array(32), Uint8Array.of(1))).rejects.toMatchObject({ code: 'relay/refused' })
    await relay.close()
    await stranger.close()
    stop()
    expect(await done).toBe(0)
  })

  it('prints its usage, on demand and on wrong arguments', async () => {
    const help = fakeProcess()
    expect(await runRelayCli(['--help'], help.process)).toBe(0)
    expect(await help.printed).toContain('usage: locket-relay')
    const wrong = [
      [],
      ['--memory', '--directory', 'x'],
      ['--memory', '--port', '70000'],
      ['--memory', '--limit', 'nothing=1'],
      ['--memory', '--limit', 'sweepMs=-1'],
      ['--what'],
    ]
    for (const args of wrong) {
      const { process, complained } = fakeProcess()
      expect(await runRelayCli(args, process), args.join(' ')).toBe(2)
      expect(complained.join('')).toContain('usage: locket-relay')
    }
  })

  it('says why it cannot serve', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'locket-relay-')), 'file')
    await writeFile(file, '')
    const { process, complained } = fakeProcess()
    expect(await runRelayCli(['--directory', join(file, 'below')], process)).toBe(1)
    expect(complained.join('')).toContain('store/unavailable')
  })
})
