import { bcs, toBase64 } from '@mysten/bcs'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { Transaction } from '@mysten/sui/transactions'

/** Everything a key request says, each part replaceable before it is signed. */
export type KeyRequestPlan = {
  wallet: Ed25519Keypair
  session: Ed25519Keypair
  packageId: string
  /** BCS of the transaction kind; the request carries it without its first byte. */
  kind: Uint8Array
  creationTimeMs: number
  ttlMin: number
  mvrName?: string
  /** Replaces what the wallet signs. */
  message?: string
  /** Changes the body after everything is signed. */
  tamper?: (body: KeyRequestBody) => unknown
}

export type KeyRequestBody = {
  ptb: string
  enc_key: string
  enc_verification_key: string
  request_signature: string
  certificate: { user: string; session_vk: string; creation_time: number; ttl_min: number; signature: string; mvr_name?: string }
}

/** The requester's one-time ElGamal key of these tests. */
export const ELGAMAL_SECRET = 0x1234_5678n

/** A body as the client sends it. */
export async function keyRequestBody(plan: KeyRequestPlan): Promise<unknown> {
  const ptb = plan.kind.slice(1)
  const encKey = bls12_381.G1.Point.BASE.multiply(ELGAMAL_SECRET).toBytes()
  const encVerificationKey = bls12_381.G2.Point.BASE.multiply(ELGAMAL_SECRET).toBytes()
  const sessionKey = toBase64(plan.session.getPublicKey().toRawBytes())
  const at = new Date(plan.creationTimeMs).toISOString().slice(0, 19).replace('T', ' ')
  const message =
    plan.message ?? `Accessing keys of package ${plan.packageId} for ${plan.ttlMin} mins from ${at} UTC, session key ${sessionKey}`
  const { signature } = await plan.wallet.signPersonalMessage(new TextEncoder().encode(message))
  const Signed = bcs.struct('RequestFormat', { ptb: bcs.byteVector(), encKey: bcs.byteVector(), vk: bcs.byteVector() })
  const signed = Signed.serialize({ ptb, encKey, vk: encVerificationKey }).toBytes()
  const body: KeyRequestBody = {
    ptb: toBase64(ptb),
    enc_key: toBase64(encKey),
    enc_verification_key: toBase64(encVerificationKey),
    request_signature: toBase64(await plan.session.sign(signed)),
    certificate: {
      user: plan.wallet.toSuiAddress(),
      session_vk: sessionKey,
      creation_time: plan.creationTimeMs,
      ttl_min: plan.ttlMin,
      signature,
      ...(plan.mvrName === undefined ? {} : { mvr_name: plan.mvrName }),
    },
  }
  return plan.tamper ? plan.tamper(body) : body
}

/** Transaction kind bytes whose commands are added by `build`. */
export async function kindBytes(build: (tx: Transaction) => void): Promise<Uint8Array> {
  const tx = new Transaction()
  build(tx)
  return tx.build({ onlyTransactionKind: true })
}

export const CLIENT_HEADERS = {
  'content-type': 'application/json',
  'request-id': '7b6ff9f7-9b0a-4d5c-8d0f-0d4fd4a54b1a',
  'client-sdk-type': 'typescript',
  'client-sdk-version': '1.4.12',
}
