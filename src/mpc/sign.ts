import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { badArgument } from './checks.ts'
import { contextHash } from './context-hash.ts'
import { deriveInCore, encodePath, parsePath } from './derivation.ts'
import { derivePublicKey } from './derive-public-key.ts'
import { invited, type CeremonyOptions, type Party } from './flow.ts'
import type { Suite } from './types.ts'
import { verifySignature } from './verify-signature.ts'
import { committed, setupFor, withKey } from './with-key.ts'
import { sized } from './wire.ts'

export type SignRequest = {
  readonly keyId: string
  /** Exactly as many members as the threshold, this device among them. */
  readonly participants: readonly number[]
  /** What is signed: a 32-byte digest for ECDSA and Taproot; for Ed25519 the message itself, at most 64 KiB. */
  readonly message: Bytes
  /** Signs for a key derived from this one, as `derivePublicKey` gives it. ECDSA only. Default `m`, the key itself. */
  readonly path?: string | undefined
  /** Signs for the output key with this root of scripts (BIP 341), 32 bytes. Taproot only. Default: no scripts. */
  readonly merkleRoot?: Bytes | undefined
}

/** The same for several messages. */
export type SignBatchRequest = Omit<SignRequest, 'message'> & { readonly messages: readonly Bytes[] }

/** Largest message of an Ed25519 signature, in bytes. */
export const MAX_SIGNED_BYTES: number = 65_536

/** Most messages of one {@link signBatch}. */
export const MAX_BATCH = 32

/** How one message of a batch ended. */
export type SignOutcome = { readonly signature: Bytes } | { readonly error: LocketError }

/**
 * Signs together with the other participants, who each call this with the same
 * request. Nothing here judges the message: call it only for what
 * this device itself has decoded and approved.
 *
 * @returns 64 bytes, verified by another implementation before they are returned; `r || s` with low S for ECDSA.
 * @throws {LocketError} `usage/invalid-argument`; `mpc/unknown-key`, `mpc/unsettled`, `mpc/rolled-back`, `mpc/banned`, `mpc/disagreement`,
 *   `mpc/misbehaved`, `mpc/invalid-signature`, `mpc/deadline`; what the session fails with. The share stays as it was.
 */
export async function sign(party: Party, request: SignRequest, options: CeremonyOptions): Promise<Bytes> {
  const { message, ...rest } = request
  const [outcome] = await signBatch(party, { ...rest, messages: [message] }, options)
  if (outcome === undefined || 'error' in outcome) throw outcome?.error ?? invalid()
  return outcome.signature
}

/**
 * Signs several messages in one session; with ECDSA in the same three messages as one.
 *
 * @returns one outcome for each message, in order.
 * @throws {LocketError} as {@link sign}; `usage/invalid-argument` for none or more than {@link MAX_BATCH}.
 */
export async function signBatch(party: Party, request: SignBatchRequest, options: CeremonyOptions): Promise<readonly SignOutcome[]> {
  const { record, indices, tweak, ceremony, messages } = prepare(party, request)
  const { suite, current } = record
  return withKey(
    party,
    ceremony,
    options,
    async (flow, _, share) => {
      const signers = Uint8Array.from(request.participants).toSorted()
      const { publicKey } = indices.length === 0 ? current : await deriveInCore(flow, share, indices)
      // A session of its own within the session for each run: no two ceremonies share an id.
      const run = (number: number, about: Bytes) => {
        const id = sha256(concatBytes(flow.session.id, Uint8Array.of(number)))
        return flow.run([share, signers, tweak, about].flatMap(sized), id)
      }
      const signatures: Bytes[] = []
      if (suite === 'ecdsa-secp256k1') {
        const result = await run(0, concatBytes(...messages))
        // `r || s || recovery id` each; zeros where it failed.
        messages.forEach((__, at) => signatures.push(result.slice(at * 65, at * 65 + SIGNATURE_BYTES)))
      } else for (const [at, message] of messages.entries()) signatures.push(await run(at, message))
      return judge({ suite, publicKey, messages, signatures, merkleRoot: request.merkleRoot })
    },
    (outcomes) => concatBytes(...outcomes.map((outcome) => ('error' in outcome ? new Uint8Array(SIGNATURE_BYTES) : outcome.signature))),
  )
}

/**
 * The signatures of a batch that the others finished, for a participant that missed the end: its session, and
 * even its process, may be gone. The others leave them on the relay until the deadline.
 *
 * @param request - What was signed, and by the same `options.invitation`.
 * @returns as {@link signBatch}, verified likewise.
 * @throws {LocketError} `session/timeout` if nobody left any, and as {@link sign}.
 */
export async function fetchSignatures(party: Party, request: SignBatchRequest, options: CeremonyOptions): Promise<readonly SignOutcome[]> {
  const { record, indices, ceremony, messages } = prepare(party, request)
  const { suite, current } = record
  const { publicKey } = indices.length === 0 ? current : await derivePublicKey(party, request, options)
  const read = (result: Bytes) => {
    const signatures = messages.map((_, at) => result.slice(at * SIGNATURE_BYTES, (at + 1) * SIGNATURE_BYTES))
    return judge({ suite, publicKey, messages, signatures, merkleRoot: request.merkleRoot })
  }
  const setup = invited(setupFor(record, ceremony), options.invitation)
  const isAny = async (result: Bytes) => (await read(result)).some((outcome) => 'signature' in outcome)
  return read(await party.meeting.fetchResult(setup, isAny, { signal: options.signal }))
}

function prepare(party: Party, { keyId, participants, messages, path = 'm', merkleRoot }: SignBatchRequest) {
  const record = committed(party, keyId, OPERATION)
  const { suite, current } = record
  const indices = parsePath(suite, path)
  if (messages.length < 1 || messages.length > MAX_BATCH) throw badArgument(OPERATION, 'messages', `1 to ${MAX_BATCH} messages`)
  for (const message of messages) assertMessage(suite, message)
  const isRoot = merkleRoot === undefined || (suite === 'frost-taproot' && merkleRoot.length === 32)
  if (!isRoot) throw badArgument(OPERATION, 'merkleRoot', 'a Merkle root is 32 bytes, and of a Taproot key')
  const tweak = merkleRoot ?? encodePath(indices)
  const ceremony = { protocol: 'sign', keyId, participants, count: current.threshold, context: contextOf(path, tweak, messages) }
  return { record, indices, tweak, ceremony, messages }
}

function judge(input: {
  readonly suite: Suite
  readonly publicKey: Bytes
  readonly messages: readonly Bytes[]
  readonly signatures: readonly Bytes[]
  readonly merkleRoot: Bytes | undefined
}): Promise<readonly SignOutcome[]> {
  const { messages, signatures, ...rest } = input
  return Promise.all(messages.map((message, at) => outcomeOf({ ...rest, message, signature: signatures[at] as Bytes })))
}

async function outcomeOf(input: Parameters<typeof verifySignature>[0] & { readonly signature: Bytes }): Promise<SignOutcome> {
  return (await verifySignature(input)) ? { signature: input.signature } : { error: invalid() }
}

/** What the participants must agree on besides the key: each message by its own hash, so that no two lists spell the same bytes. */
function contextOf(path: string, tweak: Bytes, messages: readonly Bytes[]): Bytes {
  return contextHash('sign', utf8(`${path}\0`), sha256(tweak), ...messages.map((message) => sha256(message)))
}

/** @throws {LocketError} `usage/invalid-argument` */
function assertMessage(suite: Suite, message: Uint8Array): void {
  const fits = suite === 'frost-ed25519' ? message.length <= MAX_SIGNED_BYTES : message.length === 32
  if (!fits) throw badArgument(OPERATION, 'message', 'a message is a 32-byte digest, or for Ed25519 at most 64 KiB')
}

function invalid(): LocketError {
  return new LocketError('mpc/invalid-signature', { operation: OPERATION })
}

const OPERATION = 'mpc.sign'
const SIGNATURE_BYTES = 64
