import { bcs, toBase64 } from '@mysten/bcs'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { copyBytes, utf8, type Bytes } from '../core/bytes.ts'
import { randomBytes, type Entropy } from '../core/capabilities.ts'
import { formatUtcSeconds } from '../core/utc.ts'

/** Key servers cut sessions off at their TTL; ours end this much earlier, so that a request under way still arrives. */
const END_EARLY_MS = 10_000

/**
 * A Seal session: an Ed25519 key the wallet certified for one package, one
 * address and 1 to 30 minutes. It cannot be extended, only replaced.
 */
export type Session = {
  readonly address: string
  readonly packageId: string
  readonly creationTimeMs: number
  readonly ttlMin: number
  readonly signature: string
  readonly secretKey: Bytes
}

const SignedRequest = /* @__PURE__ */ (() =>
  bcs.struct('RequestFormat', {
    ptb: bcs.byteVector(),
    encKey: bcs.byteVector(),
    encVerificationKey: bcs.byteVector(),
  }))()

/** What the wallet is asked to sign, word for word what the key servers rebuild. */
export function sessionMessage(session: Omit<Session, 'signature'>): Bytes {
  const { packageId, ttlMin, creationTimeMs, secretKey } = session
  return utf8(
    `Accessing keys of package ${packageId} for ${ttlMin} mins from ${formatUtcSeconds(creationTimeMs)} UTC, ` +
      `session key ${toBase64(ed25519.getPublicKey(secretKey))}`,
  )
}

/** Whether a session is still good at `nowMs` of the key servers' clock. */
export function isUsable(session: Session, nowMs: number): boolean {
  return nowMs < session.creationTimeMs + session.ttlMin * 60_000 - END_EARLY_MS
}

/** Whether the key servers consider a session over at `nowMs` of their clock. */
export function isOver(session: Session, nowMs: number): boolean {
  return nowMs > session.creationTimeMs + session.ttlMin * 60_000
}

/**
 * The three methods `SealClient` calls of its own `SessionKey`, over our
 * session and our clock.
 *
 * DEVIATION: not the SDK's `SessionKey`, because that one judges expiry by the
 * platform's clock. On a device that is ahead by its TTL it refuses to import
 * a session that every key server accepts, and it holds the key as a string.
 */
export type SealSession = {
  getPackageId(): string
  getCertificate(): Promise<{ user: string; session_vk: string; creation_time: number; ttl_min: number; signature: string }>
  createRequestParams(txBytes: Uint8Array): Promise<{
    encKey: Bytes
    encKeyPk: Bytes
    encVerificationKey: Bytes
    requestSignature: string
  }>
  /** The one-time ElGamal keys of the requests made so far, for checking what the servers answered. */
  readonly secretEncKeys: readonly Bytes[]
}

/** A session as `SealClient` wants it, for one operation. */
export function createSealSession(session: Session, entropy: Entropy): SealSession {
  const secretEncKeys: Bytes[] = []
  return {
    secretEncKeys,
    getPackageId: () => session.packageId,
    getCertificate: async () => ({
      user: session.address,
      session_vk: toBase64(ed25519.getPublicKey(session.secretKey)),
      creation_time: session.creationTimeMs,
      ttl_min: session.ttlMin,
      signature: session.signature,
    }),
    async createRequestParams(txBytes: Uint8Array) {
      const encKey = copyBytes(bls12_381.utils.randomSecretKey(randomBytes(entropy, 48)))
      secretEncKeys.push(encKey)
      const scalar = bls12_381.fields.Fr.fromBytes(encKey)
      const encKeyPk = copyBytes(bls12_381.G1.Point.BASE.multiply(scalar).toBytes())
      const encVerificationKey = copyBytes(bls12_381.G2.Point.BASE.multiply(scalar).toBytes())
      // The servers sign over the programmable transaction, without the tag of its kind.
      const signed = SignedRequest.serialize({ ptb: txBytes.slice(1), encKey: encKeyPk, encVerificationKey }).toBytes()
      return { encKey, encKeyPk, encVerificationKey, requestSignature: toBase64(ed25519.sign(signed, session.secretKey)) }
    },
  }
}
