import { bcs } from '@mysten/bcs'
import { copyBytes, equalBytes, toBase64Url, toHex } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import type { MemberRole, SpaceState } from './types.ts'

const Address = /* @__PURE__ */ bcs.bytes(32)

/** Field order is the contract's: `struct Space` in `contracts/move/sources/space.move`. */
const Space = /* @__PURE__ */ (() =>
  bcs.struct('Space', {
    id: Address,
    version: bcs.u64(),
    owner: Address,
    epoch: bcs.u32(),
    head_version: bcs.u64(),
    head: bcs.byteVector(),
    key_envelope: bcs.byteVector(),
    key_history: bcs.byteVector(),
    label: bcs.byteVector(),
    members: bcs.vector(bcs.struct('Entry', { key: Address, value: bcs.struct('Member', { role: bcs.u8(), expires_at_ms: bcs.u64() }) })),
    timelock: bcs.option(bcs.struct('Timelock', { beneficiary: Address, release_at_ms: bcs.u64() })),
    successor: bcs.option(bcs.struct('Successor', { who: Address, silence_ms: bcs.u64() })),
    last_seen_ms: bcs.u64(),
  }))()

/** `struct SpaceKey`: the marker by which a wallet finds its spaces. */
const Marker = /* @__PURE__ */ (() => bcs.struct('SpaceKey', { id: Address, space: Address, owner: bcs.bool() }))()

/** Roles by their number in the contract. */
export const ROLES: readonly MemberRole[] = ['reader', 'writer']

/**
 * Decodes the contents of a `Space` object.
 *
 * @throws {LocketError} `codec/invalid`
 */
export function decodeSpace(contents: Uint8Array): SpaceState {
  const space = strictly(Space, contents)
  return Object.freeze({
    id: address(space.id),
    owner: address(space.owner),
    version: Number(space.version),
    epoch: space.epoch,
    headVersion: BigInt(space.head_version),
    headBlobId: space.head.length === 0 ? undefined : toBase64Url(Uint8Array.from(space.head)),
    keyEnvelope: Uint8Array.from(space.key_envelope),
    keyHistory: Uint8Array.from(space.key_history),
    label: Uint8Array.from(space.label),
    members: space.members.map(({ key, value }) => {
      const role = ROLES[value.role]
      if (role === undefined) throw invalid()
      const expiresAtMs = value.expires_at_ms === '0' ? undefined : Number(value.expires_at_ms)
      return Object.freeze({ address: address(key), role, expiresAtMs })
    }),
    timelock: space.timelock
      ? { beneficiary: address(space.timelock.beneficiary), releaseAtMs: Number(space.timelock.release_at_ms) }
      : undefined,
    successor: space.successor ? { address: address(space.successor.who), silenceMs: Number(space.successor.silence_ms) } : undefined,
    lastSeenMs: Number(space.last_seen_ms),
  })
}

/**
 * The space a marker points to.
 *
 * @throws {LocketError} `codec/invalid`
 */
export function decodeMarker(contents: Uint8Array): { readonly spaceId: string } {
  return { spaceId: address(strictly(Marker, contents).space) }
}

/** Parses, and refuses bytes that are not the one encoding of what they say. */
function strictly<T, I>(type: { parse(bytes: Uint8Array): T; serialize(value: I): { toBytes(): Uint8Array } }, contents: Uint8Array): T {
  // A copy: the reader does not stop at the end of a view into a larger buffer.
  const bytes = copyBytes(contents)
  let value: T
  try {
    value = type.parse(bytes)
    if (equalBytes(type.serialize(value as unknown as I).toBytes(), bytes)) return value
  } catch (cause) {
    throw invalid(cause)
  }
  throw invalid()
}

function address(bytes: Iterable<number>): string {
  return `0x${toHex(Uint8Array.from(bytes))}`
}

function invalid(cause?: unknown): LocketError {
  return new LocketError('codec/invalid', { operation: 'seal.decodeSpace', message: 'the object is not a space', cause })
}
