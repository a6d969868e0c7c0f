import { bcs, toBase64 } from '@mysten/bcs'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { describe } from 'vitest'
import { concatBytes, fromBase64Url, fromHex, utf8, type Bytes } from '../../src/core/bytes.ts'
import { randomBytes } from '../../src/core/capabilities.ts'
import { createAead, expandKey } from '../../src/crypto/index.ts'
import { fingerprintOf, openHistory, openLabel, sealHistory, sealLabel, type KeyHistory } from '../../src/seal/data-keys.ts'
import { decodeSession, encodeSession } from '../../src/seal/session-record.ts'
import { decodeMarker, decodeSpace, ROLES } from '../../src/seal/space.wire.ts'
import { verifyPossession } from '../../src/seal/verify-possession.ts'
import { verifyUserKeys } from '../../src/seal/verify-user-keys.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'
import { fuzzDecoder, type FuzzTarget } from '../helpers/fuzz.ts'

const entropy = createSeededEntropy('seal fuzz')
const random = (length: number) => randomBytes(entropy, length)
const hex = (length = 32) => `0x${Buffer.from(random(length)).toString('hex')}`
const CODEC = ['codec/invalid', 'codec/truncated', 'codec/trailing-bytes', 'codec/unknown-version']

/** The contract's `struct Space`, written down a second time. */
const Space = bcs.tuple([
  bcs.bytes(32),
  bcs.u64(),
  bcs.bytes(32),
  bcs.u32(),
  bcs.u64(),
  bcs.byteVector(),
  bcs.byteVector(),
  bcs.byteVector(),
  bcs.byteVector(),
  bcs.vector(bcs.tuple([bcs.bytes(32), bcs.u8(), bcs.u64()])),
  bcs.option(bcs.tuple([bcs.bytes(32), bcs.u64()])),
  bcs.option(bcs.tuple([bcs.bytes(32), bcs.u64()])),
  bcs.u64(),
])

function encodeSpace(space: ReturnType<typeof decodeSpace>): Uint8Array {
  return Space.serialize([
    fromHex(space.id),
    space.version,
    fromHex(space.owner),
    space.epoch,
    space.headVersion,
    space.headBlobId === undefined ? [] : fromBase64Url(space.headBlobId),
    space.keyEnvelope,
    space.keyHistory,
    space.label,
    space.members.map(({ address, role, expiresAtMs }) => [fromHex(address), ROLES.indexOf(role), expiresAtMs ?? 0] as const),
    space.timelock === undefined ? null : [fromHex(space.timelock.beneficiary), space.timelock.releaseAtMs],
    space.successor === undefined ? null : [fromHex(space.successor.address), space.successor.silenceMs],
    space.lastSeenMs,
  ]).toBytes()
}

const space = {
  id: hex(),
  version: 1,
  owner: hex(),
  epoch: 3,
  headVersion: 9n,
  headBlobId: 'jv8bhuafsgwLTSK42_ZWyM_80Tv9ohbgxP2orlHedFI',
  keyEnvelope: random(40),
  keyHistory: random(20),
  label: random(10),
  members: [
    { address: hex(), role: 'reader' as const, expiresAtMs: undefined },
    { address: hex(), role: 'writer' as const, expiresAtMs: 1_700_000_000_000 },
  ],
  timelock: { beneficiary: hex(), releaseAtMs: 5 },
  successor: { address: hex(), silenceMs: 7 },
  lastSeenMs: 1_700_000_000_000,
}
const bareSpace = { ...space, headBlobId: undefined, members: [], timelock: undefined, successor: undefined }

const place = { spaceId: space.id, epoch: 3 }
const dataKey = random(32)
const aead = createAead()
/** Seals mutated content as a member who has the data key could. */
async function forged(purpose: 'history' | 'label', plaintext: Uint8Array): Promise<Bytes> {
  const label = utf8(`locket/space-${purpose}/v1`)
  const key = expandKey({ secret: dataKey, info: label, lengthBytes: 32 })
  return aead.seal({ key, plaintext, associatedData: concatBytes(label, fromHex(place.spaceId), Uint8Array.of(3, 0, 0, 0)), entropy })
}
async function opened(purpose: 'history' | 'label', sealed: Uint8Array): Promise<Bytes> {
  const label = utf8(`locket/space-${purpose}/v1`)
  const key = expandKey({ secret: dataKey, info: label, lengthBytes: 32 })
  return aead.open({ key, sealed, associatedData: concatBytes(label, fromHex(place.spaceId), Uint8Array.of(3, 0, 0, 0)) })
}
const older: KeyHistory = {
  keys: new Map([
    [0, random(32)],
    [2, random(32)],
  ]),
  fingerprints: new Map([[1, fingerprintOf(random(32))]]),
}
const history = await opened('history', await sealHistory({ ...place, dataKey, older, entropy }))
const label = await opened('label', await sealLabel({ ...place, dataKey, label: 'família', entropy }))

/** An honest answer of a key server with master key 7 to a request for one identity. */
const { G1, fields, shortSignatures } = bls12_381
const master = fields.Fr.toBytes(7n)
const publicKey = shortSignatures.getPublicKey(master).toBytes()
const encKey = fields.Fr.toBytes(11n)
const fullId = Buffer.from(random(40)).toString('hex')
const identity = G1.Point.fromAffine(G1.hashToCurve(concatBytes(utf8('SUI-SEAL-IBE-BLS12381-00'), fromHex(fullId))).toAffine())
const answer = utf8(
  JSON.stringify({
    decryption_keys: [
      {
        id: [...fromHex(fullId)],
        encrypted_key: [
          toBase64(G1.Point.BASE.multiply(5n).toBytes()),
          toBase64(G1.Point.BASE.multiply(11n).multiply(5n).add(identity.multiply(7n)).toBytes()),
        ],
      },
    ],
  }),
)
const objectId = hex()
const possession = utf8(
  JSON.stringify({
    service_id: objectId,
    pop: toBase64(
      shortSignatures
        .sign(shortSignatures.hash(concatBytes(utf8('SUI-SEAL-IBE-BLS12381-POP-00'), publicKey, fromHex(objectId))), master)
        .toBytes(),
    ),
  }),
)

describe('decoders of spaces, sessions and what key servers answer', () => {
  const targets: readonly FuzzTarget[] = [
    {
      name: 'space',
      recode: (bytes) => {
        const read = decodeSpace(bytes)
        // Times and the version are numbers: beyond 2^53 they are read rounded, which no time in use is.
        const numbers = [read.version, read.lastSeenMs, read.timelock?.releaseAtMs ?? 0, read.successor?.silenceMs ?? 0]
        const areExact = [...numbers, ...read.members.map(({ expiresAtMs }) => expiresAtMs ?? 0)].every(Number.isSafeInteger)
        return areExact ? encodeSpace(read) : undefined
      },
      seeds: [encodeSpace(space) as Bytes, encodeSpace(bareSpace) as Bytes],
      codes: CODEC,
    },
    {
      name: 'marker of a space',
      recode: (bytes) => concatBytes(bytes.subarray(0, 32), fromHex(decodeMarker(bytes).spaceId), Uint8Array.of((bytes[64] as number) & 1)),
      seeds: [concatBytes(random(64), Uint8Array.of(1)), concatBytes(random(64), Uint8Array.of(0))],
      codes: CODEC,
    },
    {
      name: 'session record',
      recode: (bytes) => {
        const session = decodeSession(bytes)
        return session === undefined ? undefined : encodeSession(session)
      },
      seeds: [
        encodeSession({
          address: hex(),
          packageId: hex(),
          creationTimeMs: 1_700_000_000_000,
          ttlMin: 10,
          signature: 'c2lnbmF0dXJl',
          secretKey: random(32),
        }),
      ],
      codes: [],
    },
    {
      name: 'key history, forged by a member',
      recode: async (bytes) => {
        const { keys, fingerprints } = await openHistory({ ...place, dataKey, history: await forged('history', bytes) })
        return opened('history', await sealHistory({ ...place, dataKey, older: { keys, fingerprints }, entropy }))
      },
      seeds: [history],
      codes: ['codec/invalid'],
      share: 10,
    },
    {
      name: 'label, forged by a member',
      recode: async (bytes) => {
        const text = await openLabel({ ...place, dataKey, sealed: await forged('label', bytes) })
        return opened('label', await sealLabel({ ...place, dataKey, label: text, entropy }))
      },
      seeds: [label],
      codes: ['codec/invalid', 'codec/truncated'],
      // A label may be padded to more than it needs.
      isLoose: true,
      share: 10,
    },
    {
      name: 'answer of a key server',
      // JSON may be spelled in other ways, but holds the one right key or none.
      recode: (body) => (verifyUserKeys({ body, fullIds: [fullId], secretEncKey: encKey, publicKey, entropy }) ? answer : undefined),
      seeds: [answer],
      codes: [],
      isLoose: true,
      share: 100,
    },
    {
      name: 'proof of possession',
      recode: (body) => (verifyPossession({ body, objectId, publicKey }) ? possession : undefined),
      seeds: [possession],
      codes: [],
      isLoose: true,
      share: 100,
    },
  ]
  for (const target of targets) fuzzDecoder(target)
})
