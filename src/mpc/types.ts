import type { Bytes } from '../core/bytes.ts'

/** What a key signs with, and for whom. */
export type Suite = 'ecdsa-secp256k1' | 'frost-ed25519' | 'frost-taproot'

/** One holder of a share. */
export type Member = {
  /** 1 to the number of members. 0 is the key itself and never a party. */
  readonly index: number
  /** What people call this holder: `agent`, `person`, `recovery`. */
  readonly name: string
  /** Its device's public card, as the session layer encodes it. */
  readonly card: Bytes
}

/** The public side of one key as this device holds it. */
export type ThresholdKey = {
  /** 32 bytes, hexadecimal: a hash of suite and public key. The same for every member and epoch. */
  readonly id: string
  readonly suite: Suite
  /** How often the shares were replaced, from 0. The key itself stays the same. */
  readonly epoch: number
  /** How many members sign together. */
  readonly threshold: number
  /** Ascending by index. */
  readonly members: readonly Member[]
  /** This device's own index. */
  readonly self: number
  /** Compressed point (33 bytes), Ed25519 key (32), or Taproot's internal key (32), under which nothing is signed itself. */
  readonly publicKey: Bytes
}

/** Two of three: an agent that works, a person who decides, and a share in a drawer. Pass cards in this order. */
export const AGENT_PERSON_RECOVERY: readonly ['agent', 'person', 'recovery'] = ['agent', 'person', 'recovery']
