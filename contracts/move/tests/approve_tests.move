// SPDX-License-Identifier: Apache-2.0

/// Every `seal_approve_*` branch against every way to be refused. The caller is
/// always someone the branch would let in, so that only the one thing under
/// test is wrong; strangers have tests of their own.
#[test_only]
module locket::approve_tests;

use locket::fixture::{Self, approve, close, identity, open, now};
use locket::space;

const OWNER: u8 = 0;
const MEMBER: u8 = 1;
const TIMELOCK: u8 = 2;
const SUCCESSOR: u8 = 3;

// === The cases, once, for any branch ===

fun opens(branch: u8) {
    let (space, clock) = open();
    approve(branch, identity(&space, 1), &space, &clock, fixture::allowed(branch));
    close(space, clock);
}

fun another_space_is_named(branch: u8) {
    let (space, clock) = open();
    let other = fixture::space_of(fixture::stranger(), 77, &clock);
    approve(branch, identity(&other, 1), &space, &clock, fixture::allowed(branch));
    abort 1000
}

/// The attack: a space of one's own, where one is all of owner, member,
/// beneficiary and successor, passed with the identity of someone else's.
fun own_space_with_foreign_identity(branch: u8) {
    let (space, mut clock) = open();
    let mallory = fixture::stranger();
    let own = fixture::space_for_all(mallory, &mut clock);
    assert!(own.epoch() == space.epoch(), 1001);
    let sender = if (branch == OWNER) mallory else fixture::accomplice();
    approve(branch, identity(&own, 1), &own, &clock, sender);
    approve(branch, identity(&space, 1), &own, &clock, sender);
    abort 1000
}

fun epoch_is(branch: u8, epoch: u32) {
    let (space, clock) = open();
    approve(branch, identity(&space, epoch), &space, &clock, fixture::allowed(branch));
    abort 1000
}

fun version_is(branch: u8, version: u64) {
    let (mut space, clock) = open();
    space.set_version_for_testing(version);
    approve(branch, identity(&space, 1), &space, &clock, fixture::allowed(branch));
    abort 1000
}

fun length_is(branch: u8, length: u64) {
    let (space, clock) = open();
    let mut id = identity(&space, 1);
    while (id.length() > length) { id.pop_back(); };
    while (id.length() < length) id.push_back(0);
    approve(branch, id, &space, &clock, fixture::allowed(branch));
    abort 1000
}

fun last_byte_of_prefix_differs(branch: u8) {
    let (space, clock) = open();
    let mut id = identity(&space, 1);
    *(&mut id[31]) = id[31] ^ 1;
    approve(branch, id, &space, &clock, fixture::allowed(branch));
    abort 1000
}

fun caller_is(branch: u8, who: address) {
    let (space, clock) = open();
    approve(branch, identity(&space, 1), &space, &clock, who);
    abort 1000
}

// === seal_approve_owner ===

#[test]
fun owner_opens() { opens(OWNER) }

#[test, expected_failure(abort_code = space::EForeignIdentity)]
fun owner_refuses_an_identity_of_another_space() { another_space_is_named(OWNER) }

#[test, expected_failure(abort_code = space::EForeignIdentity)]
fun owner_refuses_a_foreign_identity_with_an_own_space() { own_space_with_foreign_identity(OWNER) }

#[test, expected_failure(abort_code = space::EForeignIdentity)]
fun owner_refuses_a_prefix_that_differs_in_its_last_byte() { last_byte_of_prefix_differs(OWNER) }

#[test, expected_failure(abort_code = space::EIdentityEpoch)]
fun owner_refuses_a_past_epoch() { epoch_is(OWNER, 0) }

#[test, expected_failure(abort_code = space::EIdentityEpoch)]
fun owner_refuses_a_future_epoch() { epoch_is(OWNER, 2) }

#[test, expected_failure(abort_code = space::EIdentityEpoch)]
fun owner_refuses_an_epoch_that_differs_in_its_high_byte() { epoch_is(OWNER, 0x01000001) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun owner_refuses_an_older_version() { version_is(OWNER, 0) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun owner_refuses_a_newer_version() { version_is(OWNER, 2) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun owner_refuses_a_short_identity() { length_is(OWNER, 51) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun owner_refuses_a_long_identity() { length_is(OWNER, 53) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun owner_refuses_a_bare_prefix() { length_is(OWNER, 36) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun owner_refuses_an_empty_identity() { length_is(OWNER, 0) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun owner_refuses_a_stranger() { caller_is(OWNER, fixture::stranger()) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun owner_refuses_who_only_member_lets_in() { caller_is(OWNER, fixture::allowed(MEMBER)) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun owner_refuses_who_only_timelock_lets_in() { caller_is(OWNER, fixture::allowed(TIMELOCK)) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun owner_refuses_who_only_successor_lets_in() { caller_is(OWNER, fixture::allowed(SUCCESSOR)) }

// === seal_approve_member ===

#[test]
fun member_opens() { opens(MEMBER) }

#[test, expected_failure(abort_code = space::EForeignIdentity)]
fun member_refuses_an_identity_of_another_space() { another_space_is_named(MEMBER) }

#[test, expected_failure(abort_code = space::EForeignIdentity)]
fun member_refuses_a_foreign_identity_with_an_own_space() { own_space_with_foreign_identity(MEMBER) }

#[test, expected_failure(abort_code = space::EForeignIdentity)]
fun member_refuses_a_prefix_that_differs_in_its_last_byte() { last_byte_of_prefix_differs(MEMBER) }

#[test, expected_failure(abort_code = space::EIdentityEpoch)]
fun member_refuses_a_past_epoch() { epoch_is(MEMBER, 0) }

#[test, expected_failure(abort_code = space::EIdentityEpoch)]
fun member_refuses_a_future_epoch() { epoch_is(MEMBER, 2) }

#[test, expected_failure(abort_code = space::EIdentityEpoch)]
fun member_refuses_an_epoch_that_differs_in_its_high_byte() { epoch_is(MEMBER, 0x01000001) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun member_refuses_an_older_version() { version_is(MEMBER, 0) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun member_refuses_a_newer_version() { version_is(MEMBER, 2) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun member_refuses_a_short_identity() { length_is(MEMBER, 51) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun member_refuses_a_long_identity() { length_is(MEMBER, 53) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun member_refuses_a_bare_prefix() { length_is(MEMBER, 36) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun member_refuses_an_empty_identity() { length_is(MEMBER, 0) }

#[test, expected_failure(abort_code = space::ENotMember)]
fun member_refuses_a_stranger() { caller_is(MEMBER, fixture::stranger()) }

#[test, expected_failure(abort_code = space::ENotMember)]
fun member_refuses_who_only_owner_lets_in() { caller_is(MEMBER, fixture::allowed(OWNER)) }

#[test, expected_failure(abort_code = space::ENotMember)]
fun member_refuses_who_only_timelock_lets_in() { caller_is(MEMBER, fixture::allowed(TIMELOCK)) }

#[test, expected_failure(abort_code = space::ENotMember)]
fun member_refuses_who_only_successor_lets_in() { caller_is(MEMBER, fixture::allowed(SUCCESSOR)) }

// === seal_approve_timelock ===

#[test]
fun timelock_opens() { opens(TIMELOCK) }

#[test, expected_failure(abort_code = space::EForeignIdentity)]
fun timelock_refuses_an_identity_of_another_space() { another_space_is_named(TIMELOCK) }

#[test, expected_failure(abort_code = space::EForeignIdentity)]
fun timelock_refuses_a_foreign_identity_with_an_own_space() { own_space_with_foreign_identity(TIMELOCK) }

#[test, expected_failure(abort_code = space::EForeignIdentity)]
fun timelock_refuses_a_prefix_that_differs_in_its_last_byte() { last_byte_of_prefix_differs(TIMELOCK) }

#[test, expected_failure(abort_code = space::EIdentityEpoch)]
fun timelock_refuses_a_past_epoch() { epoch_is(TIMELOCK, 0) }

#[test, expected_failure(abort_code = space::EIdentityEpoch)]
fun timelock_refuses_a_future_epoch() { epoch_is(TIMELOCK, 2) }

#[test, expected_failure(abort_code = space::EIdentityEpoch)]
fun timelock_refuses_an_epoch_that_differs_in_its_high_byte() { epoch_is(TIMELOCK, 0x01000001) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun timelock_refuses_an_older_version() { version_is(TIMELOCK, 0) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun timelock_refuses_a_newer_version() { version_is(TIMELOCK, 2) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun timelock_refuses_a_short_identity() { length_is(TIMELOCK, 51) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun timelock_refuses_a_long_identity() { length_is(TIMELOCK, 53) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun timelock_refuses_a_bare_prefix() { length_is(TIMELOCK, 36) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun timelock_refuses_an_empty_identity() { length_is(TIMELOCK, 0) }

#[test, expected_failure(abort_code = space::ENotBeneficiary)]
fun timelock_refuses_a_stranger() { caller_is(TIMELOCK, fixture::stranger()) }

#[test, expected_failure(abort_code = space::ENotBeneficiary)]
fun timelock_refuses_who_only_owner_lets_in() { caller_is(TIMELOCK, fixture::allowed(OWNER)) }

#[test, expected_failure(abort_code = space::ENotBeneficiary)]
fun timelock_refuses_who_only_member_lets_in() { caller_is(TIMELOCK, fixture::allowed(MEMBER)) }

#[test, expected_failure(abort_code = space::ENotBeneficiary)]
fun timelock_refuses_who_only_successor_lets_in() { caller_is(TIMELOCK, fixture::allowed(SUCCESSOR)) }

// === seal_approve_successor ===

#[test]
fun successor_opens() { opens(SUCCESSOR) }

#[test, expected_failure(abort_code = space::EForeignIdentity)]
fun successor_refuses_an_identity_of_another_space() { another_space_is_named(SUCCESSOR) }

#[test, expected_failure(abort_code = space::EForeignIdentity)]
fun successor_refuses_a_foreign_identity_with_an_own_space() { own_space_with_foreign_identity(SUCCESSOR) }

#[test, expected_failure(abort_code = space::EForeignIdentity)]
fun successor_refuses_a_prefix_that_differs_in_its_last_byte() { last_byte_of_prefix_differs(SUCCESSOR) }

#[test, expected_failure(abort_code = space::EIdentityEpoch)]
fun successor_refuses_a_past_epoch() { epoch_is(SUCCESSOR, 0) }

#[test, expected_failure(abort_code = space::EIdentityEpoch)]
fun successor_refuses_a_future_epoch() { epoch_is(SUCCESSOR, 2) }

#[test, expected_failure(abort_code = space::EIdentityEpoch)]
fun successor_refuses_an_epoch_that_differs_in_its_high_byte() { epoch_is(SUCCESSOR, 0x01000001) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun successor_refuses_an_older_version() { version_is(SUCCESSOR, 0) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun successor_refuses_a_newer_version() { version_is(SUCCESSOR, 2) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun successor_refuses_a_short_identity() { length_is(SUCCESSOR, 51) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun successor_refuses_a_long_identity() { length_is(SUCCESSOR, 53) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun successor_refuses_a_bare_prefix() { length_is(SUCCESSOR, 36) }

#[test, expected_failure(abort_code = space::EIdentitySize)]
fun successor_refuses_an_empty_identity() { length_is(SUCCESSOR, 0) }

#[test, expected_failure(abort_code = space::ENotSuccessor)]
fun successor_refuses_a_stranger() { caller_is(SUCCESSOR, fixture::stranger()) }

#[test, expected_failure(abort_code = space::ENotSuccessor)]
fun successor_refuses_who_only_owner_lets_in() { caller_is(SUCCESSOR, fixture::allowed(OWNER)) }

#[test, expected_failure(abort_code = space::ENotSuccessor)]
fun successor_refuses_who_only_member_lets_in() { caller_is(SUCCESSOR, fixture::allowed(MEMBER)) }

#[test, expected_failure(abort_code = space::ENotSuccessor)]
fun successor_refuses_who_only_timelock_lets_in() { caller_is(SUCCESSOR, fixture::allowed(TIMELOCK)) }

// === Members: removal, expiry, roles ===

#[test]
fun a_writer_opens_as_a_member() {
    let (space, clock) = open();
    approve(MEMBER, identity(&space, 1), &space, &clock, fixture::writer());
    close(space, clock);
}

#[test, expected_failure(abort_code = space::ENotMember)]
fun a_removed_member_is_refused() {
    let (mut space, clock) = open();
    space.remove_member(fixture::reader(), &clock, &mut fixture::by(fixture::owner()));
    approve(MEMBER, identity(&space, 1), &space, &clock, fixture::reader());
    abort 1000
}

#[test, expected_failure(abort_code = space::ENotMember)]
fun a_removed_member_is_refused_after_rotation() {
    let (mut space, clock) = open();
    space.remove_member(fixture::reader(), &clock, &mut fixture::by(fixture::owner()));
    fixture::rotate(&mut space, 1, &clock);
    approve(MEMBER, identity(&space, 2), &space, &clock, fixture::reader());
    abort 1000
}

#[test, expected_failure(abort_code = space::EIdentityEpoch)]
fun a_member_is_refused_the_epoch_before_a_rotation() {
    let (mut space, clock) = open();
    fixture::rotate(&mut space, 1, &clock);
    approve(MEMBER, identity(&space, 1), &space, &clock, fixture::reader());
    abort 1000
}

#[test]
fun a_member_opens_a_millisecond_before_expiry() {
    let (mut space, mut clock) = open();
    fixture::add(&mut space, fixture::stranger(), 0, now(&clock) + 10, &clock);
    clock.increment_for_testing(9);
    approve(MEMBER, identity(&space, 1), &space, &clock, fixture::stranger());
    close(space, clock);
}

#[test, expected_failure(abort_code = space::EMemberExpired)]
fun a_member_is_refused_at_expiry() {
    let (mut space, mut clock) = open();
    fixture::add(&mut space, fixture::stranger(), 0, now(&clock) + 10, &clock);
    clock.increment_for_testing(10);
    approve(MEMBER, identity(&space, 1), &space, &clock, fixture::stranger());
    abort 1000
}

// === Time lock: absence, time ===

#[test, expected_failure(abort_code = space::ENoTimelock)]
fun without_a_timelock_nobody_opens_by_it() {
    let (mut space, clock) = open();
    space.clear_timelock(&clock, &mut fixture::by(fixture::owner()));
    approve(TIMELOCK, identity(&space, 1), &space, &clock, fixture::beneficiary());
    abort 1000
}

#[test, expected_failure(abort_code = space::ENotReleased)]
fun a_beneficiary_is_refused_a_millisecond_before_release() {
    let (mut space, mut clock) = open();
    fixture::lock(&mut space, now(&clock) + 10, &clock);
    clock.increment_for_testing(9);
    approve(TIMELOCK, identity(&space, 1), &space, &clock, fixture::beneficiary());
    abort 1000
}

#[test]
fun a_beneficiary_opens_at_release() {
    let (mut space, mut clock) = open();
    fixture::lock(&mut space, now(&clock) + 10, &clock);
    clock.increment_for_testing(10);
    approve(TIMELOCK, identity(&space, 1), &space, &clock, fixture::beneficiary());
    close(space, clock);
}

#[test, expected_failure(abort_code = space::ENotReleased)]
fun not_even_the_beneficiary_opens_before_release_who_is_the_owner() {
    let (mut space, clock) = open();
    space.set_timelock(fixture::owner(), now(&clock) + 10, &clock, &mut fixture::by(fixture::owner()));
    approve(TIMELOCK, identity(&space, 1), &space, &clock, fixture::owner());
    abort 1000
}

// === Successor: absence, silence ===

#[test, expected_failure(abort_code = space::ENoSuccessor)]
fun without_a_successor_nobody_opens_by_it() {
    let (mut space, mut clock) = open();
    space.clear_successor(&clock, &mut fixture::by(fixture::owner()));
    clock.increment_for_testing(fixture::days(9));
    approve(SUCCESSOR, identity(&space, 1), &space, &clock, fixture::heir());
    abort 1000
}

#[test, expected_failure(abort_code = space::EOwnerNotSilent)]
fun a_heartbeat_keeps_the_successor_out() {
    let (mut space, clock) = open();
    space.heartbeat(&clock, &mut fixture::by(fixture::owner()));
    approve(SUCCESSOR, identity(&space, 1), &space, &clock, fixture::heir());
    abort 1000
}

#[test, expected_failure(abort_code = space::EOwnerNotSilent)]
fun a_successor_is_refused_a_millisecond_too_early() {
    let (mut space, mut clock) = open();
    space.heartbeat(&clock, &mut fixture::by(fixture::owner()));
    clock.increment_for_testing(fixture::days(1) - 1);
    approve(SUCCESSOR, identity(&space, 1), &space, &clock, fixture::heir());
    abort 1000
}

#[test]
fun a_successor_opens_after_the_silence() {
    let (mut space, mut clock) = open();
    space.heartbeat(&clock, &mut fixture::by(fixture::owner()));
    clock.increment_for_testing(fixture::days(1));
    approve(SUCCESSOR, identity(&space, 1), &space, &clock, fixture::heir());
    close(space, clock);
}

#[test, expected_failure(abort_code = space::EOwnerNotSilent)]
fun the_longest_silence_does_not_overflow() {
    let (mut space, clock) = open();
    let owner = fixture::owner();
    space.set_successor(fixture::heir(), 18_446_744_073_709_551_615, &clock, &mut fixture::by(owner));
    approve(SUCCESSOR, identity(&space, 1), &space, &clock, fixture::heir());
    abort 1000
}

#[test]
fun the_head_moved_by_a_writer_is_no_sign_of_life_of_the_owner() {
    let (mut space, clock) = open();
    space.set_head(0, fixture::head(1), &clock, &mut fixture::by(fixture::writer()));
    approve(SUCCESSOR, identity(&space, 1), &space, &clock, fixture::heir());
    close(space, clock);
}
