import { concatBytes, equalBytes, fromHex, toHex, type Bytes } from '../core/bytes.ts'
import { randomBytes, type Entropy } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'

const SPACE_ID_BYTES = 32
const EPOCH_BYTES = 4
const NONCE_BYTES = 16
const IDENTITY_BYTES = SPACE_ID_BYTES + EPOCH_BYTES + NONCE_BYTES

/**
 * A fresh Seal identity of a space and key epoch: space id (32 bytes), epoch
 * (u32 little endian), random nonce (16). Checked by `assert_identity` in
 * `contracts/move/sources/space.move`. Nothing in it is meaningful, and a
 * rotation makes the old one worthless to whoever is removed.
 */
export function createIdentity(options: { readonly spaceId: string; readonly epoch: number; readonly entropy: Entropy }): Bytes {
  return concatBytes(identityPrefix(options.spaceId, options.epoch), randomBytes(options.entropy, NONCE_BYTES))
}

/**
 * That an identity is the space's, of this epoch. Key servers would refuse
 * another one; checked first so that the error says what is wrong.
 *
 * @throws {LocketError} `codec/invalid`
 */
export function assertIdentity(identity: Uint8Array, spaceId: string, epoch: number): void {
  const prefix = identityPrefix(spaceId, epoch)
  if (identity.length === IDENTITY_BYTES && equalBytes(identity.subarray(0, prefix.length), prefix)) return
  throw new LocketError('codec/invalid', {
    operation: 'seal.openEnvelope',
    message: `the key envelope of space ${spaceId} is for another identity`,
    details: { spaceId, epoch, identity: toHex(identity.subarray(0, IDENTITY_BYTES)) },
  })
}

function identityPrefix(spaceId: string, epoch: number): Bytes {
  const epochBytes = new Uint8Array(EPOCH_BYTES)
  new DataView(epochBytes.buffer).setUint32(0, epoch, true)
  return concatBytes(fromHex(spaceId), epochBytes)
}
