/** Numbers of `wasm/SPEC.md` section 7. */
export const OP_OPEN = 1
export const OP_ADVANCE = 2
export const OP_CLOSE = 3
export const OP_DESCRIBE = 4
export const OP_DERIVE = 5

/** What a ceremony is for. */
export const PROTOCOLS = {
  create: 1,
  sign: 2,
  refresh: 3,
  reshare: 4,
  repair: 5,
  import: 6,
  export: 7,
  presign: 8,
  finish: 9,
} as const
