import { bcs } from '@mysten/bcs'
import type { Transaction } from '@mysten/sui/transactions'
import { toBase64Url, toHex, type Bytes } from '../../src/core/bytes.ts'
import { randomBytes, type Entropy } from '../../src/core/capabilities.ts'
import { encode } from '../../src/core/codec.ts'
import { LocketError } from '../../src/core/errors.ts'
import type { Quilts, Spaces } from '../../src/memory/ports.ts'
import type { SpaceState } from '../../src/seal/types.ts'
import type { UploadState } from '../../src/walrus/types.ts'
import { sha256 } from '@noble/hashes/sha2.js'

/**
 * A stand-in for chain, key servers and storage, for tests of the memory
 * engine's own logic. It keeps the rules the engine relies on: a head moves
 * only from the expected version, a transaction takes effect whole or not at
 * all, an old epoch's key is refused. The real clients run in the localnet tests.
 */
export type FakeNetwork = {
  readonly spaces: Map<string, { state: SpaceState; keys: Map<number, Bytes>; category: string }>
  readonly blobs: Map<string, { patches: Map<string, Bytes>; endEpoch: number; deletable: boolean }>
  /** Blobs paid for, in order: a blob paid twice is here twice. */
  readonly paid: string[]
  readonly counts: { signatures: number; sealEncryptions: number; sealDecryptions: number; blobReads: number }
  /** Called at every named boundary; throwing there is a crash at that point. */
  failpoint: (name: string) => void
  /** Alters what a read returns. */
  tamper: (identifier: string, bytes: Bytes) => Bytes
  device(address?: string): { readonly spaces: Spaces; readonly quilts: Quilts }
}

const FakeQuiltBcs = bcs.struct('FakeQuilt', {
  salt: bcs.bytes(8),
  rows: bcs.vector(bcs.struct('Row', { identifier: bcs.string(), bytes: bcs.byteVector() })),
})

type FakeTransaction = { readonly checks: (() => void)[]; readonly effects: (() => void)[] }

export function createFakeNetwork(entropy: Entropy): FakeNetwork {
  const network: FakeNetwork = {
    spaces: new Map(),
    blobs: new Map(),
    paid: [],
    counts: { signatures: 0, sealEncryptions: 0, sealDecryptions: 0, blobReads: 0 },
    failpoint: () => undefined,
    tamper: (_identifier, bytes) => bytes,
    device: (address = `0x${'a'.repeat(64)}`) => ({ spaces: fakeSpaces(network, entropy, address), quilts: fakeQuilts(network, entropy) }),
  }
  return network
}

function fakeSpaces(network: FakeNetwork, entropy: Entropy, address: string): Spaces {
  const cache = new Map<string, { epoch: number; keys: Map<number, Bytes> }>()
  const require = (spaceId: string) => {
    const space = network.spaces.get(spaceId)
    if (space === undefined) throw new LocketError('chain/not-found', { operation: 'fake' })
    return space
  }
  const change = (spaceId: string, patch: Partial<SpaceState>) => {
    const space = require(spaceId)
    space.state = { ...space.state, ...patch }
  }
  return {
    address,
    list: async () => [...network.spaces.values()].map(({ state }) => state).filter(({ owner }) => owner === address),
    get: async (spaceId) => require(spaceId).state,
    labelOf: async (spaceId) => require(spaceId).category,
    async create({ category }) {
      network.counts.signatures += 2
      network.counts.sealEncryptions += 1
      const id = `0x${toHex(randomBytes(entropy, 32))}`
      const state = {
        id,
        owner: address,
        version: 1,
        epoch: 0,
        headVersion: 0n,
        headBlobId: undefined,
        keyEnvelope: new Uint8Array(1),
        keyHistory: new Uint8Array(0),
        label: new Uint8Array(0),
        members: [],
      } as unknown as SpaceState
      network.spaces.set(id, { state, keys: new Map([[0, randomBytes(entropy, 32)]]), category })
      return state
    },
    async keysOf(spaceId) {
      const { state, keys } = require(spaceId)
      let known = cache.get(spaceId)
      if (known?.epoch !== state.epoch) {
        network.counts.sealDecryptions += 1
        // The policy refuses every epoch but the present one; there is no key history here.
        known = { epoch: state.epoch, keys: new Map([[state.epoch, keys.get(state.epoch) as Bytes]]) }
        cache.set(spaceId, known)
      }
      const { epoch, keys: held } = known
      return { spaceId, epoch, keyOf: (wanted: number) => held.get(wanted) }
    },
    async prepareRotation(spaceId) {
      network.counts.sealEncryptions += 1
      const epoch = require(spaceId).state.epoch + 1
      const secretDataKey = randomBytes(entropy, 32)
      return { epoch, secretDataKey, envelope: secretDataKey.slice(), history: new Uint8Array(), label: new Uint8Array() }
    },
    async appendRotation(transaction, { spaceId, epoch, envelope }) {
      const { checks, effects } = transaction as unknown as FakeTransaction
      checks.push(() => {
        if (require(spaceId).state.epoch !== epoch - 1) throw rejected()
      })
      effects.push(() => {
        require(spaceId).keys.set(epoch, envelope)
        change(spaceId, { epoch })
      })
    },
    async appendSetHead(transaction, { spaceId, expectedVersion, blobId }) {
      const { checks, effects } = transaction as unknown as FakeTransaction
      checks.push(() => {
        if (require(spaceId).state.headVersion !== expectedVersion) throw rejected()
      })
      effects.push(() => change(spaceId, { headVersion: expectedVersion + 1n, headBlobId: blobId }))
    },
  }
}

function fakeQuilts(network: FakeNetwork, entropy: Entropy): Quilts {
  return {
    limits: { maxPatches: 66, maxBytes: 4_000_000 },
    async encode(patches) {
      const rows = patches.map(({ identifier, bytes }) => ({ identifier, bytes: new Uint8Array(bytes) }))
      return encode(FakeQuiltBcs, { salt: randomBytes(entropy, 8), rows })
    },
    decode: (quilt) => new Map(FakeQuiltBcs.parse(quilt).rows.map(({ identifier, bytes }) => [identifier, new Uint8Array(bytes)] as const)),
    quote: async (quilts, epochs) =>
      ({
        quilts: quilts.length,
        patches: quilts.reduce((sum, { patches }) => sum + patches.length + 1, 0),
        epochs,
        contentBytes: quilts.reduce((sum, { patches, manifest }) => patches.reduce((a, b) => a + b, sum + manifest), 0),
      }) as never,
    async upload({ quilt, epochs, deletable, journal, extendCertify, onStep }) {
      const blobId = toBase64Url(sha256(quilt))
      let state = await journal.load()
      const step = async (next: UploadState['step'], effect?: () => void) => {
        network.failpoint(`before-${next}`)
        effect?.()
        network.failpoint(`executed-${next}`)
        state = { version: 1, blobId, step: next, epochs, deletable, signatures: 0, costFrost: '0', gasMist: '0' }
        await journal.save(state)
        onStep?.(next)
        network.failpoint(`after-${next}`)
      }
      if (state === undefined) await step('encoded')
      if (state?.step === 'encoded') {
        await step('registered', () => {
          if (network.blobs.has(blobId)) return
          network.paid.push(blobId)
          network.counts.signatures += 1
          const patches = FakeQuiltBcs.parse(quilt).rows.map(({ identifier, bytes }) => [identifier, new Uint8Array(bytes)] as const)
          network.blobs.set(blobId, { patches: new Map(patches), endEpoch: 10 + epochs, deletable })
        })
      }
      if (state?.step === 'registered') await step('uploaded')
      if (state?.step === 'uploaded') {
        const transaction: FakeTransaction = { checks: [], effects: [] }
        await extendCertify(transaction as unknown as Transaction, blobId)
        await step('certified', () => {
          const done = [...network.spaces.values()].some((space) => space.state.headBlobId === blobId)
          if (done) return
          network.counts.signatures += 1
          for (const check of transaction.checks) check()
          for (const effect of transaction.effects) effect()
        })
      }
      return { blobId, blobObjectId: undefined, endEpoch: 10 + epochs, signatures: 2, costFrost: 100n, gasMist: 10n }
    },
    async read(blobId, wanted) {
      network.counts.blobReads += 1
      const blob = network.blobs.get(blobId)
      return Promise.all(
        wanted.map(async ({ identifier, authenticate }) => {
          const bytes = blob?.patches.get(identifier)
          if (bytes === undefined) {
            return { ok: false as const, error: new LocketError('walrus/not-found', { operation: 'fake' }), isAbsent: blob !== undefined }
          }
          try {
            return { ok: true as const, value: await authenticate(network.tamper(identifier, bytes)) }
          } catch (error) {
            return { ok: false as const, error }
          }
        }),
      )
    },
    endEpochs: async () => new Map([...network.blobs].map(([blobId, { endEpoch }]) => [blobId, endEpoch])),
    async renew(blobId, epochs) {
      const blob = network.blobs.get(blobId)
      if (blob === undefined) throw new LocketError('walrus/not-found', { operation: 'fake' })
      blob.endEpoch += epochs
      return blob.endEpoch
    },
    async remove(blobId) {
      if (!network.blobs.get(blobId)?.deletable) return false
      return network.blobs.delete(blobId)
    },
  }
}

function rejected(): LocketError {
  return new LocketError('chain/rejected', { operation: 'fake' })
}
