import { describe, expect, it } from 'vitest'
import { connectLocalnet } from '../../../src/localnet/http/client.ts'
import { runCli } from '../../../src/localnet/http/run-cli.ts'

function fakeProcess() {
  const stop = new AbortController()
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))
  const printed: string[] = []
  const complained: string[] = []
  const lines = new EventTarget()
  const firstLine = new Promise<string>((resolve) => lines.addEventListener('line', () => resolve(printed.join('')), { once: true }))
  const out = (text: string) => {
    printed.push(text)
    lines.dispatchEvent(new Event('line'))
  }
  return {
    process: { out, err: (text: string) => void complained.push(text), stopped },
    stop: () => stop.abort(),
    printed,
    complained,
    firstLine,
  }
}

describe('locket-localnet', () => {
  it('serves until it is stopped', async () => {
    const { process, stop, firstLine } = fakeProcess()
    const done = runCli(['--port', '0', '--key-servers', '2', '--threshold', '1'], process)
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await firstLine)?.[0] as string
    const net = await connectLocalnet(url)
    expect([net.seal.servers.length, net.seal.threshold]).toEqual([2, 1])
    stop()
    expect(await done).toBe(0)
    await expect(connectLocalnet(url)).rejects.toMatchObject({ code: 'chain/unreachable' })
  })

  it('prints its usage, on demand and on wrong arguments', async () => {
    const help = fakeProcess()
    expect(await runCli(['--help'], help.process)).toBe(0)
    expect(help.printed.join('')).toContain('usage: locket-localnet')
    for (const args of [['--shards', '7'], ['--port', 'x'], ['--port', '70000'], ['--what']]) {
      const wrong = fakeProcess()
      expect(await runCli(args, wrong.process)).toBe(2)
      expect(wrong.complained.join('')).toContain('usage: locket-localnet')
    }
  })

  it('fails with a reason when it cannot serve', async () => {
    const { process, complained } = fakeProcess()
    expect(await runCli(['--port', '0', '--key-servers', '2', '--threshold', '3'], process)).toBe(1)
    expect(complained.join('')).toContain('threshold')
  })
})
