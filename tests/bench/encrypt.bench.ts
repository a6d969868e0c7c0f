import { systemEntropy, randomBytes } from '../../src/core/capabilities.ts'
import { createAead } from '../../src/crypto/aead.ts'
import { createEnvelope, ITEM_KEY_BYTES } from '../../src/memory/envelope.ts'
import { packVector, type Item } from '../../src/memory/item.ts'
import { localnet } from '../../src/localnet/localnet.ts'
import { toBase64Url } from '../../src/core/bytes.ts'
import { cpuMsOf, median } from './cpu.ts'
import { row, type Row } from './row.ts'
import { measureSeal } from './seal-baseline.ts'
import { diaryTexts } from './texts.ts'

const MEMORIES = 1_000
const SIZE_BYTES = 10_000
const ROUNDS = 5

/** Encrypting 1,000 memories of 10 kB, beside one Seal encryption of 10 kB for each of them. */
export async function benchEncrypt(): Promise<Row[]> {
  const entropy = systemEntropy()
  const envelope = createEnvelope({ aead: createAead(), entropy })
  const spaceId = `0x${'5a'.repeat(32)}`
  const texts = diaryTexts({ count: MEMORIES, lengthUnits: SIZE_BYTES })
  const vector = packVector(
    'bench',
    Float32Array.from({ length: 384 }, (_, i) => Math.sin(i)),
  )
  const items = texts.map((text): Item => ({ ...EMPTY, id: toBase64Url(randomBytes(entropy, 16)), text, vector }))

  const rounds: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const spentMs = await cpuMsOf(async () => {
      // As a flush does it: the keys are drawn together, and the whole group is sealed at once.
      const keys = randomBytes(entropy, items.length * ITEM_KEY_BYTES)
      const keyOf = (i: number) => keys.subarray(i * ITEM_KEY_BYTES, (i + 1) * ITEM_KEY_BYTES)
      await Promise.all(items.map((item, i) => envelope.sealItem(item, spaceId, keyOf(i))))
    })
    if (round > 0) rounds.push(spentMs)
  }
  const oursMs = median(rounds)
  const { encryptMs } = await measureSeal(await localnet(), SIZE_BYTES)
  const theirsMs = encryptMs * MEMORIES
  return [
    row(`encrypting ${MEMORIES} memories of 10 kB, CPU`, oursMs, 'ms', undefined, theirsMs),
    row('encrypting, times less CPU than one Seal encryption per memory', theirsMs / oursMs, 'x', { atLeast: 500 }),
  ]
}

const EMPTY: Omit<Item, 'id' | 'text' | 'vector'> = {
  version: 1,
  createdAtMs: 0,
  updatedAtMs: 0,
  occurredAtMs: 0,
  validFromMs: undefined,
  validUntilMs: undefined,
  importance: 0.5,
  category: 'personal',
  tags: ['diary'],
  source: 'bench',
  links: [],
  contentType: 'text/plain',
  bytes: undefined,
}
