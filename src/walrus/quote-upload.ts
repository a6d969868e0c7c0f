import { LocketError } from '../core/errors.ts'
import { assertEpochs } from './assert-epochs.ts'
import { geometryOf, storageUnits } from './geometry.ts'
import { layoutQuilt, type PatchSize } from './quilt-layout.ts'
import { splitPatches } from './split-patches.ts'
import type { CostQuote, WalrusPrices } from './types.ts'

export type QuoteOptions = {
  /** Bytes of each patch as it will be stored, padding included. */
  readonly sizesBytes: readonly number[]
  readonly epochs: number
  readonly nShards: number
  readonly prices: WalrusPrices
  /** Characters of each identifier. Default 22, a 16-byte id in base64url. */
  readonly identifierChars?: number | undefined
  /** As for `packQuilts`; give both the same. */
  readonly quiltBytes?: number | undefined
  readonly signatureUnits?: number | undefined
  /** Relay tip per quilt of `quiltBytes`. Default none. */
  readonly tipMist?: ((quiltBytes: number) => bigint) | undefined
  /** Gas of both transactions of one quilt. An estimate; the receipt says what was paid. Default 0.01 SUI. */
  readonly gasPerQuiltMist?: bigint | undefined
}

/** Gas of registering and certifying one blob, rounded up. Most of it is a storage deposit returned when the blob object goes. */
const GAS_PER_QUILT_MIST = 10_000_000n

/**
 * What storing patches of these sizes will cost, and what it would cost to
 * store each as a blob of its own.
 *
 * Pure: `cost = units * (storagePrice * epochs + writePrice)` per quilt, with
 * units as Walrus's `encoded_blob_length` gives them. Exact in WAL as long as
 * prices stand; gas is an estimate.
 *
 * @throws {LocketError} `walrus/epochs-out-of-range` with `details.limitEpochs`, `walrus/too-large`, `usage/invalid-argument`.
 */
export function quoteUpload(options: QuoteOptions): CostQuote {
  const { sizesBytes, epochs, prices } = options
  assertEpochs(epochs, prices.maxEpochs, 'walrus.quoteUpload')
  if (sizesBytes.length === 0 || !sizesBytes.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new LocketError('usage/invalid-argument', {
      operation: 'walrus.quoteUpload',
      message: 'sizes must be one or more whole numbers of bytes',
      details: { parameter: 'sizesBytes' },
    })
  }
  const geometry = geometryOf(options.nShards)
  const patches: PatchSize[] = sizesBytes.map((sizeBytes) => ({ sizeBytes, identifierChars: options.identifierChars ?? 22 }))
  const groups = splitPatches(patches, {
    geometry,
    quiltBytes: options.quiltBytes ?? 64 * 1024 * 1024,
    signatureUnits: options.signatureUnits ?? 8,
  })
  let units = 0
  let tipMist = 0n
  for (const group of groups) {
    const quiltBytes =
      layoutQuilt(
        group.map((index) => patches[index] as PatchSize),
        geometry,
      )?.quiltBytes ?? 0
    units += storageUnits(quiltBytes, geometry)
    tipMist += options.tipMist?.(quiltBytes) ?? 0n
  }
  const singleUnits = sizesBytes.reduce((sum, size) => sum + storageUnits(size, geometry), 0)
  const perUnit = prices.storageFrost * BigInt(epochs) + prices.writeFrost
  return {
    quilts: groups.length,
    patches: sizesBytes.length,
    epochs,
    contentBytes: sizesBytes.reduce((sum, size) => sum + size, 0),
    storageUnits: units,
    storageFrost: BigInt(units) * prices.storageFrost * BigInt(epochs),
    writeFrost: BigInt(units) * prices.writeFrost,
    totalFrost: BigInt(units) * perUnit,
    gasMist: (options.gasPerQuiltMist ?? GAS_PER_QUILT_MIST) * BigInt(groups.length) + tipMist,
    tipMist,
    singleBlobsFrost: BigInt(singleUnits) * perUnit,
    savingFactor: singleUnits / units,
  }
}
