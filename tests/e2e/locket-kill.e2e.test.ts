import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemEntropy } from '../../src/core/capabilities.ts'
import { openLocalnetServer, type LocalnetServer } from '../../src/localnet/http/server.ts'
import { openLocket } from '../../src/locket/open-locket.ts'
import { nodeStorage } from '../../src/locket/storage-node.ts'
import { memoryStorage } from '../../src/locket/storage.ts'
import type { Locket } from '../../src/locket/types.ts'
import type { Memory } from '../../src/memory/types.ts'
import { createSealEngine } from '../../src/seal/create-seal-engine.ts'
import { createWalrusEngine } from '../../src/walrus/create-walrus-engine.ts'
import { BOUNDARIES } from './crash/failpoints.ts'
import { startWitness, type Witness } from './crash/witness.ts'

/** Kills at random moments, besides one at each boundary. */
const KILLS = 4
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

let directory: string
let server: LocalnetServer
let witness: Witness
const signer = Ed25519Keypair.generate()

beforeAll(async () => {
  // Inside the repository, so that packages resolve.
  await mkdir(join(ROOT, '.reports'), { recursive: true })
  directory = await mkdtemp(join(ROOT, '.reports/kill-'))
  await build({
    entryPoints: [join(ROOT, 'tests/e2e/crash/locket-child.ts')],
    outfile: join(directory, 'child.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  })
  server = await openLocalnetServer()
  witness = await startWitness()
})

afterAll(async () => {
  await server.close()
  await witness.close()
  await rm(directory, { recursive: true, force: true })
})

function start(boundary: string, round: string): ChildProcess {
  const args = [join(directory, 'child.mjs'), server.url, witness.url, join(directory, 'data'), signer.getSecretKey(), boundary, round]
  return spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
}

async function everything(locket: Locket): Promise<Memory[]> {
  const memories: Memory[] = []
  for await (const memory of locket.all()) memories.push(memory)
  return memories
}

it(`loses nothing it acknowledged and pays once, killed at ${BOUNDARIES.length} boundaries and ${KILLS} random moments`, async () => {
  for (const boundary of BOUNDARIES) {
    const child = start(boundary, boundary)
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
    expect(signal, `killed at ${boundary}`).toBe('SIGKILL')
  }
  for (let kill = 0; kill < KILLS; kill++) {
    const before = witness.acknowledged().length
    const child = start('', `random ${kill}`)
    await witness.atLeast(before + 1)
    // Spread over a loop of three writes and an upload, whatever the machine's speed.
    await new Promise((resolve) => setTimeout(resolve, (kill * 331) % 1_700))
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  const acknowledged = witness.acknowledged()
  expect(acknowledged.length).toBeGreaterThan(BOUNDARIES.length)
  const network = { ...server.net, signer }
  const warnings: string[] = []
  const locket = await openLocket({
    network,
    storage: nodeStorage({ directory: join(directory, 'data') }),
    onWarning: ({ code }) => warnings.push(code),
  })
  await locket.flush()
  const memories = await everything(locket)
  const ids = new Set(memories.map(({ id }) => id))
  expect(acknowledged.filter((id) => !ids.has(id))).toEqual([])
  expect(new Set(memories.map(({ text }) => text)).size).toBe(memories.length)
  expect(memories.filter(({ state }) => state !== 'certified')).toEqual([])
  await locket.close()

  // One blob bought for each head the space has had, and no blob bought twice.
  const seal = createSealEngine({
    client: server.net.client,
    signer,
    network: server.net.seal,
    clock: server.net.clock,
    entropy: systemEntropy(),
  })
  const spaces = await seal.listSpaces()
  const walrus = createWalrusEngine({
    client: server.net.client,
    signer,
    network: server.net.walrus,
    clock: server.net.clock,
    entropy: systemEntropy(),
  })
  const owned = await walrus.owned()
  expect(new Set(owned.map(({ blobId }) => blobId)).size).toBe(owned.length)
  expect(owned.length).toBe(spaces.reduce((sum, { headVersion }) => sum + Number(headVersion), 0))

  const other = await openLocket({ network, storage: memoryStorage() })
  expect(await other.restore()).toMatchObject({ restored: memories.length, failed: [], failedSpaces: [] })
  expect(new Set((await everything(other)).map(({ id }) => id))).toEqual(ids)
  await other.close()
  expect(warnings.filter((code) => code !== 'store/corrupt')).toEqual([])
})
