/** Every limit of the library that a caller can meet, in one place. */

/** Largest text or payload of one memory, in bytes of UTF-8 or raw bytes. */
export const MAX_ITEM_BYTES: number = 4 * 1024 * 1024

/** Most tags on one memory. */
export const MAX_TAGS: number = 64

/** Longest tag, in bytes of UTF-8. */
export const MAX_TAG_BYTES: number = 256

/** Longest category or space name, in bytes of UTF-8. */
export const MAX_NAME_BYTES: number = 128

/** Most results one recall returns. */
export const MAX_RECALL: number = 1_000

/** Largest value one store record may hold. */
export const MAX_RECORD_BYTES: number = 64 * 1024 * 1024
