import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { createHashingEmbedder } from '../../src/embed/hashing.ts'
import { openLocket } from '../../src/locket/open-locket.ts'
import { browserStorage } from '../../src/locket/storage-browser.ts'
import type { Network } from '../../src/network.ts'
import { row, type Row } from './row.ts'

export type LocketBenchData = { readonly texts: readonly string[]; readonly questions: readonly string[] }

const IMPORTED = 3_000
const SINGLES = 300
const TOTAL = 10_000
const ROUNDS = 3

/**
 * Remembering and recalling as a person meets it, in a page, with IndexedDB,
 * the OPFS journal and the device worker. Best of three rounds each, as other
 * work shares the machine. Nothing here reaches a network.
 */
export async function benchLocket({ texts, questions }: LocketBenchData): Promise<Row[]> {
  if (texts.length < TOTAL) throw new Error(`${texts.length} texts are fewer than ${TOTAL}`)
  const embedder = createHashingEmbedder()
  const locket = await openLocket({
    network: unreachableNetwork(),
    name: `bench-${performance.now()}`,
    storage: browserStorage(),
    embedder,
    worker: () => new Worker(new URL('../../src/worker/device-worker.ts', import.meta.url), { type: 'module' }),
  })
  await locket.remember(texts.slice(0, IMPORTED).map((text) => ({ text })))
  await locket.recall('warm up')

  const single: number[][] = []
  let next = IMPORTED
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = []
    for (let i = 0; i < SINGLES / ROUNDS; i++) {
      const text = texts[next++] as string
      const [vector] = await embedder.embed([text], { purpose: 'document' })
      const start = performance.now()
      await locket.remember(text, { vector })
      times.push(performance.now() - start)
    }
    single.push(times.toSorted((a, b) => a - b))
  }
  const newest = await locket.recall(texts[next - 1] as string, { limit: 1 })
  const isFound = newest[0]?.memory.text === texts[next - 1]

  await locket.remember(texts.slice(next, TOTAL).map((text) => ({ text })))
  for (const question of questions) await locket.recall(question)
  const recalls: number[][] = []
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = []
    for (const question of questions) {
      const start = performance.now()
      await locket.recall(question)
      times.push(performance.now() - start)
    }
    recalls.push(times.toSorted((a, b) => a - b))
  }
  const { memories, isDurable } = locket.status()
  await locket.close()
  return [
    row('remember, in a page: kept in two durable places and found at once', isDurable && isFound ? 1 : 0, '', { atLeast: 1 }),
    row(`remember, in a page with ${IMPORTED}, embedding aside: p50`, best(single, 0.5), 'ms'),
    row(`remember, in a page with ${IMPORTED}, embedding aside: p95`, best(single, 0.95), 'ms', { below: 50 }),
    row(`recall, in a page, over ${memories}, embedding and decryption included: p50`, best(recalls, 0.5), 'ms', { below: 10 }),
    row(`recall, in a page, over ${memories}: p95`, best(recalls, 0.95), 'ms'),
  ]
}

function best(rounds: readonly (readonly number[])[], share: number): number {
  return Math.min(...rounds.map((times) => times[Math.floor(times.length * share)] as number))
}

/** A wallet to unlock with; everything else would fail if it were asked. */
function unreachableNetwork(): Network {
  const id = (last: string) => `0x${last.padStart(64, '0')}`
  const refuse = async () => {
    throw new TypeError('the bench has no network')
  }
  return {
    name: 'bench',
    client: {} as Network['client'],
    signer: Ed25519Keypair.generate(),
    seal: {
      policyPackageId: id('1'),
      servers: ['2', '3', '4'].map((last) => ({ objectId: id(last), weight: 1 })),
      threshold: 2,
      fetch: refuse,
    },
    walrus: {
      systemObjectId: id('5'),
      stakingPoolId: id('6'),
      aggregators: [],
      upload: { via: 'relay', host: 'https://relay.invalid', maxTipMist: 0 },
      nShards: 1000,
      maxEpochs: 53,
      fetch: refuse,
    },
  }
}
