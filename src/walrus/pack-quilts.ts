import type { Bytes } from '../core/bytes.ts'
import { equalBytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { geometryOf } from './geometry.ts'
import { loadWalrusSdk } from './load-peers.ts'
import { readQuilt } from './quilt-reader.ts'
import { quiltLimits } from './quilt-limits.ts'
import { splitPatches } from './split-patches.ts'
import type { Patch } from './types.ts'
import { validatePatches } from './validate-patches.ts'

export type PackOptions = {
  /** Shards of the committee that will store the quilts. */
  readonly nShards: number
  /** Most content bytes in one quilt, unless a single patch is larger. Default 64 MiB: a quilt is held in memory while it is sent. */
  readonly quiltBytes?: number | undefined
  /** Storage units that one more quilt must save to be worth its two signatures. Default 8. */
  readonly signatureUnits?: number | undefined
}

/** A quilt ready to upload, and where each patch lies in it. */
export type PackedQuilt = {
  readonly bytes: Bytes
  readonly patches: readonly {
    readonly identifier: string
    /** Position in the list given to {@link packQuilts}. */
    readonly index: number
    readonly startColumn: number
    readonly endColumn: number
  }[]
}

/**
 * Packs patches into as few and as cheap quilts as there can be.
 *
 * Patches arrive sealed and padded; nothing here looks inside. No tags are
 * written, ever: they are public. The encoder is that of `@mysten/walrus`; what
 * it wrote is read back with Locket's own reader and compared before it is returned.
 *
 * @throws {LocketError} `usage/invalid-argument` for a bad or repeated identifier or an empty list,
 * `walrus/too-large` if one patch fits no quilt, `usage/missing-peer` without `@mysten/walrus`,
 * `walrus/inconsistent` if the encoder's output does not read back.
 */
export async function packQuilts(patches: readonly Patch[], options: PackOptions): Promise<readonly PackedQuilt[]> {
  const { nShards } = options
  validatePatches(patches, nShards)
  const groups = splitPatches(
    patches.map(({ identifier, bytes }) => ({ sizeBytes: bytes.length, identifierChars: identifier.length })),
    { geometry: geometryOf(nShards), quiltBytes: options.quiltBytes ?? 64 * 1024 * 1024, signatureUnits: options.signatureUnits ?? 8 },
  )
  const { encodeQuilt } = await loadWalrusSdk()
  return groups.map((group) => {
    const members = new Map(group.map((index) => [(patches[index] as Patch).identifier, index]))
    const { quilt } = encodeQuilt({
      numShards: nShards,
      blobs: group.map((index) => ({ identifier: (patches[index] as Patch).identifier, contents: (patches[index] as Patch).bytes })),
    })
    const read = readQuilt(quilt, { nShards })
    const placed = read.map(({ identifier, startColumn, endColumn, bytes }) => {
      const index = members.get(identifier)
      if (index === undefined || !equalBytes(bytes, (patches[index] as Patch).bytes)) throw inconsistent()
      return { identifier, index, startColumn, endColumn }
    })
    if (placed.length !== group.length) throw inconsistent()
    return { bytes: quilt, patches: placed }
  })
}

/**
 * The bytes of the one quilt these patches make. The same patches give the same
 * bytes, and so the same blob id, every time.
 *
 * @throws {LocketError} as {@link packQuilts}, and `walrus/too-large` if they need more than one quilt.
 */
export async function packOneQuilt(patches: readonly Patch[], nShards: number): Promise<Bytes> {
  const [quilt, ...more] = await packQuilts(patches, {
    nShards,
    quiltBytes: Number.MAX_SAFE_INTEGER,
    signatureUnits: Number.MAX_SAFE_INTEGER,
  })
  if (quilt === undefined || more.length > 0) {
    const { patches: limit, quiltBytes } = quiltLimits(geometryOf(nShards))
    throw new LocketError('walrus/too-large', {
      operation: 'walrus.upload',
      message: 'the patches do not fit one quilt',
      details: { limitBytes: quiltBytes, limitPatches: limit, patches: patches.length },
    })
  }
  return quilt.bytes
}

function inconsistent(): LocketError {
  return new LocketError('walrus/inconsistent', {
    operation: 'walrus.packQuilts',
    message: 'the quilt encoder wrote something else than it was given',
    details: { source: '@mysten/walrus' },
  })
}
