import { describe } from 'vitest'
import { toHex, type Bytes } from '../../src/core/bytes.ts'
import { randomBytes } from '../../src/core/capabilities.ts'
import { decodeKeyRecord, encodeKeyRecord, type EpochRecord, type KeyRecord } from '../../src/mpc/key-record.ts'
import { decodeStep, type Step } from '../../src/mpc/step.ts'
import { createWireWriter } from '../helpers/mpc/wire.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'
import { fuzzDecoder, type FuzzTarget } from '../helpers/fuzz.ts'

const entropy = createSeededEntropy('mpc fuzz')
const hex = (bytes: number) => toHex(randomBytes(entropy, bytes))

const epoch: EpochRecord = {
  epoch: 3,
  threshold: 2,
  self: 1,
  members: [1, 2, 3].map((index) => ({ index, name: `device ${index}`, card: randomBytes(entropy, 64) })),
  publicKey: randomBytes(entropy, 33),
  digest: randomBytes(entropy, 32),
  acknowledgements: [{ party: 2, signature: randomBytes(entropy, 64) }],
}

const record: KeyRecord = {
  id: hex(32),
  suite: 'ecdsa-secp256k1',
  incarnation: hex(16),
  revision: 9n,
  current: epoch,
  next: { ...epoch, epoch: 4, isAcknowledged: true },
  bans: [{ party: 3, epoch: 2, card: randomBytes(entropy, 64) }],
  presignatures: [{ id: hex(32), parties: [1, 2], path: 'm/44/0' }],
  seen: new Map([[2, { incarnation: hex(16), opening: hex(16), revision: 5n }]]),
}
const bare: KeyRecord = { ...record, current: undefined, next: undefined, bans: [], presignatures: [], seen: new Map() }

const step: Step = {
  kind: 'send',
  round: 2,
  broadcast: randomBytes(entropy, 40),
  direct: new Map([
    [2, randomBytes(entropy, 20)],
    [3, randomBytes(entropy, 0)],
  ]),
}

/** What the core writes. */
function encodeStep(value: Step): Bytes {
  const writer = createWireWriter()
  if (value.kind === 'end') return writer.u8(1).bytes(value.result).finish()
  writer.u8(0).u8(value.round).bytes(value.broadcast).u8(value.direct.size)
  for (const [party, body] of value.direct) writer.u8(party).bytes(body)
  return writer.finish()
}

const CODEC = ['codec/invalid', 'codec/truncated', 'codec/trailing-bytes', 'codec/unknown-version']

describe('decoders of threshold keys', () => {
  const targets: readonly FuzzTarget[] = [
    {
      name: 'key record',
      recode: (bytes) => encodeKeyRecord(decodeKeyRecord(bytes)),
      seeds: [encodeKeyRecord(record), encodeKeyRecord(bare)],
      codes: CODEC,
      share: 4,
    },
    {
      name: 'step',
      recode: (bytes) => encodeStep(decodeStep(bytes)),
      seeds: [encodeStep(step), encodeStep({ kind: 'end', result: randomBytes(entropy, 30) })],
      codes: CODEC,
    },
  ]
  for (const target of targets) fuzzDecoder(target)
})
