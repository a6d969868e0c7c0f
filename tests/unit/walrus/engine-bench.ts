import type { ClientWithCoreApi, SuiClientTypes } from '@mysten/sui/client'
import type { Signer } from '@mysten/sui/cryptography'
import { systemClock } from '../../../src/core/capabilities.ts'
import { utf8, equalBytes } from '../../../src/core/bytes.ts'
import { LocketError } from '../../../src/core/errors.ts'
import type { Bytes } from '../../../src/core/bytes.ts'
import { createWalrusEngine, type WalrusEngineOptions } from '../../../src/walrus/create-walrus-engine.ts'
import type { UploadJournal, UploadState, WalrusNetwork } from '../../../src/walrus/types.ts'
import { openWalrusBench, seededEntropy } from '../../helpers/localnet/walrus-bench.ts'
import type { WalrusNetOptions } from '../../../src/localnet/walrus/install-walrus.ts'

/** Short deadlines: nothing here waits on purpose but for a host that hangs. */
const TIMEOUTS = { requestMs: 400, chainMs: 5_000, uploadMs: 15_000, readMs: 5_000, backoffMs: 1, graceMs: 0 }

export type EngineOverrides = Partial<Omit<WalrusEngineOptions, 'network' | 'client' | 'signer'>> & {
  readonly via?: WalrusNetwork['upload']['via'] | undefined
  readonly network?: Partial<WalrusNetwork> | undefined
  readonly client?: ClientWithCoreApi | undefined
  readonly signer?: Signer | undefined
  readonly maxTipMist?: number | undefined
}

/** A localnet, and engines on it as fresh as a new tab's. */
export async function openEngineBench(options: Partial<WalrusNetOptions> = {}) {
  const bench = await openWalrusBench(options)
  const { walrus } = bench
  const uploads: Record<WalrusNetwork['upload']['via'], WalrusNetwork['upload']> = {
    relay: { via: 'relay', host: walrus.urls.relay, maxTipMist: 10_000_000 },
    direct: { via: 'direct' },
    publisher: { via: 'publisher', url: walrus.urls.publisher },
  }
  const engine = ({ via = 'relay', network, client, signer, maxTipMist, ...rest }: EngineOverrides = {}) => {
    const upload = uploads[via]
    return createWalrusEngine({
      client: client ?? bench.sui,
      signer: signer ?? bench.signer,
      network: {
        ...walrus.network,
        upload: maxTipMist !== undefined && upload.via === 'relay' ? { ...upload, maxTipMist } : upload,
        ...network,
      },
      clock: systemClock(),
      entropy: seededEntropy(3),
      ...rest,
      timeouts: { ...TIMEOUTS, ...rest.timeouts },
    })
  }
  const balance = async (coinType: string) => BigInt((await bench.sui.getBalance({ owner: bench.address, coinType })).balance.balance)
  return {
    ...bench,
    engine,
    wal: () => balance(walrus.walType),
    sui$: () => balance('0x2::sui::SUI'),
    /** Blob objects the signer owns. */
    async blobs(): Promise<number> {
      let count = 0
      for (let cursor: string | null = null; ; ) {
        const page: SuiClientTypes.ListOwnedObjectsResponse = await bench.sui.listOwnedObjects({
          owner: bench.address,
          type: `${walrus.packageId}::blob::Blob`,
          cursor,
        })
        count += page.objects.length
        if (!page.hasNextPage) return count
        cursor = page.cursor
      }
    },
  }
}

export type EngineBench = Awaited<ReturnType<typeof openEngineBench>>

/** A journal that survives its engine, kept as text: what cannot be serialised is lost. */
export function memoryJournal(): UploadJournal & { readonly saved: () => readonly UploadState[] } {
  const log: string[] = []
  return {
    load: async () => (log.length === 0 ? undefined : (JSON.parse(log[log.length - 1] as string) as UploadState)),
    async save(state) {
      log.push(JSON.stringify(state))
    },
    saved: () => log.map((text) => JSON.parse(text) as UploadState),
  }
}

const SEAL = utf8('sealed:')

/** A stand-in for the caller's AEAD: a marker and a checksum that any altered byte breaks. */
export function sealed(content: Uint8Array): Bytes {
  const out = new Uint8Array(SEAL.length + 4 + content.length)
  out.set(SEAL)
  new DataView(out.buffer).setUint32(SEAL.length, checksum(content))
  out.set(content, SEAL.length + 4)
  return out
}

const failed = () => new LocketError('crypto/open-failed', { operation: 'test.open' })

/** Opens what {@link sealed} made, or throws `crypto/open-failed`. */
export function open(bytes: Uint8Array): Bytes {
  if (bytes.length < SEAL.length + 4 || !equalBytes(bytes.subarray(0, SEAL.length), SEAL)) throw failed()
  const content = new Uint8Array(bytes.subarray(SEAL.length + 4))
  const declared = new DataView(bytes.buffer, bytes.byteOffset + SEAL.length, 4).getUint32(0)
  if (declared !== checksum(content)) throw failed()
  return content
}

function checksum(bytes: Uint8Array): number {
  let sum = 0x811c9dc5
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0
  return sum
}
