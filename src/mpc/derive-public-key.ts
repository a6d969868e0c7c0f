import type { AbortOptions } from '../core/abort.ts'
import { deriveInCore, parsePath, type DerivedKey } from './derivation.ts'
import type { Party } from './flow.ts'
import { committed } from './with-key.ts'

/**
 * The public key at the end of a path, of which the shares of `keyId` are shares too: `sign` with the
 * same path signs for it. BIP32 without its hardened half; ECDSA keys only.
 *
 * @throws {LocketError} `usage/invalid-argument`, `mpc/unknown-key`, `mpc/unsettled`, `mpc/rolled-back`, `mpc/wasm-not-found`.
 */
export async function derivePublicKey(
  { shares, openMpc }: Pick<Party, 'shares' | 'openMpc'>,
  request: { readonly keyId: string; readonly path?: string | undefined },
  options: AbortOptions = {},
): Promise<DerivedKey> {
  const { keyId, path = 'm' } = request
  const indices = parsePath(committed({ shares }, keyId, 'mpc.derivePublicKey').suite, path)
  const mpc = await openMpc(options)
  const secretShare = await shares.share(keyId, options).catch((error: unknown) => {
    mpc.close()
    throw error
  })
  try {
    return await deriveInCore({ call: (op, payload) => mpc.call(op, payload, options) }, secretShare, indices)
  } finally {
    secretShare.fill(0)
    mpc.close()
  }
}
