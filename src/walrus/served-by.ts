import { LocketError } from '../core/errors.ts'

/** Slivers remembered at most. */
const MEMORY = 4_096

/** Where `unencoded_length` stands in BCS `BlobMetadataWithId`: after blob id, variant and encoding type. */
const LENGTH_OFFSET = 34

/**
 * Watches what storage nodes answer: remembers which host served which sliver,
 * and refuses metadata that claims a blob too large to read, which the SDK
 * would allocate before it checks anything.
 */
export function createServedBy() {
  const hosts = new Map<string, string>()
  return {
    /** The host that served the secondary sliver of a pair last. */
    host: (blobId: string, pairIndex: number): string | undefined => hosts.get(`${blobId}/${pairIndex}`),
    inspect:
      ({ readLimitBytes }: { readonly readLimitBytes: number }) =>
      (url: URL, method: string, response: Response, body: Uint8Array): void => {
        if (method !== 'GET' || !response.ok) return
        const [, , , blobId, kind, pair, side] = url.pathname.split('/')
        if (kind === 'slivers' && side === 'secondary') {
          hosts.set(`${blobId}/${pair}`, url.origin)
          for (const oldest of hosts.keys()) {
            if (hosts.size <= MEMORY) break
            hosts.delete(oldest)
          }
        }
        if (kind === 'metadata' && pair === undefined) checkLength(body, readLimitBytes, url.origin)
      },
  }
}

function checkLength(body: Uint8Array, limitBytes: number, source: string): void {
  const operation = 'walrus.read'
  if (body.length < LENGTH_OFFSET + 8) throw new LocketError('codec/truncated', { operation, details: { source } })
  const claimed = new DataView(body.buffer, body.byteOffset + LENGTH_OFFSET, 8).getBigUint64(0, true)
  if (claimed > BigInt(limitBytes)) throw new LocketError('codec/too-large', { operation, details: { limitBytes, source } })
}
