export { createAead, AEAD_KEY_BYTES, type Aead, type AeadOptions, type OpenInput, type SealInput } from './aead.ts'
export { deriveKey, expandKey, MAX_HKDF_BYTES, type DeriveKeyInput } from './hkdf.ts'
export { MAX_PAD_BYTES, PAD_HEADER_BYTES, pad, padmeLength, unpad } from './padme.ts'
export {
  decodeSealed,
  encodeSealed,
  SEAL_OVERHEAD_BYTES,
  SUITE_AES_256_GCM,
  SUITE_XCHACHA20_POLY1305,
  type AeadSuite,
  type SealedParts,
} from './sealed.ts'
