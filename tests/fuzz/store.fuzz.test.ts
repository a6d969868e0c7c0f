import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { decodeSealed, encodeSealed, pad, unpad } from '../../src/crypto/index.ts'
import { createCrc32c } from '../../src/store/crc32c.ts'
import { decodeHead, encodeHead } from '../../src/store/dual-head.ts'
import { decodeRecord, encodeRecord, withValues } from '../../src/store/journal-record.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'
import { decodeHeader, encodeHeader } from '../../src/unlock/header.ts'
import { decodePassphraseParameters } from '../../src/unlock/passphrase.ts'
import { FUZZ_RUNS, fuzzDecoder, type FuzzTarget } from '../helpers/fuzz.ts'
import { mutate } from '../helpers/mutate.ts'
import { createChooser, journalDisks, openOn, put } from '../helpers/store.ts'

const FILES = Math.ceil(FUZZ_RUNS / 20)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)

const random = (length: number) => {
  const out = new Uint8Array(length)
  createSeededEntropy(length).fill(out)
  return out
}
const crc = createCrc32c()
const entry = (kind: 'wallet' | 'passphrase' | 'passkey', id: number, length: number) => ({
  kind,
  id: new Uint8Array(16).fill(id),
  parameters: random(length),
  wrapped: random(106),
})

const targets: readonly FuzzTarget[] = [
  {
    name: 'sealed message',
    recode: (bytes) => encodeSealed(decodeSealed(bytes)),
    seeds: [1, 2].map((suite) =>
      encodeSealed({ suite: suite as 1 | 2, salt: random(24), commitment: random(32), ciphertext: random(16 + suite * 9) }),
    ),
    codes: ['crypto/open-failed'],
  },
  {
    name: 'padded content',
    recode: (bytes) => {
      const content = unpad(bytes)
      // A longer Padmé length than needed is what a minimum makes.
      return pad(content, bytes.length)
    },
    seeds: [pad(utf8('')), pad(utf8('hello')), pad(random(300)), pad(utf8('x'), 256)],
    codes: ['codec/truncated', 'codec/invalid'],
  },
  {
    name: 'journal record',
    recode: (bytes) => {
      const record = decodeRecord(bytes, crc)
      return encodeRecord({ ...record, ops: withValues(record.ops, bytes) }, crc)
    },
    seeds: (['snapshot', 'complete', 'batch'] as const).map((kind, i) =>
      encodeRecord(
        { kind, generation: i + 1, sequence: BigInt(i), ops: [put('a', 'one'), { type: 'delete', key: 'b/c' }, put('d', '')] },
        crc,
      ),
    ),
    codes: ['store/corrupt'],
    fixUp: (bytes) => {
      if (bytes.length >= 28) new DataView(bytes.buffer).setUint32(24, crc(bytes.subarray(28), crc(bytes.subarray(0, 24))), true)
      return bytes
    },
  },
  {
    name: 'vault header',
    recode: (bytes) => encodeHeader(decodeHeader(bytes)),
    seeds: [
      encodeHeader({ vaultId: random(16), entries: [entry('wallet', 1, 32)] }),
      encodeHeader({ vaultId: random(16), entries: [entry('passphrase', 1, 25), entry('passkey', 2, 64), entry('wallet', 3, 32)] }),
    ],
    codes: ['codec/unknown-version', 'codec/truncated', 'codec/trailing-bytes', 'codec/invalid'],
  },
  {
    name: 'passphrase parameters',
    recode: (bytes) => {
      const { memoryKib, iterations, lanes, salt } = decodePassphraseParameters(bytes)
      const out = new Uint8Array(25)
      const view = new DataView(out.buffer)
      view.setUint32(0, memoryKib, true)
      view.setUint32(4, iterations, true)
      out[8] = lanes
      out.set(salt, 9)
      return out
    },
    seeds: [Uint8Array.from([0, 0, 1, 0, 3, 0, 0, 0, 1, ...random(16)])],
    codes: ['codec/invalid'],
  },
  {
    name: 'dual head',
    recode: (bytes) => {
      const head = decodeHead(bytes)
      return head === undefined ? undefined : encodeHead(head)
    },
    seeds: [encodeHead({ state: 'whole', sequence: 7n, tag: random(16) }), encodeHead({ state: 'copying', sequence: 1n, tag: random(16) })],
    codes: [],
  },
]

describe('decoders of what lies on the device', () => {
  for (const target of targets) fuzzDecoder(target)

  it(
    'a journal file of any bytes opens, and can be written to',
    async () => {
      const disks = journalDisks()
      const store = await openOn(disks)
      for (let i = 0; i < 4; i++) await store.batch([put(`k${i}`, 'v'.repeat(i * 5)), { type: 'delete', key: 'k0' }])
      const image = disks[0].bytes()
      const choose = createChooser(SEED)
      for (let run = 0; run < FILES; run++) {
        const damaged = journalDisks()
        damaged[0].replace(mutate([image], choose))
        if (choose(4) === 0) damaged[1].replace(mutate([image], choose))
        const opened = await openOn(damaged)
        await opened.put('new', utf8('value'))
        const again = await openOn(damaged)
        expect(await again.get('new')).toEqual(utf8('value'))
      }
    },
    Math.max(60_000, FILES * 20),
  )
})
