// SPDX-License-Identifier: Apache-2.0

/// A space: the unit of sharing, encryption and deletion.
///
/// One shared `Space` object names who may read (owner, members, a time-lock
/// beneficiary, a successor), the current key epoch with its Seal-encrypted
/// data-key envelope, and the head of the encrypted manifest chain. Nothing in
/// it is readable content.
///
/// A Seal identity under this package is, exactly 52 bytes long,
///
///     space object id (32) || key epoch, u32 little endian (4) || nonce (16)
///
/// Every `seal_approve_*` function passes it through `assert_identity` before
/// it looks at the caller. No branch may skip that: a branch that grants on
/// membership of *some* space and does not bind the identity to *that* space
/// hands out every key there is.
///
/// The version in a space pins which version of the package serves it. Once the
/// owner has called `migrate`, older versions of this package refuse it.
module locket::space;

use sui::bcs;
use sui::clock::Clock;
use sui::vec_map::{Self, VecMap};

// === Limits ===

/// The package version. Raise it in an upgrade that older code must not serve.
const VERSION: u64 = 1;

const IDENTITY_BYTES: u64 = 52;
const ID_BYTES: u64 = 32;
const EPOCH_BYTES: u64 = 4;
const HEAD_BYTES: u64 = 32;
const MAX_ENVELOPE_BYTES: u64 = 8_192;
const MAX_HISTORY_BYTES: u64 = 16_000;
const MAX_LABEL_BYTES: u64 = 1_024;
const MAX_MEMBERS: u64 = 128;
/// One day. A shorter silence is more likely a mistake of unit than a wish.
const MIN_SILENCE_MS: u64 = 86_400_000;

const ROLE_WRITER: u8 = 1;

// === Abort codes: the only list ===

/// The space belongs to another version of the package.
const EWrongVersion: u64 = 1;
/// The caller is not the owner.
const ENotOwner: u64 = 2;
/// The caller is neither the owner nor an unexpired writer.
const ENotWriter: u64 = 3;
/// `expected_epoch` is not the current key epoch.
const EStaleEpoch: u64 = 4;
/// `expected_version` is not the current head version.
const EStaleHead: u64 = 5;
/// The first key is set already; use `rotate`.
const EKeyAlreadySet: u64 = 6;
/// There is no key yet; use `set_key`.
const EKeyNotSet: u64 = 7;
/// The envelope is empty or too long.
const EEnvelopeSize: u64 = 8;
/// The key history is too long.
const EHistorySize: u64 = 9;
/// The label is too long.
const ELabelSize: u64 = 10;
/// A head is exactly 32 bytes.
const EHeadSize: u64 = 11;
/// The space has as many members as it can hold.
const ETooManyMembers: u64 = 12;
/// The role is neither 0 (reader) nor 1 (writer).
const EUnknownRole: u64 = 13;
/// An expiry must be 0 (never) or in the future.
const EExpiryInPast: u64 = 14;
/// The owner cannot be a member.
const EOwnerAsMember: u64 = 15;
/// The address is not a member.
const ENotMember: u64 = 16;
/// A release time must be in the future.
const EReleaseInPast: u64 = 17;
/// The silence is shorter than a day.
const ESilenceTooShort: u64 = 18;
/// The space is at this package's version already.
const ENothingToMigrate: u64 = 19;

/// The identity is not exactly 52 bytes.
const EIdentitySize: u64 = 20;
/// The identity names another space.
const EForeignIdentity: u64 = 21;
/// The identity names another key epoch than the current one.
const EIdentityEpoch: u64 = 22;
/// The member's access has expired.
const EMemberExpired: u64 = 23;
/// The space has no time lock.
const ENoTimelock: u64 = 24;
/// The caller is not the time lock's beneficiary.
const ENotBeneficiary: u64 = 25;
/// The time lock has not been released yet.
const ENotReleased: u64 = 26;
/// The space has no successor.
const ENoSuccessor: u64 = 27;
/// The caller is not the named successor.
const ENotSuccessor: u64 = 28;
/// The owner has been heard of too recently.
const EOwnerNotSilent: u64 = 29;

// === Types. The SDK decodes their BCS: field order is part of the interface ===

/// Shared. `head` is empty or 32 bytes, `key_envelope` is empty until `set_key`.
public struct Space has key {
    id: UID,
    version: u64,
    owner: address,
    epoch: u32,
    head_version: u64,
    head: vector<u8>,
    key_envelope: vector<u8>,
    key_history: vector<u8>,
    label: vector<u8>,
    members: VecMap<address, Member>,
    timelock: Option<Timelock>,
    successor: Option<Successor>,
    last_seen_ms: u64,
}

/// `role`: 0 reads, 1 reads and moves the head. `expires_at_ms`: 0 never expires.
public struct Member has copy, drop, store {
    role: u8,
    expires_at_ms: u64,
}

/// `beneficiary` may read from `release_at_ms` on.
public struct Timelock has copy, drop, store {
    beneficiary: address,
    release_at_ms: u64,
}

/// `who` may read once the owner has made no call for `silence_ms`.
public struct Successor has copy, drop, store {
    who: address,
    silence_ms: u64,
}

/// A marker by which a wallet finds the spaces it has to do with. It grants
/// nothing: no function accepts it as proof of anything, and it stays behind
/// when its holder is removed.
public struct SpaceKey has key {
    id: UID,
    space: ID,
    owner: bool,
}

// === Owner: life of a space ===

/// Shares a new, empty space of the caller and sends them a marker. The first
/// key follows with `set_key`, because its Seal identity contains the new id.
public fun create(clock: &Clock, ctx: &mut TxContext) {
    let space = new(clock, ctx);
    give_marker(&space, ctx.sender(), true, ctx);
    transfer::share_object(space);
}

/// Stores the first data-key envelope. Only in epoch 0 and only once.
public fun set_key(
    space: &mut Space,
    expected_epoch: u32,
    envelope: vector<u8>,
    label: vector<u8>,
    clock: &Clock,
    ctx: &mut TxContext,
) {
    space.owner_call(clock, ctx);
    assert!(space.epoch == expected_epoch, EStaleEpoch);
    assert!(space.epoch == 0 && space.key_envelope.is_empty(), EKeyAlreadySet);
    assert_envelope(&envelope);
    assert_label(&label);
    space.key_envelope = envelope;
    space.label = label;
}

/// Replaces the encrypted label.
public fun set_label(space: &mut Space, label: vector<u8>, clock: &Clock, ctx: &mut TxContext) {
    space.owner_call(clock, ctx);
    assert_label(&label);
    space.label = label;
}

/// Starts the next key epoch. From here on every identity of the old epoch is
/// refused; `history` carries the old data keys, encrypted under the new one.
public fun rotate(
    space: &mut Space,
    expected_epoch: u32,
    envelope: vector<u8>,
    history: vector<u8>,
    label: vector<u8>,
    clock: &Clock,
    ctx: &mut TxContext,
) {
    space.owner_call(clock, ctx);
    assert!(space.epoch == expected_epoch, EStaleEpoch);
    assert!(!space.key_envelope.is_empty(), EKeyNotSet);
    assert_envelope(&envelope);
    assert!(history.length() <= MAX_HISTORY_BYTES, EHistorySize);
    assert_label(&label);
    space.epoch = space.epoch + 1;
    space.key_envelope = envelope;
    space.key_history = history;
    space.label = label;
}

/// Moves the head of the manifest chain. For the owner and unexpired writers.
/// `expected_version` is the head version the new head builds on.
public fun set_head(
    space: &mut Space,
    expected_version: u64,
    head: vector<u8>,
    clock: &Clock,
    ctx: &mut TxContext,
) {
    space.assert_version();
    if (space.owner == ctx.sender()) space.last_seen_ms = clock.timestamp_ms()
    else assert!(space.may_write(ctx.sender(), clock), ENotWriter);
    assert!(space.head_version == expected_version, EStaleHead);
    assert!(head.length() == HEAD_BYTES, EHeadSize);
    space.head = head;
    space.head_version = space.head_version + 1;
}

/// Raises the space to this package's version. After it, older versions of the
/// package refuse the space, `seal_approve_*` included.
public fun migrate(space: &mut Space, ctx: &mut TxContext) {
    assert!(space.owner == ctx.sender(), ENotOwner);
    assert!(space.version < VERSION, ENothingToMigrate);
    space.version = VERSION;
}

// === Owner: who else ===

/// Adds a member, or changes the role and expiry of one. A new member is sent
/// a marker.
public fun add_member(
    space: &mut Space,
    who: address,
    role: u8,
    expires_at_ms: u64,
    clock: &Clock,
    ctx: &mut TxContext,
) {
    space.owner_call(clock, ctx);
    assert!(who != space.owner, EOwnerAsMember);
    assert!(role <= ROLE_WRITER, EUnknownRole);
    assert!(expires_at_ms == 0 || expires_at_ms > clock.timestamp_ms(), EExpiryInPast);
    let member = Member { role, expires_at_ms };
    if (space.members.contains(&who)) {
        *space.members.get_mut(&who) = member;
    } else {
        assert!(space.members.length() < MAX_MEMBERS, ETooManyMembers);
        space.members.insert(who, member);
        give_marker(space, who, false, ctx);
    }
}

/// Removes a member. What they have already decrypted, they keep: follow with
/// `rotate` in the same transaction so that nothing new opens with it.
public fun remove_member(space: &mut Space, who: address, clock: &Clock, ctx: &mut TxContext) {
    space.owner_call(clock, ctx);
    assert!(space.members.contains(&who), ENotMember);
    space.members.remove(&who);
}

/// Lets `beneficiary` read from `release_at_ms` on. Replaces an earlier one.
public fun set_timelock(
    space: &mut Space,
    beneficiary: address,
    release_at_ms: u64,
    clock: &Clock,
    ctx: &mut TxContext,
) {
    space.owner_call(clock, ctx);
    assert!(release_at_ms > clock.timestamp_ms(), EReleaseInPast);
    space.timelock = option::some(Timelock { beneficiary, release_at_ms });
}

public fun clear_timelock(space: &mut Space, clock: &Clock, ctx: &mut TxContext) {
    space.owner_call(clock, ctx);
    space.timelock = option::none();
}

/// Lets `who` read after `silence_ms` without any call of the owner. Replaces
/// an earlier one.
public fun set_successor(
    space: &mut Space,
    who: address,
    silence_ms: u64,
    clock: &Clock,
    ctx: &mut TxContext,
) {
    space.owner_call(clock, ctx);
    assert!(silence_ms >= MIN_SILENCE_MS, ESilenceTooShort);
    space.successor = option::some(Successor { who, silence_ms });
}

public fun clear_successor(space: &mut Space, clock: &Clock, ctx: &mut TxContext) {
    space.owner_call(clock, ctx);
    space.successor = option::none();
}

/// A sign of life of the owner, without any other effect.
public fun heartbeat(space: &mut Space, clock: &Clock, ctx: &mut TxContext) {
    space.owner_call(clock, ctx);
}

/// Deletes a marker. Its holder's access does not change.
public fun discard_marker(marker: SpaceKey) {
    let SpaceKey { id, space: _, owner: _ } = marker;
    id.delete();
}

// === Seal: who may have the key of an identity ===

/// The owner.
entry fun seal_approve_owner(id: vector<u8>, space: &Space, ctx: &TxContext) {
    space.assert_identity(&id);
    assert!(ctx.sender() == space.owner, ENotOwner);
}

/// A member, reader or writer, whose access has not expired.
entry fun seal_approve_member(id: vector<u8>, space: &Space, clock: &Clock, ctx: &TxContext) {
    space.assert_identity(&id);
    assert!(space.members.contains(&ctx.sender()), ENotMember);
    assert!(space.members.get(&ctx.sender()).is_current(clock), EMemberExpired);
}

/// The time lock's beneficiary, once it is released.
entry fun seal_approve_timelock(id: vector<u8>, space: &Space, clock: &Clock, ctx: &TxContext) {
    space.assert_identity(&id);
    assert!(space.timelock.is_some(), ENoTimelock);
    let timelock = space.timelock.borrow();
    assert!(ctx.sender() == timelock.beneficiary, ENotBeneficiary);
    assert!(clock.timestamp_ms() >= timelock.release_at_ms, ENotReleased);
}

/// The named successor, once the owner has been silent long enough.
entry fun seal_approve_successor(id: vector<u8>, space: &Space, clock: &Clock, ctx: &TxContext) {
    space.assert_identity(&id);
    assert!(space.successor.is_some(), ENoSuccessor);
    let successor = space.successor.borrow();
    assert!(ctx.sender() == successor.who, ENotSuccessor);
    let now_ms = clock.timestamp_ms();
    // Subtracting cannot overflow however long the silence; adding could.
    assert!(
        now_ms >= space.last_seen_ms && now_ms - space.last_seen_ms >= successor.silence_ms,
        EOwnerNotSilent,
    );
}

// === Reading, for other packages and tests ===

public fun version(space: &Space): u64 { space.version }

public fun owner(space: &Space): address { space.owner }

public fun epoch(space: &Space): u32 { space.epoch }

public fun head_version(space: &Space): u64 { space.head_version }

public fun head(space: &Space): vector<u8> { space.head }

public fun key_envelope(space: &Space): vector<u8> { space.key_envelope }

public fun key_history(space: &Space): vector<u8> { space.key_history }

public fun label(space: &Space): vector<u8> { space.label }

public fun is_member(space: &Space, who: address): bool { space.members.contains(&who) }

public fun last_seen_ms(space: &Space): u64 { space.last_seen_ms }

// === Private ===

/// The one check of an identity. Binds it to this package version, this space
/// and this space's current epoch; who may have its key is the caller's part.
fun assert_identity(space: &Space, id: &vector<u8>) {
    space.assert_version();
    assert!(id.length() == IDENTITY_BYTES, EIdentitySize);
    let space_id = object::id(space).to_bytes();
    ID_BYTES.do!(|i| assert!(id[i] == space_id[i], EForeignIdentity));
    let epoch = bcs::to_bytes(&space.epoch);
    EPOCH_BYTES.do!(|i| assert!(id[ID_BYTES + i] == epoch[i], EIdentityEpoch));
}

fun assert_version(space: &Space) {
    assert!(space.version == VERSION, EWrongVersion);
}

/// What every call of the owner begins with: checks both and takes the sign of life.
fun owner_call(space: &mut Space, clock: &Clock, ctx: &TxContext) {
    space.assert_version();
    assert!(space.owner == ctx.sender(), ENotOwner);
    space.last_seen_ms = clock.timestamp_ms();
}

fun may_write(space: &Space, who: address, clock: &Clock): bool {
    if (!space.members.contains(&who)) return false;
    let member = space.members.get(&who);
    member.role == ROLE_WRITER && member.is_current(clock)
}

fun is_current(member: &Member, clock: &Clock): bool {
    member.expires_at_ms == 0 || clock.timestamp_ms() < member.expires_at_ms
}

fun assert_envelope(envelope: &vector<u8>) {
    assert!(!envelope.is_empty() && envelope.length() <= MAX_ENVELOPE_BYTES, EEnvelopeSize);
}

fun assert_label(label: &vector<u8>) {
    assert!(label.length() <= MAX_LABEL_BYTES, ELabelSize);
}

fun new(clock: &Clock, ctx: &mut TxContext): Space {
    Space {
        id: object::new(ctx),
        version: VERSION,
        owner: ctx.sender(),
        epoch: 0,
        head_version: 0,
        head: vector[],
        key_envelope: vector[],
        key_history: vector[],
        label: vector[],
        members: vec_map::empty(),
        timelock: option::none(),
        successor: option::none(),
        last_seen_ms: clock.timestamp_ms(),
    }
}

fun give_marker(space: &Space, to: address, owner: bool, ctx: &mut TxContext) {
    transfer::transfer(SpaceKey { id: object::new(ctx), space: object::id(space), owner }, to);
}

// === For tests only: never part of published bytecode ===

#[test_only]
public fun new_for_testing(clock: &Clock, ctx: &mut TxContext): Space { new(clock, ctx) }

#[test_only]
public fun set_version_for_testing(space: &mut Space, version: u64) { space.version = version; }

#[test_only]
public fun marker_for_testing(marker: &SpaceKey): (ID, bool) { (marker.space, marker.owner) }

#[test_only]
public fun destroy_for_testing(space: Space) {
    let Space { id, .. } = space;
    id.delete();
}
