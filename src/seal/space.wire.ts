import { bcs } from '@mysten/bcs'
import { toBase64Url, toHex } from '../core/bytes.ts'
import { decodeStrict } from '../core/codec.ts'
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
 * @throws {LocketError} `codec/invalid`, `codec/truncated`, `codec/trailing-bytes`; `codec/unknown-version` for a
 *   role a later contract has added.
 */
export function decodeSpace(contents: Uint8Array): SpaceState {
  const space = decodeStrict(Space, contents, 'seal.decodeSpace')
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
      if (role === undefined) throw unknownRole()
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
 * @throws {LocketError} `codec/invalid`, `codec/truncated`, `codec/trailing-bytes`
 */
export function decodeMarker(contents: Uint8Array): { readonly spaceId: string } {
  return { spaceId: address(decodeStrict(Marker, contents, 'seal.decodeMarker').space) }
}

function address(bytes: Iterable<number>): string {
  return `0x${toHex(Uint8Array.from(bytes))}`
}

function unknownRole(): LocketError {
  return new LocketError('codec/unknown-version', {
    operation: 'seal.decodeSpace',
    message: 'a member has a role this version does not know',
  })
}
