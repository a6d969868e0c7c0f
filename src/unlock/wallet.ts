import { equalBytes, toHex, utf8, type Bytes } from '../core/bytes.ts'
import { randomBytes } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { isAbort, type AbortOptions } from '../core/abort.ts'
import { deriveKey } from '../crypto/hkdf.ts'
import type { UnlockMethod } from './method.ts'

const SALT_BYTES = 32

export type WalletUnlockOptions = {
  /** Signs a personal message. The bytes of the signature, in the wallet's own form. */
  readonly signMessage: (message: Bytes, options: AbortOptions) => Promise<Uint8Array>
  /** The page's origin, as in `location.origin`. Shown to the person and part of what is signed. */
  readonly origin: string
  /** Name of the network, such as `testnet`. */
  readonly network: string
}

/**
 * The text a wallet signs to unlock. Fixed, and different from anything signed
 * for another purpose: its first line names the use, and origin, network and
 * vault are in it.
 */
export function walletUnlockMessage(options: { readonly origin: string; readonly network: string; readonly vaultId: Uint8Array }): string {
  return [
    'Locket: unlock the memories on this device',
    '',
    `Site: ${options.origin}`,
    `Network: ${options.network}`,
    `Vault: ${toHex(options.vaultId)}`,
    '',
    'Signing this moves nothing and costs nothing. Whoever has this signature can read the memories stored on this device: sign it on the site named above only.',
  ].join('\n')
}

/**
 * Unlocks with a wallet whose signatures are deterministic (Ed25519, and ECDSA
 * after RFC 6979): the key is HKDF of the signature of {@link walletUnlockMessage}.
 *
 * Enrolling asks for two signatures and refuses a wallet whose two differ
 * (`unlock/unavailable`), because it could never unlock again: zkLogin, passkey
 * wallets and hedged ECDSA. Unlocking asks for one.
 *
 * @throws {LocketError} `usage/invalid-argument` if origin or network is empty or has a line break.
 */
export function walletUnlock(options: WalletUnlockOptions): UnlockMethod {
  const { signMessage, origin, network } = options
  for (const [parameter, text] of Object.entries({ origin, network })) {
    if (/^[^\r\n]+$/.test(text)) continue
    throw new LocketError('usage/invalid-argument', { operation: 'unlock.wallet', details: { parameter } })
  }

  const sign = async (vaultId: Uint8Array, signal: AbortSignal | undefined): Promise<Bytes> => {
    signal?.throwIfAborted()
    try {
      return new Uint8Array(await signMessage(utf8(walletUnlockMessage({ origin, network, vaultId })), { signal }))
    } catch (cause) {
      if (isAbort(cause, { signal }) || isLocketError(cause)) throw cause
      throw new LocketError('unlock/refused', { operation: 'unlock.wallet', cause })
    }
  }

  return Object.freeze({
    kind: 'wallet' as const,
    async enroll({ vaultId, entropy, signal }) {
      const first = await sign(vaultId, signal)
      const second = await sign(vaultId, signal)
      if (first.length < 64 || !equalBytes(first, second)) {
        throw new LocketError('unlock/unavailable', {
          operation: 'unlock.wallet',
          message: 'this wallet signs the same text differently each time',
        })
      }
      const parameters = randomBytes(entropy, SALT_BYTES)
      return { parameters, secretKey: toKey(first, parameters) }
    },
    async derive({ vaultId, parameters, signal }) {
      if (parameters.length !== SALT_BYTES) {
        throw new LocketError('codec/invalid', { operation: 'unlock.wallet', message: 'not the parameters of a wallet' })
      }
      return toKey(await sign(vaultId, signal), parameters)
    },
  } satisfies UnlockMethod)
}

function toKey(signature: Bytes, salt: Bytes): Bytes {
  const key = deriveKey({ secret: signature, salt, info: utf8('locket/unlock/wallet/v1'), lengthBytes: 32 })
  signature.fill(0)
  return key
}
