import { bcs } from '@mysten/sui/bcs'
import type { Encoder } from '../encoder.ts'
import { BLOB_CERT_INTENT, PersistenceType, WALRUS_APP_ID } from '../wire-types.ts'
import type { SystemState } from '../move-types.ts'
import type { StorageCommittee } from '../committee.ts'
import { BLS_ABORT, MESSAGE_ABORT } from './abort-codes.ts'
import type { TwinCall } from './call.ts'

/** What a valid blob certificate says. `objectId` is set for deletable blobs. */
export type CertifiedBlob = { readonly blobId: string; readonly objectId: string | undefined }

const Header = bcs.struct('Header', { type: bcs.u8(), version: bcs.u8(), app: bcs.u8(), epoch: bcs.u32(), blobId: bcs.u256() })
const HEADER_BYTES = 7
const BLOB_ID_BYTES = 32

/**
 * `bls_aggregate::verify_quorum_in_epoch`, then `messages::new_certified_message`
 * and `certify_blob_message`, aborting where and as they do, in their order.
 * The signature is verified for real.
 */
export function verifyBlobCertificate(
  call: TwinCall,
  options: {
    readonly state: SystemState
    readonly committee: StorageCommittee
    readonly encoder: Encoder
    readonly signature: Uint8Array
    readonly bitmap: Uint8Array
    readonly message: Uint8Array
  },
): CertifiedBlob {
  const { state, committee, bitmap, message } = options
  const refuse = (code: number): never => call.abort('bls_aggregate', 'verify_certificate_and_weight', code)
  const members = state.committee.members
  const maxBitmapBytes = Math.ceil(members.length / 8)
  if (bitmap.length > maxBitmapBytes) refuse(BLS_ABORT.invalidBitmap)
  const signers: Uint8Array[] = []
  let weight = 0
  for (let index = 0; index < maxBitmapBytes * 8; index++) {
    const isSigner = (((bitmap[index >> 3] ?? 0) >> (index & 7)) & 1) === 1
    if (!isSigner) continue
    const member = members[index]
    if (member === undefined) return refuse(BLS_ABORT.invalidBitmap)
    weight += member.weight
    // The chain holds uncompressed keys; the verifier takes the same keys compressed.
    signers.push((committee.nodes[index] as (typeof committee.nodes)[number]).publicKey)
  }
  if (3 * weight < 2 * state.committee.n_shards + 1) refuse(BLS_ABORT.notEnoughStake)
  if (!options.encoder.verifyAggregate(signers, message, options.signature)) refuse(BLS_ABORT.signature)
  return parseCertified(call, message, state.committee.epoch)
}

function parseCertified(call: TwinCall, message: Uint8Array, epoch: number): CertifiedBlob {
  const refuse = (fn: string, code: number): never => call.abort('messages', fn, code)
  // `sui::bcs` aborts with EOutOfRange on a short message; any such message was signed by no honest node.
  if (message.length < HEADER_BYTES + BLOB_ID_BYTES + 1) return refuse('certify_blob_message', MESSAGE_ABORT.messageType)
  const header = Header.parse(message)
  if (header.version !== 0) refuse('new_certified_message', MESSAGE_ABORT.intentVersion)
  if (header.app !== WALRUS_APP_ID) refuse('new_certified_message', MESSAGE_ABORT.appId)
  if (header.epoch !== epoch) refuse('new_certified_message', MESSAGE_ABORT.epoch)
  if (header.type !== BLOB_CERT_INTENT) refuse('certify_blob_message', MESSAGE_ABORT.messageType)
  const rest = message.subarray(HEADER_BYTES + BLOB_ID_BYTES)
  if ((rest[0] as number) > 1) refuse('peel_blob_persistence_type', MESSAGE_ABORT.persistenceType)
  const persistence = PersistenceType.parse(rest)
  return { blobId: header.blobId, objectId: persistence.$kind === 'Deletable' ? persistence.Deletable.object_id : undefined }
}
