import { describe, expect, it } from 'vitest'
import { utf8, type Bytes } from '../../src/core/bytes.ts'
import { isLocketError } from '../../src/core/errors.ts'
import { decodeSealed, encodeSealed, pad, unpad } from '../../src/crypto/index.ts'
import { createCrc32c } from '../../src/store/crc32c.ts'
import { decodeHead, encodeHead } from '../../src/store/dual-head.ts'
import { decodeRecord, encodeRecord, withValues } from '../../src/store/journal-record.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'
import { decodeHeader, encodeHeader } from '../../src/unlock/header.ts'
import { decodePassphraseParameters } from '../../src/unlock/passphrase.ts'
import { createChooser, journalDisks, openOn, put } from '../helpers/store.ts'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 20_000)
/** Only so that a long run is not cut off. */
const TIMEOUT_MS = Math.max(60_000, RUNS)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)

type Target = {
  readonly name: string
  /** Decodes and encodes again. `undefined` is a refusal without an error. */
  readonly recode: (bytes: Bytes) => Uint8Array | undefined
  readonly seeds: readonly Bytes[]
  readonly codes: readonly string[]
  /** Fixes a checksum after a mutation, so that the fuzzer gets past it. */
  readonly fixUp?: (bytes: Bytes) => void
}

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

const targets: readonly Target[] = [
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

/** Bit flips, bytes set, cut, doubled, inserted, lengths blown up; or noise. */
function mutate(seed: Bytes, choose: (n: number) => number): Bytes {
  let bytes: Bytes = seed.slice()
  for (let i = 1 + choose(3); i > 0; i--) {
    const at = choose(Math.max(1, bytes.length))
    switch (choose(7)) {
      case 0:
        if (bytes.length > 0) bytes[at] = (bytes[at] as number) ^ (1 << choose(8))
        break
      case 1:
        if (bytes.length > 0) bytes[at] = choose(256)
        break
      case 2:
        bytes = bytes.slice(0, at)
        break
      case 3:
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at, at + choose(20)), ...bytes.subarray(at)])
        break
      case 4:
        bytes = Uint8Array.from([...bytes.subarray(0, at), choose(256), ...bytes.subarray(at)])
        break
      case 5:
        bytes.fill(255, at, at + 1 + choose(4))
        break
      default:
        if (choose(10) === 0) bytes = Uint8Array.from({ length: choose(200) }, () => choose(256))
    }
  }
  return bytes
}

describe('decoders of what lies on the device', () => {
  for (const { name, recode, seeds, codes, fixUp } of targets) {
    it(
      `${name}: accepts its own, and is typed or identical for ${RUNS} others (seed ${SEED})`,
      () => {
        for (const seed of seeds) expect(recode(seed)).toEqual(seed)
        const choose = createChooser(SEED)
        for (let run = 0; run < RUNS; run++) {
          const input = mutate(seeds[choose(seeds.length)] as Bytes, choose)
          if (choose(2) === 0) fixUp?.(input)
          const untouched = input.slice()
          let output: Uint8Array | undefined
          try {
            output = recode(input)
          } catch (error) {
            if (!isLocketError(error) || !codes.includes(error.code)) throw new Error(`run ${run}: ${String(error)}`, { cause: error })
          }
          if (output !== undefined && !same(output, input)) throw new Error(`run ${run}: ${name} re-encodes differently`)
          if (!same(untouched, input)) throw new Error(`run ${run}: ${name} changed its input`)
        }
      },
      TIMEOUT_MS,
    )
  }

  it(
    'a journal file of any bytes opens, and can be written to',
    async () => {
      const disks = journalDisks()
      const store = await openOn(disks)
      for (let i = 0; i < 4; i++) await store.batch([put(`k${i}`, 'v'.repeat(i * 5)), { type: 'delete', key: 'k0' }])
      const image = disks[0].bytes()
      const choose = createChooser(SEED)
      for (let run = 0; run < RUNS / 20; run++) {
        const damaged = journalDisks()
        damaged[0].replace(mutate(image, choose))
        if (choose(4) === 0) damaged[1].replace(mutate(image, choose))
        const opened = await openOn(damaged)
        await opened.put('new', utf8('value'))
        const again = await openOn(damaged)
        expect(await again.get('new')).toEqual(utf8('value'))
      }
    },
    TIMEOUT_MS,
  )
})

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
