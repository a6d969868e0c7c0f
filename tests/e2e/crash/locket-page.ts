/**
 * The page that is killed: a locket on browser storage, its network outside
 * the browser. Keeps memories and uploads them, telling the witness after each
 * acknowledgement, until it reaches the boundary where it is to die.
 */
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { connectLocalnet } from '../../../src/localnet/http/client.ts'
import { openLocket } from '../../../src/locket/open-locket.ts'
import { browserStorage } from '../../../src/locket/storage-browser.ts'
import type { Locket } from '../../../src/locket/types.ts'
import { createFailpoints } from './failpoints.ts'

/** Where things are, from the address of the page. */
const { url, witness, key } = Object.fromEntries(new URLSearchParams(location.search)) as { url: string; witness: string; key: string }

/** What the tests call. */
export type LocketPage = {
  /** Opens the locket an earlier page left, and says how long until it answered and what it warned of. */
  open(): Promise<{ readonly openMs: number; readonly warnings: readonly string[] }>
  /** What is here. */
  inspect(): Promise<{ readonly id: string; readonly text: string; readonly state: string }[]>
  /** Keeps two memories as one, and uploads. `reached` once it stands at the boundary, where it stays for ever. */
  live(round: string, category: string, boundary: string): Promise<'reached' | 'finished'>
  /** Keeps and uploads for ever. */
  liveOn(round: string): Promise<never>
  flush(): Promise<void>
  /** Destroys everything on this device. */
  destroy(): Promise<void>
  /** Brings back what the network has. */
  restore(): Promise<{ readonly restored: number; readonly failed: number }>
  close(): Promise<void>
}

let armed = ''
let tellReached: () => void = () => undefined
const points = createFailpoints((boundary) => {
  if (boundary !== armed) return
  tellReached()
  return new Promise<void>(() => {})
})
const storage = browserStorage()
let locket: Locket

async function keep(texts: readonly string[], category: string): Promise<void> {
  const outcomes = await locket.remember(texts.map((text) => ({ text, category })))
  const ids = outcomes.map((outcome) => {
    if (!outcome.ok) throw outcome.error
    return outcome.value.id
  })
  await fetch(witness, { method: 'POST', body: ids.join('\n') })
}

/** A tab that was killed lets go of its locks a moment later. */
async function opened(warnings: string[]): Promise<Locket> {
  const send = points.fetch((input, init) => fetch(input, init))
  const network = await connectLocalnet(url, { signer: Ed25519Keypair.fromSecretKey(key), fetch: send })
  for (let attempt = 0; ; attempt++) {
    try {
      return await openLocket({
        network,
        storage: points.storage(storage),
        worker: () => new Worker(new URL('../../../src/worker/device-worker.ts', import.meta.url), { type: 'module' }),
        onWarning: ({ code }) => warnings.push(code),
      })
    } catch (error) {
      if ((error as { code?: string }).code !== 'store/locked' || attempt === 200) throw error
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

const page: LocketPage = {
  async open() {
    const startedMs = performance.now()
    const warnings: string[] = []
    locket = await opened(warnings)
    await locket.recall('memory')
    return { openMs: performance.now() - startedMs, warnings }
  },
  async inspect() {
    const memories = []
    for await (const { id, text, state } of locket.all()) memories.push({ id, text, state })
    return memories
  },
  async live(round, category, boundary) {
    const reached = new Promise<'reached'>((resolve) => (tellReached = () => resolve('reached')))
    armed = boundary
    const finished = keep([`memory ${round}/a`, `memory ${round}/b`], category)
      .then(() => locket.flush())
      .then(() => 'finished' as const)
    return Promise.race([reached, finished])
  },
  async liveOn(round) {
    for (let i = 0; ; i++) {
      await keep([`memory ${round}/${i}/a`, `memory ${round}/${i}/b`], 'memories')
      if (i % 3 === 2) await locket.flush()
    }
  },
  flush: async () => void (await locket.flush()),
  async destroy() {
    await locket.close()
    await storage.destroy('locket')
  },
  async restore() {
    const { restored, failed, failedSpaces } = await locket.restore()
    return { restored, failed: failed.length + failedSpaces.length }
  },
  close: () => locket.close(),
}

Object.assign(globalThis, { page })
