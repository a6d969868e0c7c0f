import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createHashingEmbedder } from '../../src/embed/hashing.ts'
import { localnet } from '../../src/localnet/localnet.ts'
import { openLocket } from '../../src/locket/open-locket.ts'
import { nodeStorage } from '../../src/locket/storage-node.ts'
import { memoryStorage } from '../../src/locket/storage.ts'
import { toWireInstant } from '../../src/memory/time.ts'
import { createPrivacyRecorder, type Canary } from '../../src/testkit/privacy-recorder.ts'
import { diaryExcerpt, loadDiary } from '../helpers/diary.ts'
import { watchedNetwork, watchedStorage } from '../helpers/watched-network.ts'

const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

const MEMORIES = 200
/** Each fifth memory is watched for: a scan for all would take minutes and find nothing more. */
const WATCHED = 40
const CATEGORIES = ['financial', 'household-matters', 'medical']
const QUESTION = 'where did I bury the parmesan cheese?'

function inputs() {
  const { entries } = loadDiary() ?? diaryExcerpt()
  return Array.from({ length: MEMORIES }, (_, i) => ({
    // Its own mark at the end: the same words may well be in two entries.
    text: `${(entries[i % entries.length] as { text: string }).text.slice(0, 700)} [mark ${i}-quince]`,
    category: CATEGORIES[i % CATEGORIES.length] as string,
    tags: [`tag-of-${i}-damson`],
    source: `source-number-${i}-medlar`,
    occurredAtMs: Date.UTC(1660, 0, 1 + i),
  }))
}

/** The ways in which a time would be written: as an item's bytes spell it, or as a number. */
function instants(timeMs: number): Canary[] {
  const shifted = new Uint8Array(8)
  new DataView(shifted.buffer).setBigUint64(0, BigInt(toWireInstant(timeMs)), true)
  return [shifted, String(timeMs)]
}

/** Every way in which a watched memory would be recognised. */
async function canariesOf(memories: ReturnType<typeof inputs>): Promise<Canary[]> {
  const watched = memories.filter((_, i) => i % (MEMORIES / WATCHED) === 0)
  const vectors = await createHashingEmbedder().embed(
    watched.map(({ text }) => text),
    { purpose: 'document' },
  )
  return [
    ...watched.flatMap(({ text, tags, source }) => [text.slice(40, 72), text.slice(-20), ...tags, source]),
    ...watched.filter((_, i) => i % 4 === 0).flatMap(({ occurredAtMs }) => instants(occurredAtMs)),
    ...vectors,
    ...CATEGORIES,
    QUESTION,
    'a newer wording',
    'damaged goods',
    'correct horse battery staple',
  ]
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

describe('a whole life of 200 memories (V1, V3)', () => {
  it('leaves nothing readable on the wire, in any write, in any file and in the exported bundle', async () => {
    const net = await localnet({ requestsKeptCount: 1 })
    const recorder = createPrivacyRecorder()
    const network = watchedNetwork(net, recorder)
    const directory = await mkdtemp(join(tmpdir(), 'locket-privacy-'))
    directories.push(directory)
    const memories = inputs()
    const canaries = await canariesOf(memories)
    const told: string[] = []

    const locket = await openLocket({ network, storage: watchedStorage(nodeStorage({ directory }), recorder) })
    locket.on('state', (event) => told.push(JSON.stringify(event)))
    locket.on('progress', (event) => told.push(JSON.stringify(event)))
    const outcomes = await locket.remember(memories)
    const ids = outcomes.map((outcome) => (outcome.ok ? outcome.value.id : ''))
    expect((await locket.recall(QUESTION)).length).toBeGreaterThan(0)
    await locket.flush()
    await locket.update(ids[0] as string, { text: 'a newer wording', tags: ['damaged goods'] })
    const friend = await net.createWallet()
    await locket.share('medical', { address: friend.toSuiAddress() })
    const [receipt] = await locket.forget(ids[1] as string)
    expect(receipt).toMatchObject({ keyDestroyed: true, pending: undefined })
    await locket.flush()
    const bundle = await locket.export({ passphrase: 'correct horse battery staple' })
    recorder.record('bundle', bundle)
    await locket.close()

    const second = await openLocket({ network, storage: watchedStorage(memoryStorage(), recorder) })
    const report = await second.restore()
    expect(report).toMatchObject({ failed: [], failedSpaces: [], restored: MEMORIES })
    expect((await second.recall('a newer wording'))[0]?.memory.id).toBe(ids[0])
    await second.close()

    recorder.record('events', told.join('\n'))
    const files = await filesBelow(directory)
    expect(files.length).toBeGreaterThan(3)
    for (const path of files) {
      recorder.record('file name', path)
      recorder.record(`file ${path}`, await readFile(path))
    }
    const channels = new Set(recorder.crossings.map(({ channel }) => channel.split(' ')[0]))
    expect([...channels].toSorted()).toEqual(['bundle', 'cache', 'events', 'fetch', 'file', 'vault', 'wire'])
    recorder.expectNoPlaintext(canaries)
    // Hundreds of spellings are looked for in everything: only so that a busy machine does not cut it off.
  }, 300_000)

  it('is watched by a recorder that does find what leaks', async () => {
    const net = await localnet({ requestsKeptCount: 1 })
    const canaries = await canariesOf(inputs())
    const text = canaries[0] as string
    const vector = canaries.find((canary) => canary instanceof Float32Array) as Float32Array

    const wire = createPrivacyRecorder()
    const network = watchedNetwork(net, wire)
    await network.walrus.fetch?.(`${network.walrus.aggregators[0]}/v1/blobs/x?q=${encodeURIComponent(text)}`)
    expect(() => wire.expectNoPlaintext(canaries)).toThrow(/canary 0/)

    const disk = createPrivacyRecorder()
    const opened = await watchedStorage(memoryStorage(), disk).open({
      name: 'x',
      clock: net.clock,
      entropy: { fill: () => undefined },
    })
    await opened.cache.put('m/1', new Uint8Array(vector.buffer.slice(0)))
    expect(() => disk.expectNoPlaintext(canaries)).toThrow(/float32 in cache/)
  })
})
