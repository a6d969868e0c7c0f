/*
 * Abort codes of the Walrus package, from the `const E…` lines of its modules.
 * Table tests state one case for each that a twin can reach.
 */

/** `walrus::blob`. */
export const BLOB_ABORT = Object.freeze({
  notCertified: 0,
  notDeletable: 1,
  resourceBounds: 2,
  resourceSize: 3,
  alreadyCertified: 5,
  invalidBlobId: 6,
  duplicateMetadata: 7,
  missingMetadata: 8,
  invalidPersistenceType: 9,
  invalidBlobObject: 10,
})

/** `walrus::system_state_inner`. */
export const SYSTEM_ABORT = Object.freeze({ storageExceeded: 1, invalidEpochsAhead: 2, invalidResourceSize: 11 })

/** `walrus::bls_aggregate`. */
export const BLS_ABORT = Object.freeze({ invalidBitmap: 0, signature: 1, notEnoughStake: 2 })

/** `walrus::messages`. */
export const MESSAGE_ABORT = Object.freeze({
  appId: 0,
  epoch: 1,
  messageType: 2,
  intentVersion: 3,
  persistenceType: 4,
})

/** `walrus::encoding`. */
export const ENCODING_ABORT = Object.freeze({ invalidEncodingType: 0 })

/** `0x2::vec_map`: the key is not there. */
export const VEC_MAP_KEY_MISSING = 1
