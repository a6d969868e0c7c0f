import type { ClientWithCoreApi } from '@mysten/sui/client'
import type { Signer } from '@mysten/sui/cryptography'
import type { Transaction } from '@mysten/sui/transactions'
import type { WalrusClient } from '@mysten/walrus'
import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import { type Clock, type Entropy, systemClock, systemEntropy } from '../core/capabilities.ts'
import type { ByteCache } from './byte-cache.ts'
import { createBoundedFetch } from './bounded-fetch.ts'
import { readOwnedBlobs, readSystem } from './chain-reads.ts'
import { DEFAULT_TIMEOUTS, type WalrusContext, type WalrusTimeouts } from './context.ts'
import { createReader, type WalrusReader } from './create-reader.ts'
import { createServedBy } from './served-by.ts'
import { type ExpiryTarget, readExpiry } from './read-expiry.ts'
import { geometryOf, maxBlobBytes, symbolBytes } from './geometry.ts'
import { createLimiter } from './limiter.ts'
import { loadWalrusSdk } from './load-peers.ts'
import type { BlobObject } from './blob-object.ts'
import { type BlobChange, removeBlob, renewBlob } from './manage-blob.ts'
import { packOneQuilt } from './pack-quilts.ts'
import { quoteUpload } from './quote-upload.ts'
import { quoteTip } from './quote-tip.ts'
import type { BlobExpiry, CostQuote, Patch, UploadJournal, UploadOptions, UploadReceipt, WalrusNetwork, WalrusPrices } from './types.ts'
import { uploadQuilt } from './upload-quilt.ts'

export type WalrusEngineOptions = {
  readonly client: ClientWithCoreApi
  readonly signer: Signer
  readonly network: WalrusNetwork
  readonly clock?: Clock | undefined
  readonly entropy?: Entropy | undefined
  readonly timeouts?: Partial<WalrusTimeouts> | undefined
  /** Attempts at whatever may be tried again. Default 3. */
  readonly attempts?: number | undefined
  /** Largest blob that is read, in bytes. Default 128 MiB. */
  readonly readLimitBytes?: number | undefined
  /** Keeps what was read and opened. Default none. */
  readonly cache?: ByteCache | undefined
  /**
   * Lets one writer of this signer's coins in at a time. Pass the same function to
   * whatever else signs with it; by default the engine serialises its own writes only.
   */
  readonly writes?: (<T>(task: () => Promise<T>, signal?: AbortSignal) => Promise<T>) | undefined
}

export type UploadQuiltOptions = UploadOptions & {
  /** A packed quilt's bytes, or patches that fit one quilt. The same at every run of one upload. */
  readonly quilt: Bytes | readonly Patch[]
  readonly journal: UploadJournal
  /** Adds calls to the transaction that certifies, such as moving a space's head: both happen or neither. */
  readonly extendCertify?: ((transaction: Transaction) => void | Promise<void>) | undefined
}

export type QuoteUploadOptions = AbortOptions & {
  /** Bytes of each patch as it will be stored, padding included. */
  readonly sizesBytes: readonly number[]
  readonly epochs: number
  readonly identifierChars?: number | undefined
}

/** Everything Locket asks of Walrus. */
export type WalrusEngine = WalrusReader & {
  upload(options: UploadQuiltOptions): Promise<UploadReceipt>
  quote(options: QuoteUploadOptions): Promise<CostQuote>
  prices(options?: AbortOptions): Promise<WalrusPrices>
  expiry(options: ExpiryTarget & AbortOptions): Promise<BlobExpiry>
  /** Every blob object the signer owns, certified or not. Several may pay for the same blob. */
  owned(options?: AbortOptions): Promise<readonly BlobObject[]>
  renew(options: BlobChange & { readonly epochs: number; readonly maxCostFrost?: bigint | undefined }): Promise<BlobExpiry>
  remove(options: BlobChange): Promise<void>
}

/**
 * Stores quilts on Walrus and reads them back, treating relay, publisher,
 * aggregators, storage nodes and full node as untrusted machinery.
 *
 * **upload** stores one quilt and returns once it is certified. The wallet
 * signs exactly twice: to register (which pays) and to certify; with a
 * publisher not at all, unless `extendCertify` adds calls. Every step is saved
 * to the journal before the next begins, signed transactions before they are
 * sent, so an upload that was cut off anywhere goes on where it stopped and
 * never pays twice: call `upload` again with the same quilt and journal.
 * Uploads of one engine run one after the other.
 *
 * **readBlob**, **readPatch** return only what was authenticated: opened by the
 * caller, or proven by recomputing the blob id.
 *
 * **quote**, **prices**, **expiry**, **owned** read the chain afresh each time.
 *
 * **renew** extends a certified blob; **remove** deletes a deletable one and
 * keeps the storage it was paid for in the wallet.
 *
 * Nothing is loaded or asked before the first call. Errors: `walrus/*`,
 * `chain/*`, `codec/*`, `usage/*`; aborts reject with the signal's reason.
 *
 * Not promised: that deleted data is gone from every node, or that reads hide
 * from aggregators which patch was read.
 */
export function createWalrusEngine(options: WalrusEngineOptions): WalrusEngine {
  const context = createContext(options)
  const { network, writes } = context
  const reader = createReader(context, options.cache)
  const prices = async ({ signal }: AbortOptions = {}) => (await readSystem(context, { operation: 'walrus.prices', signal })).prices

  return Object.freeze<WalrusEngine>({
    ...reader,
    async upload({ quilt, ...request }) {
      const bytes = quilt instanceof Uint8Array ? quilt : await packOneQuilt(quilt, network.nShards)
      return writes(() => uploadQuilt(context, { ...request, quilt: bytes }), request.signal)
    },
    async quote({ sizesBytes, epochs, identifierChars, signal }) {
      const [current, tipMist] = await Promise.all([prices({ signal }), quoteTip(context, { operation: 'walrus.quote', signal })])
      const { nShards } = network
      return quoteUpload({ sizesBytes, epochs, nShards, prices: current, tipMist, identifierChars })
    },
    prices,
    expiry: ({ signal, ...target }) => readExpiry(context, target, { operation: 'walrus.expiry', signal }),
    owned: ({ signal } = {}) => readOwnedBlobs(context, undefined, { operation: 'walrus.owned', signal }),
    renew: (change) => writes(() => renewBlob(context, change), change.signal),
    remove: (change) => writes(() => removeBlob(context, change), change.signal),
  })
}

function createContext(options: WalrusEngineOptions): WalrusContext {
  const { client, network, signer } = options
  const clock = options.clock ?? systemClock()
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts }
  const geometry = geometryOf(network.nShards)
  const readLimitBytes = Math.min(options.readLimitBytes ?? 128 * 1024 * 1024, maxBlobBytes(geometry))
  const transport = network.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const bounded = { fetch: transport, clock, perOrigin: 6 }
  const { fetch, answer } = createBoundedFetch({ ...bounded, timeoutMs: timeouts.uploadMs, limitBytes: readLimitBytes, restMs: 0 })
  const served = createServedBy()
  // The largest thing a node sends: a sliver of the largest blob that is read, or the hashes of all shards.
  const sliverBytes = geometry.columns * symbolBytes(readLimitBytes, geometry)
  const nodes = createBoundedFetch({
    ...bounded,
    timeoutMs: timeouts.requestMs,
    limitBytes: Math.max(sliverBytes, network.nShards * 66) + 1_024,
    restMs: timeouts.requestMs / 2,
    inspect: served.inspect({ readLimitBytes }),
  })
  let sdk: Promise<WalrusClient> | undefined
  return {
    client,
    signer,
    network,
    clock,
    entropy: options.entropy ?? systemEntropy(),
    timeouts,
    attempts: options.attempts ?? 3,
    fetch,
    answer,
    writes: options.writes ?? createLimiter(1),
    servedBy: served.host,
    nodeTraffic: nodes.traffic,
    sdk() {
      sdk ??= createSdk({ client, network, timeouts, fetch, nodeFetch: nodes.fetch }).catch((error: unknown) => {
        // A failed load is not kept: the next call tries again.
        sdk = undefined
        throw error
      })
      return sdk
    },
  }
}

async function createSdk(parts: {
  readonly client: ClientWithCoreApi
  readonly network: WalrusNetwork
  readonly timeouts: WalrusTimeouts
  readonly fetch: WalrusContext['fetch']
  readonly nodeFetch: WalrusContext['fetch']
}): Promise<WalrusClient> {
  const { client, network, timeouts } = parts
  const { WalrusClient } = await loadWalrusSdk()
  const { upload } = network
  // Ours are the deadlines that count; the SDK's run from before the request waits its turn.
  const timeout = timeouts.uploadMs
  return new WalrusClient({
    packageConfig: { systemObjectId: network.systemObjectId, stakingPoolId: network.stakingPoolId },
    suiClient: client,
    storageNodeClientOptions: { fetch: parts.nodeFetch, timeout },
    ...(network.storageNodeUrlScheme === undefined ? {} : { storageNodeUrlScheme: network.storageNodeUrlScheme }),
    ...(network.wasmUrl === undefined ? {} : { wasmUrl: network.wasmUrl }),
    ...(upload.via === 'relay'
      ? { uploadRelay: { host: upload.host, fetch: parts.fetch, timeout, sendTip: { max: upload.maxTipMist } } }
      : {}),
  })
}
