import type { ClientWithCoreApi } from '@mysten/sui/client'
import { verifyTransactionSignature } from '@mysten/sui/verify'
import { TransactionRejection } from './failure.ts'

/**
 * Checks that everyone who must sign a transaction did: the sender, and who
 * pays for gas if that is someone else. Any scheme `@mysten/sui/verify` knows
 * is accepted except zkLogin, which needs a network.
 *
 * @throws {TransactionRejection} `signature`
 */
export async function verifySignatures(
  bytes: Uint8Array,
  signatures: readonly string[],
  signers: readonly string[],
  client?: ClientWithCoreApi,
): Promise<void> {
  const required = [...new Set(signers)]
  if (signatures.length !== required.length) {
    throw new TransactionRejection('signature', `Expect ${required.length} signer signatures but got ${signatures.length}`)
  }
  const signed = new Set<string>()
  for (const signature of signatures) {
    try {
      const key = await verifyTransactionSignature(bytes, signature, client ? { client } : {})
      signed.add(key.toSuiAddress())
    } catch (cause) {
      throw new TransactionRejection('signature', `Signature is not valid: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
  }
  for (const signer of required) {
    if (!signed.has(signer)) {
      throw new TransactionRejection('signature', `Required Signature from ${signer} is absent ${JSON.stringify([...signed])}`)
    }
  }
}
