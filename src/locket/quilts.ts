import { isAbort, type AbortOptions } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { IDENTIFIER_BYTES } from '../memory/envelope.ts'
import type { Quilts } from '../memory/ports.ts'
import type { BlobObject } from '../walrus/blob-object.ts'
import type { WalrusEngine } from '../walrus/create-walrus-engine.ts'
import { geometryOf } from '../walrus/geometry.ts'
import { packOneQuilt } from '../walrus/pack-quilts.ts'
import { quiltLimits } from '../walrus/quilt-limits.ts'
import { quiltColumns, readIndexColumns } from '../walrus/quilt-index.ts'
import { readPatchColumns, readQuilt } from '../walrus/quilt-reader.ts'
import type { CostQuote } from '../walrus/types.ts'

/** A failed upload of more would cost much; a quilt of this size is far past the point where batching saves. */
const MAX_QUILT_CONTENT_BYTES = 32 * 1024 * 1024

/** The memory engine's view of Walrus. Loads the engine when it is first needed. */
export function createQuilts(engine: () => Promise<WalrusEngine>, nShards: number): Quilts {
  const { economicPatches, quiltBytes } = quiltLimits(geometryOf(nShards))
  return Object.freeze<Quilts>({
    limits: { maxPatches: economicPatches, maxBytes: Math.min(MAX_QUILT_CONTENT_BYTES, Math.floor(quiltBytes / 4)) },
    encode: (patches) => packOneQuilt(patches, nShards),
    decode: (quilt) => new Map(readQuilt(quilt, { nShards }).map(({ identifier, bytes }) => [identifier, bytes])),
    async quote(quilts, epochs, options) {
      const walrus = await engine()
      const quotes: CostQuote[] = []
      // What is compared are the memories alone: as single blobs they would need no manifest.
      let manifestsFrost = 0n
      const quote = (sizesBytes: readonly number[]) =>
        walrus.quote({ ...options, sizesBytes, epochs, identifierChars: 2 * IDENTIFIER_BYTES })
      for (const { patches, manifest } of quilts) {
        quotes.push(await quote([...patches, manifest]))
        manifestsFrost += (await quote([manifest])).singleBlobsFrost
      }
      // With nothing waiting, still notice an epoch out of range or a chain that does not answer.
      if (quilts.length === 0) await quote([0])
      return sumQuotes(quotes, epochs, manifestsFrost)
    },
    upload: async ({ onStep, extendCertify, ...options }) =>
      (await engine()).upload({
        ...options,
        onProgress: ({ step }) => onStep?.(step),
        extendCertify: async (transaction) => {
          const state = await options.journal.load()
          if (state === undefined) throw new LocketError('usage/wrong-state', { operation: 'locket.upload' })
          await extendCertify(transaction, state.blobId)
        },
      }),
    read: async (blobId, wanted, options) => readWanted(await engine(), nShards, blobId, wanted, options),
    async endEpochs(options) {
      const ends = new Map<string, number>()
      for (const { blobId, endEpoch } of await (await engine()).owned(options)) ends.set(blobId, Math.max(endEpoch, ends.get(blobId) ?? 0))
      return ends
    },
    async renew(blobId, epochs, options) {
      const walrus = await engine()
      const { objectId } = await ownBlob(walrus, blobId, options)
      return (await walrus.renew({ ...options, blobObjectId: objectId, epochs })).endEpoch
    },
    async remove(blobId, options) {
      try {
        const walrus = await engine()
        const { objectId } = await ownBlob(walrus, blobId, options)
        await walrus.remove({ ...options, blobObjectId: objectId })
        return true
      } catch (error) {
        if (isLocketError(error, 'walrus/not-deletable') || isLocketError(error, 'walrus/not-found')) return false
        throw error
      }
    },
  })
}

type Wanted<T> = { readonly identifier: string; readonly authenticate: (bytes: Uint8Array) => Promise<T> }
type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown; readonly isAbsent?: boolean | undefined }

/**
 * One read of the whole quilt serves all patches wanted of it. A source counts
 * as good only if every patch it holds opens; what one source got right is kept
 * when the next is tried for the rest.
 */
async function readWanted<T>(
  walrus: WalrusEngine,
  nShards: number,
  blobId: string,
  wanted: readonly Wanted<T>[],
  options?: AbortOptions,
): Promise<readonly Outcome<T>[]> {
  const outcomes: (Outcome<T> | undefined)[] = wanted.map(() => undefined)
  const authenticate = async (quilt: Uint8Array): Promise<void> => {
    const columns = quiltColumns(quilt, { nShards })
    const patches = new Map(readIndexColumns(columns).entries.map((entry) => [entry.identifier, entry]))
    await Promise.all(
      wanted.map(async ({ identifier, authenticate: open }, i) => {
        if (outcomes[i]?.ok) return
        const patch = patches.get(identifier)
        if (patch === undefined) {
          const error = new LocketError('walrus/not-found', { operation: 'walrus.readPatch', details: { blobId } })
          outcomes[i] = { ok: false, error, isAbsent: true }
          return
        }
        try {
          outcomes[i] = { ok: true, value: await open(readPatchColumns(columns, patch)) }
        } catch (error) {
          outcomes[i] = { ok: false, error }
        }
      }),
    )
    const failure = outcomes.find((outcome) => outcome?.ok === false)
    if (failure !== undefined) throw new LocketError('crypto/open-failed', { operation: 'walrus.readQuilt', details: { blobId } })
  }
  try {
    await walrus.readBlob({ ...options, blobId, authenticate })
  } catch (error) {
    if (isAbort(error, options)) throw error
    const isMissing = (outcome: Outcome<T> | undefined) => outcome?.ok === false && outcome.isAbsent === true
    if (!outcomes.some(isMissing)) return outcomes.map((outcome) => outcome ?? { ok: false, error })
    // SECURITY: "not in this quilt" counts only of bytes proven to be the quilt: a falsified table of contents says it too.
    try {
      await authenticate(await walrus.readBlob({ ...options, blobId }))
    } catch (failure) {
      if (isAbort(failure, options)) throw failure
      if (!isLocketError(failure, 'crypto/open-failed')) {
        return outcomes.map((outcome) => (isMissing(outcome) ? { ok: false, error: failure } : (outcome as Outcome<T>)))
      }
    }
  }
  return outcomes as Outcome<T>[]
}

/** The wallet's longest-lived object that pays for a blob. */
async function ownBlob(walrus: WalrusEngine, blobId: string, options?: AbortOptions): Promise<BlobObject> {
  const owned = (await walrus.owned(options)).filter((blob) => blob.blobId === blobId).sort((a, b) => b.endEpoch - a.endEpoch)
  if (owned[0] !== undefined) return owned[0]
  throw new LocketError('walrus/not-found', {
    operation: 'locket.blob',
    message: 'no object of this wallet pays for the blob',
    details: { blobId },
  })
}

function sumQuotes(quotes: readonly CostQuote[], epochs: number, manifestsFrost: bigint): CostQuote {
  const sum = (pick: (quote: CostQuote) => number) => quotes.reduce((total, quote) => total + pick(quote), 0)
  const sumBig = (pick: (quote: CostQuote) => bigint) => quotes.reduce((total, quote) => total + pick(quote), 0n)
  const totalFrost = sumBig((quote) => quote.totalFrost)
  const singleBlobsFrost = sumBig((quote) => quote.singleBlobsFrost) - manifestsFrost
  return Object.freeze({
    quilts: sum((quote) => quote.quilts),
    patches: sum((quote) => quote.patches),
    epochs,
    contentBytes: sum((quote) => quote.contentBytes),
    storageUnits: sum((quote) => quote.storageUnits),
    storageFrost: sumBig((quote) => quote.storageFrost),
    writeFrost: sumBig((quote) => quote.writeFrost),
    totalFrost,
    gasMist: sumBig((quote) => quote.gasMist),
    tipMist: sumBig((quote) => quote.tipMist),
    singleBlobsFrost,
    savingFactor: totalFrost === 0n ? 1 : Number(singleBlobsFrost) / Number(totalFrost),
  })
}
