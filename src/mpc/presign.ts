import { sha256 } from '@noble/hashes/sha2.js'
import { byteReader } from '../core/byte-reader.ts'
import { concatBytes, toHex, utf8, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { badArgument } from './checks.ts'
import { contextHash } from './context-hash.ts'
import { deriveInCore, encodePath, parsePath } from './derivation.ts'
import type { CeremonyOptions, Party } from './flow.ts'
import type { PresignatureEntry } from './key-record.ts'
import { MAX_BATCH, type SignRequest } from './sign.ts'
import { verifySignature } from './verify-signature.ts'
import { committed, withKey } from './with-key.ts'
import { readSized, sized } from './wire.ts'

/**
 * Does all of signing that does not need the message, for `count` signatures of
 * these participants and this path. ECDSA only. Each is good for one signature, in this
 * epoch, with the same participants; the store keeps them sealed, never in a backup.
 *
 * @returns their ids, the same for every participant. `shares.record(keyId).presignatures` lists what is left.
 * @throws {LocketError} as `sign`; `usage/invalid-argument` for another suite, or a count that is not 1 to 32.
 */
export async function presign(
  party: Party,
  request: Omit<SignRequest, 'message'> & { readonly count: number },
  options: CeremonyOptions,
): Promise<readonly string[]> {
  const { keyId, participants, count, path = 'm' } = request
  const { suite, current } = committed(party, keyId, OPERATION)
  const indices = parsePath(suite, path)
  if (suite !== 'ecdsa-secp256k1') throw badArgument(OPERATION, 'keyId', 'only ECDSA has presignatures')
  if (!Number.isInteger(count) || count < 1 || count > MAX_BATCH) throw badArgument(OPERATION, 'count', `1 to ${MAX_BATCH} presignatures`)
  const context = contextHash('presign', utf8(`${path}\0${count}`))
  return withKey(
    party,
    { protocol: 'presign', keyId, participants, count: current.threshold, context },
    options,
    async (flow, _, share) => {
      const parties = [...participants].toSorted((a, b) => a - b)
      const result = await flow.run([...[share, Uint8Array.from(parties), encodePath(indices)].flatMap(sized), Uint8Array.of(count)])
      // Kept only when all have seen the same: a presignature of another view signs nothing.
      await flow.session.finish({ signal: flow.signal })
      const reader = byteReader(result, OPERATION)
      const ids: string[] = []
      for (let at = 0; at < count; at++) {
        const secret = readSized(reader)
        const entry: PresignatureEntry = { id: toHex(sha256(concatBytes(flow.session.id, Uint8Array.of(at)))), parties, path }
        await party.shares.keepPresignature(keyId, entry, secret)
        secret.fill(0)
        ids.push(entry.id)
      }
      result.fill(0)
      return ids
    },
  )
}

/**
 * Signs with a presignature: one message from each participant, and a few
 * multiplications. Every participant calls this with the same request. The
 * presignature is gone from disk before anything made with it leaves, whatever comes of it.
 *
 * @returns as `sign`.
 * @throws {LocketError} as `sign`; `mpc/presignature-used` if it is not here, is used up, or was made for other participants or another path.
 */
export async function signWithPresignature(
  party: Party,
  request: SignRequest & { readonly presignatureId: string },
  options: CeremonyOptions,
): Promise<Bytes> {
  const { keyId, participants, message, path = 'm', presignatureId } = request
  const { suite, current, presignatures } = committed(party, keyId, OPERATION)
  const indices = parsePath(suite, path)
  if (message.length !== 32) throw badArgument(OPERATION, 'message', 'a message is a 32-byte digest')
  const entry = presignatures.find(({ id }) => id === presignatureId)
  const fits = entry !== undefined && entry.path === path && entry.parties.join() === [...participants].toSorted((a, b) => a - b).join()
  if (!fits) throw new LocketError('mpc/presignature-used', { operation: OPERATION, details: { keyId, presignatureId } })
  const context = contextHash('finish', utf8(`${presignatureId}\0`), message)
  return withKey(party, { protocol: 'finish', keyId, participants, count: current.threshold, context }, options, async (flow, _, share) => {
    const { publicKey } = indices.length === 0 ? current : await deriveInCore(flow, share, indices)
    // Only now, with everybody there and agreed on the digest; and for ever.
    const secret = await party.shares.takePresignature(keyId, presignatureId)
    const result = flow.run([...sized(share), ...sized(secret), message])
    secret.fill(0)
    const signature = (await result).slice(0, 64)
    if (await verifySignature({ suite, publicKey, message, signature })) return signature
    throw new LocketError('mpc/invalid-signature', { operation: OPERATION })
  })
}

const OPERATION = 'mpc.presign'
