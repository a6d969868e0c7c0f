import { describe, expect, it } from 'vitest'
import type { Bytes } from '../../src/core/bytes.ts'
import { isLocketError } from '../../src/core/errors.ts'
import { decodeOutboxRecord, encodeOutboxRecord } from '../../src/relay/outbox-record.ts'
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  REFUSALS,
  type ClientFrame,
  type ServerFrame,
} from '../../src/relay/wire.ts'
import { createChooser } from '../helpers/store.ts'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 20_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const TIMEOUT_MS = Math.max(60_000, RUNS)

const fill = (length: number, value: number) => new Uint8Array(length).fill(value)
const clientFrames: readonly ClientFrame[] = [
  { type: 'hello', request: 1, admission: 'ünï' },
  { type: 'hello', request: 1, admission: '' },
  { type: 'send', request: 0xffff_ffff, token: fill(32, 1), ttlSeconds: 3_600, body: fill(3, 9) },
  { type: 'open', request: 2, token: fill(32, 1), credit: 32, after: fill(16, 0) },
  { type: 'acknowledge', request: 3, token: fill(32, 1), id: fill(32, 5) },
  { type: 'credit', request: 4, credit: 16 },
  { type: 'leave', request: 5 },
  { type: 'ping', request: 6 },
]
const serverFrames: readonly ServerFrame[] = [
  { type: 'ok', request: 1 },
  ...REFUSALS.map((reason) => ({ type: 'refused', request: 0, reason, afterMs: 30_000 }) as const),
  { type: 'delivery', request: 7, handle: fill(16, 3), body: fill(3, 9) },
]
const record = { mailbox: fill(32, 1), addedAtMs: 1_735_689_600_000, ttlMs: 3_600_000, body: fill(3, 9) }

const decoders = [
  {
    name: 'client frame',
    recode: (bytes: Bytes) => encodeClientFrame(decodeClientFrame(bytes)),
    seeds: clientFrames.map(encodeClientFrame),
  },
  {
    name: 'server frame',
    recode: (bytes: Bytes) => encodeServerFrame(decodeServerFrame(bytes)),
    seeds: serverFrames.map(encodeServerFrame),
  },
  { name: 'outbox record', recode: (bytes: Bytes) => encodeOutboxRecord(decodeOutboxRecord(bytes)), seeds: [encodeOutboxRecord(record)] },
]

describe.each(decoders)('the decoder of a $name', ({ recode, seeds }) => {
  it('reads what was written', () => {
    for (const seed of seeds) expect(recode(seed)).toEqual(seed)
  })

  it('refuses or reads again every truncation', () => {
    for (const seed of seeds)
      for (let length = 0; length < seed.length; length++) check(recode, seed.slice(0, length), `truncated to ${length}`)
  })

  it(`accepts only what it writes again byte for byte, over ${RUNS} mutations of seed ${SEED}`, { timeout: TIMEOUT_MS }, () => {
    const below = createChooser(SEED)
    for (let run = 0; run < RUNS; run++) {
      let bytes = (seeds[below(seeds.length)] as Bytes).slice()
      for (let change = below(3); change >= 0; change--) {
        const at = below(bytes.length + 1)
        const kind = below(4)
        if (kind === 0 && bytes.length > 0) bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ (1 << below(8))
        else if (kind === 1) bytes = bytes.slice(0, at)
        else if (kind === 2) bytes = Uint8Array.from([...bytes.subarray(0, at), below(256), ...bytes.subarray(at)])
        else bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)])
      }
      check(recode, bytes, `run ${run}, seed ${SEED}`)
    }
  })
})

function check(recode: (bytes: Bytes) => Bytes, bytes: Bytes, where: string): void {
  let again: Bytes
  try {
    again = recode(bytes)
  } catch (error) {
    if (isLocketError(error) && error.code.startsWith('codec/')) return
    throw new Error(`${where}: ${Buffer.from(bytes).toString('hex')}`, { cause: error })
  }
  expect(again, where).toEqual(bytes)
}
