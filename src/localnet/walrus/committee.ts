import { bls12_381 } from '@noble/curves/bls12-381.js'
import type { Bytes } from '../../core/bytes.ts'
import { type Entropy, randomBytes } from '../../core/capabilities.ts'

/** One storage node of the localnet. */
export type StorageNode = {
  readonly index: number
  /** Id of its `StakingPool`. */
  readonly id: string
  /** Host name it answers under. */
  readonly host: string
  /** Shards it holds; their number is its weight. */
  readonly shards: ReadonlySet<number>
  /** BLS12-381 min-pk public key: G1, 48 bytes compressed, 96 uncompressed. */
  readonly publicKey: Bytes
  readonly publicKeyUncompressed: Bytes
}

/** The storage nodes and what they sign with. Secret keys never leave this object. */
export type StorageCommittee = {
  readonly nodes: readonly StorageNode[]
  /** The sum of all public keys, 48 bytes. */
  readonly aggregateKey: Bytes
  /** The node's signature, 96 bytes of G2. */
  sign(node: StorageNode, message: Uint8Array): Bytes
  /** What aggregating the signatures of `signers` gives, at the price of one. */
  signTogether(signers: readonly StorageNode[], message: Uint8Array): Bytes
}

const ORDER = bls12_381.fields.Fr.ORDER

/**
 * Makes `count` nodes and deals the shards out as evenly as they go. The client
 * counts nodes where the contract counts shards, so weights must not differ by
 * more than one for both to agree on what a quorum is.
 */
export function createCommittee(options: {
  readonly count: number
  readonly nShards: number
  readonly hostOf: (index: number) => string
  readonly freshId: () => string
  readonly entropy: Entropy
}): StorageCommittee {
  const { count, nShards } = options
  const scheme = bls12_381.longSignatures
  const secretKeys: bigint[] = []
  let aggregate = bls12_381.G1.Point.ZERO
  const nodes = Array.from({ length: count }, (_, index): StorageNode => {
    const { secretKey, publicKey } = scheme.keygen(randomBytes(options.entropy, 48))
    secretKeys.push(bytesToBigInt(secretKey))
    aggregate = aggregate.add(publicKey)
    const shards = new Set<number>()
    for (let shard = 0; shard < nShards; shard++) if (Math.floor((shard * count) / nShards) === index) shards.add(shard)
    return Object.freeze({
      index,
      id: options.freshId(),
      host: options.hostOf(index),
      shards,
      publicKey: new Uint8Array(publicKey.toBytes()),
      publicKeyUncompressed: new Uint8Array(publicKey.toBytes(false)),
    })
  })
  // The last message hashed: every node signs the same one, and the hash is half the work.
  let hashed: { readonly message: Uint8Array; readonly point: ReturnType<typeof scheme.hash> } | undefined

  const signWith = (secretKey: bigint, message: Uint8Array): Bytes => {
    if (hashed === undefined || !sameBytes(hashed.message, message)) hashed = { message: message.slice(), point: scheme.hash(message) }
    return new Uint8Array(hashed.point.multiply(secretKey).toBytes())
  }
  return Object.freeze<StorageCommittee>({
    nodes,
    aggregateKey: new Uint8Array(aggregate.toBytes()),
    sign: (node, message) => signWith(secretKeys[node.index] as bigint, message),
    // BLS signatures add up: signing once with the sum of the keys is the aggregate.
    signTogether(signers, message) {
      let sum = 0n
      for (const { index } of signers) sum = (sum + (secretKeys[index] as bigint)) % ORDER
      return signWith(sum, message)
    },
  })
}

function bytesToBigInt(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
