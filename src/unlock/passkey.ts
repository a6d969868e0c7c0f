import { isAbort } from '../core/abort.ts'
import { concatBytes, copyBytes, utf8, type Bytes } from '../core/bytes.ts'
import { randomBytes, systemEntropy, type Entropy } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { deriveKey } from '../crypto/hkdf.ts'
import type { UnlockMethod } from './method.ts'

const SALT_BYTES = 32
const MIN_CREDENTIAL_ID_BYTES = 1
const MAX_CREDENTIAL_ID_BYTES = 1_023

/** EdDSA, ES256, RS256: whatever the authenticator prefers. Its signatures are not used. */
const ALGORITHMS = [-8, -7, -257]

export type PasskeyUnlockOptions = {
  /** Domain the passkey belongs to, the page's or a parent of it. */
  readonly relyingPartyId: string
  /** Name the authenticator shows for the passkey. */
  readonly userName: string
  /** Defaults to `navigator.credentials`. */
  readonly credentials?: Pick<CredentialsContainer, 'create' | 'get'> | undefined
  readonly entropy?: Entropy | undefined
}

/**
 * Unlocks with a passkey's PRF extension (WebAuthn Level 3, section 10.1.4):
 * the authenticator computes a secret from a stored salt after verifying the
 * person, and the key is HKDF of it. The challenge is random and not checked by
 * anybody: nothing is authenticated to a server here, only the PRF output counts.
 *
 * `unlock/unavailable` if the authenticator has no PRF, `unlock/refused` if the
 * person cancels or the prompt times out.
 */
export function passkeyUnlock(options: PasskeyUnlockOptions): UnlockMethod {
  const { relyingPartyId, userName } = options
  const entropy = options.entropy ?? systemEntropy()

  const container = () => {
    const credentials = options.credentials ?? globalThis.navigator?.credentials
    if (credentials !== undefined) return credentials
    throw new LocketError('unlock/unavailable', { operation: 'unlock.passkey', message: 'this page has no WebAuthn' })
  }

  const ask = async (credentialId: Bytes, salt: Bytes, signal: AbortSignal | undefined): Promise<Bytes> => {
    const credential = await guard(signal, () =>
      container().get({
        ...(signal === undefined ? {} : { signal }),
        publicKey: {
          challenge: randomBytes(entropy, 32),
          rpId: relyingPartyId,
          allowCredentials: [{ type: 'public-key', id: credentialId }],
          userVerification: 'required',
          extensions: { prf: { eval: { first: salt } } },
        },
      }),
    )
    return prfOutput(credential) ?? unavailable()
  }

  return Object.freeze({
    kind: 'passkey' as const,
    async enroll({ vaultId, entropy: vaultEntropy, signal }) {
      const salt = randomBytes(vaultEntropy, SALT_BYTES)
      const created = await guard(signal, () =>
        container().create({
          ...(signal === undefined ? {} : { signal }),
          publicKey: {
            challenge: randomBytes(entropy, 32),
            rp: { id: relyingPartyId, name: relyingPartyId },
            user: { id: vaultId, name: userName, displayName: userName },
            pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
            authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
            extensions: { prf: { eval: { first: salt } } },
          },
        }),
      )
      if (!isPrfEnabled(created)) return unavailable()
      const credentialId = new Uint8Array(created.rawId)
      if (credentialId.length > MAX_CREDENTIAL_ID_BYTES) return unavailable()
      // Some authenticators evaluate only when asked, not when made.
      const output = prfOutput(created) ?? (await ask(credentialId, salt, signal))
      return { parameters: concatBytes(salt, credentialId), secretKey: toKey(output, salt) }
    },
    async derive({ parameters, signal }) {
      if (parameters.length < SALT_BYTES + MIN_CREDENTIAL_ID_BYTES) {
        throw new LocketError('codec/invalid', { operation: 'unlock.passkey', message: 'not the parameters of a passkey' })
      }
      const salt = copyBytes(parameters.subarray(0, SALT_BYTES))
      return toKey(await ask(copyBytes(parameters.subarray(SALT_BYTES)), salt, signal), salt)
    },
  } satisfies UnlockMethod)
}

function isPrfEnabled(credential: Credential | null): credential is PublicKeyCredential {
  return extensionResults(credential)?.prf?.enabled === true
}

function prfOutput(credential: Credential | null): Bytes | undefined {
  const first = extensionResults(credential)?.prf?.results?.first
  if (first === undefined) return undefined
  const output = ArrayBuffer.isView(first) ? new Uint8Array(first.buffer, first.byteOffset, first.byteLength) : new Uint8Array(first)
  return output.length === 32 ? copyBytes(output) : undefined
}

function extensionResults(credential: Credential | null): AuthenticationExtensionsClientOutputs | undefined {
  return (credential as PublicKeyCredential | null)?.getClientExtensionResults?.()
}

async function guard<T>(signal: AbortSignal | undefined, task: () => Promise<T>): Promise<T> {
  try {
    signal?.throwIfAborted()
    return await task()
  } catch (cause) {
    if (isAbort(cause, { signal }) || isLocketError(cause)) throw cause
    // The platform does not tell a refusal from a time-out or a missing passkey, on purpose.
    const isRefusal = cause instanceof DOMException && cause.name === 'NotAllowedError'
    throw new LocketError(isRefusal ? 'unlock/refused' : 'unlock/unavailable', { operation: 'unlock.passkey', cause })
  }
}

function unavailable(): never {
  throw new LocketError('unlock/unavailable', { operation: 'unlock.passkey', message: 'this passkey cannot derive a key (no PRF)' })
}

function toKey(output: Bytes, salt: Bytes): Bytes {
  const key = deriveKey({ secret: output, salt, info: utf8('locket/unlock/passkey/v1'), lengthBytes: 32 })
  output.fill(0)
  return key
}
