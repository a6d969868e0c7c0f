import { utf8 } from '../core/bytes.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { Network } from '../network.ts'
import type { UnlockMethod } from '../unlock/method.ts'
import { walletUnlock } from '../unlock/wallet.ts'

/**
 * Unlocks with the network's own wallet, on this page's origin.
 *
 * @throws {LocketError} `unlock/unavailable` for a threshold key (`createSuiSigner`), before it signs anything in vain.
 */
export function signerUnlock(network: Pick<Network, 'name' | 'signer'>): UnlockMethod {
  if ('hasFreshSignatures' in network.signer) {
    throw new LocketError('unlock/unavailable', {
      operation: 'locket.unlock',
      message: 'a threshold key signs differently each time: open this locket with passkeyUnlock or passphraseUnlock',
    })
  }
  return walletUnlock({
    network: network.name,
    origin: globalThis.location?.origin ?? 'this device',
    async signMessage(message) {
      try {
        const { signature } = await network.signer.signPersonalMessage(message)
        return utf8(signature)
      } catch (cause) {
        if (isLocketError(cause)) throw cause
        throw new LocketError('unlock/refused', { operation: 'locket.unlock', cause })
      }
    },
  })
}
