import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { connectLocalnet } from '../../src/localnet/http/client.ts'
import { openLocket } from '../../src/locket/open-locket.ts'
import type { Network } from '../../src/network.ts'
import type { Locket } from '../../src/locket/types.ts'
import { memoryStorage } from '../../src/locket/storage.ts'
import { diaryExcerpt, loadDiary } from '../helpers/diary.ts'
import { cpuMsOf, median } from './cpu.ts'
import { row, type Row } from './row.ts'
import { measureSeal } from './seal-baseline.ts'

const ROUNDS = 5

/**
 * Restoring a diary on an empty device, beside one Seal decryption for each
 * memory. The network runs in another process, so CPU is the client's alone;
 * what it costs to open the device is counted in.
 */
export async function benchRestore(): Promise<Row[]> {
  const { entries } = loadDiary() ?? diaryExcerpt()
  const server = spawn(process.execPath, [fileURLToPath(new URL('localnet-server.js', import.meta.url)), '1000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer]
    const network = await connectLocalnet(String(line).trim())
    const memories = await fillVault(network, entries)
    const restores: number[] = []
    const recalls: number[] = []
    let restored = 0
    for (let round = 0; round <= ROUNDS; round++) {
      const measured = await restoreOnce(network)
      restored = measured.restored
      if (round === 0) continue
      restores.push(measured.restoreMs)
      recalls.push(measured.restoreMs + measured.recallMs)
    }
    const oursMs = median(restores)
    const meanBytes = Math.round(entries.reduce((sum, { text }) => sum + text.length, 0) / entries.length)
    const { decryptMs } = await measureSeal(network, meanBytes)
    const theirsMs = decryptMs * entries.length
    const label = `restoring ${entries.length} memories`
    return [
      row(`${label}: brought back`, restored, '', { atLeast: memories }),
      row(`${label}: CPU`, oursMs, 'ms', undefined, theirsMs),
      row(`${label}: CPU, words indexed and a question answered as well`, median(recalls), 'ms', undefined, theirsMs),
      row(`${label}: times less CPU than one Seal decryption per memory`, theirsMs / oursMs, 'x', { atLeast: 100 }),
    ]
  } finally {
    server.kill()
  }
}

type Entries = ReturnType<typeof diaryExcerpt>['entries']

/** One device writes the diary, and is gone: an empty device does not carry another's memory about. */
async function fillVault(network: Network, entries: Entries): Promise<number> {
  const locket = await openLocket({ network })
  await locket.remember(entries.map(({ text, date }) => ({ text, occurredAtMs: Date.parse(date) })))
  const { memories } = await locket.flush()
  await locket.close()
  return memories
}

/** One empty device. */
async function restoreOnce(network: Network): Promise<{ restored: number; restoreMs: number; recallMs: number }> {
  let device: Locket | undefined
  let restored = 0
  const restoreMs = await cpuMsOf(async () => {
    device = await openLocket({ network, storage: memoryStorage() })
    restored = (await device.restore()).restored
  })
  const recallMs = await cpuMsOf(async () => device?.recall('the plague'))
  await device?.close()
  return { restored, restoreMs, recallMs }
}
