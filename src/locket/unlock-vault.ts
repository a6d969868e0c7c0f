import type { AbortOptions } from '../core/abort.ts'
import { concatBytes, equalBytes, fromHex, utf8, type Bytes } from '../core/bytes.ts'
import type { Entropy } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import type { Aead } from '../crypto/aead.ts'
import type { Network } from '../network.ts'
import type { BlobStore } from '../store/port.ts'
import type { UnlockMethod } from '../unlock/method.ts'
import { createVaultKey, hasVault, openVaultKey } from '../unlock/vault-key.ts'
import { signerUnlock } from './signer-unlock.ts'

/** Which network and policy package the vault's memories belong to. Public knowledge, so it lies in the open. */
const BINDING_KEY = 'vault/binding'

/**
 * The vault key: opened, or made for a new vault.
 *
 * @throws {LocketError} `chain/wrong-network` if the vault was made for another network or policy package; `unlock/*`.
 */
export async function unlockVault(
  options: AbortOptions & {
    readonly store: BlobStore
    readonly network: Network
    readonly method: UnlockMethod | undefined
    readonly aead: Aead
    readonly entropy: Entropy
  },
): Promise<Bytes> {
  const { store, network, aead, entropy, signal } = options
  const method = options.method ?? signerUnlock(network)
  const binding = concatBytes(fromHex(network.seal.policyPackageId.replace(/^0x/, '').padStart(64, '0')), utf8(network.name))
  if (await hasVault({ store, signal })) {
    const bound = await store.get(BINDING_KEY, { signal })
    if (bound !== undefined && !equalBytes(bound, binding)) {
      throw new LocketError('chain/wrong-network', {
        operation: 'locket.open',
        message: 'the memories on this device belong to another network',
        details: { network: network.name },
      })
    }
    return openVaultKey({ store, method, aead, entropy, signal })
  }
  await store.put(BINDING_KEY, binding, { signal })
  return createVaultKey({ store, method, aead, entropy, signal })
}
