import type { IntentScope, PublicKey, SignatureScheme, SignatureWithBytes, Signer } from '@mysten/sui/cryptography'
import { blake2b } from '@noble/hashes/blake2.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, copyBytes, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { loadPeer } from '../core/load-peer.ts'
import type { Suite, ThresholdKey } from './types.ts'

/** What somebody is asked to sign: enough for every co-signer to see and judge it for themselves. */
export type SuiSignRequest = {
  /** `undefined` where only a digest is known, which nobody should sign blindly. */
  readonly intent: IntentScope | undefined
  /** What is signed under that intent, in BCS: `TransactionData`, or a personal message as a byte vector. */
  readonly bytes: Bytes
}

/** A Sui signer whose key is shared. Its signatures differ each time, so it cannot unlock a vault: see `hasFreshSignatures`. */
export type SuiThresholdSigner = Signer & { readonly hasFreshSignatures: true }

/**
 * The bytes that a key of this suite signs for Sui: the BLAKE2b-256 digest of
 * the intent message for Ed25519, and SHA-256 of that digest for secp256k1. A co-signer
 * computes them from a request it has looked at, never from another party's word.
 *
 * @throws {LocketError} `usage/unsupported` for a suite Sui has no scheme for, or an intent Sui does not have.
 */
export function suiMessageToSign(suite: Suite, { intent, bytes }: SuiSignRequest): Bytes {
  assertSuite(suite)
  if (intent === undefined) return hashFor(suite, bytes)
  const scope = SCOPES.split(' ').indexOf(intent)
  if (scope < 0) throw new LocketError('usage/unsupported', { operation: 'mpc.suiMessageToSign', message: `no intent ${intent}` })
  // Scope, version V0, app Sui: one byte each, then the value (docs.sui.io, intent signing).
  return hashFor(suite, blake2b(concatBytes(Uint8Array.of(scope, 0, 0), bytes), { dkLen: 32 }))
}

/**
 * A `Signer` of `@mysten/sui` over a threshold key, for whatever takes one: clients, Seal
 * sessions, Walrus writes, a network. It asks `sign` for each signature; `sign` brings the parties together.
 *
 * Not for unlocking: a threshold signature is different each time. Open a locket that it owns with a
 * passphrase or a passkey.
 *
 * @param options.sign - Signs `message` (`suiMessageToSign` of the request) by `sign` of this module, after the others were shown the request.
 * @throws {LocketError} `usage/missing-peer` without `@mysten/sui`, `usage/unsupported` for a Taproot key.
 */
export async function createSuiSigner(options: {
  readonly key: Pick<ThresholdKey, 'suite' | 'publicKey'>
  readonly sign: (request: SuiSignRequest & { readonly message: Bytes }) => Promise<Uint8Array>
}): Promise<SuiThresholdSigner> {
  const { key, sign } = options
  const { suite } = key
  assertSuite(suite)
  const { Base, toSerializedSignature, toBase64, publicKey } = await load(suite, key.publicKey)
  const signatureScheme: SignatureScheme = suite === 'frost-ed25519' ? 'ED25519' : 'Secp256k1'
  const ask = async (request: SuiSignRequest) => copyBytes(await sign({ ...request, message: suiMessageToSign(suite, request) }))

  class ThresholdSigner extends Base {
    readonly hasFreshSignatures = true
    override async signWithIntent(value: Uint8Array, intent: IntentScope): Promise<SignatureWithBytes> {
      const bytes = copyBytes(value)
      const signature = toSerializedSignature({ signature: await ask({ intent, bytes }), signatureScheme, publicKey })
      return { signature, bytes: toBase64(bytes) }
    }
    override async sign(digest: Uint8Array): Promise<Bytes> {
      return ask({ intent: undefined, bytes: copyBytes(digest) })
    }
    override getKeyScheme(): SignatureScheme {
      return signatureScheme
    }
    override getPublicKey(): PublicKey {
      return publicKey
    }
  }
  return new ThresholdSigner()
}

/** In the order of their numbers. */
const SCOPES = 'TransactionData TransactionEffects CheckpointSummary PersonalMessage'

function hashFor(suite: Suite, digest: Uint8Array): Bytes {
  return copyBytes(suite === 'frost-ed25519' ? digest : sha256(digest))
}

function assertSuite(suite: Suite): void {
  if (suite !== 'frost-taproot') return
  throw new LocketError('usage/unsupported', { operation: 'mpc.suiSigner', message: 'Sui has no Taproot keys: use ECDSA or Ed25519' })
}

function load(suite: Suite, publicKey: Bytes) {
  return loadPeer('mpc.suiSigner', '@mysten/sui', async () => {
    const { Signer: Base, toSerializedSignature } = await import('@mysten/sui/cryptography')
    const { toBase64 } = await import('@mysten/sui/utils')
    if (suite === 'frost-ed25519') {
      const { Ed25519PublicKey } = await import('@mysten/sui/keypairs/ed25519')
      return { Base, toSerializedSignature, toBase64, publicKey: new Ed25519PublicKey(publicKey) }
    }
    const { Secp256k1PublicKey } = await import('@mysten/sui/keypairs/secp256k1')
    return { Base, toSerializedSignature, toBase64, publicKey: new Secp256k1PublicKey(publicKey) }
  })
}
