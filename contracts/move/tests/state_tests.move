// SPDX-License-Identifier: Apache-2.0

/// What may change a space, and what it changes.
#[test_only]
module locket::state_tests;

use locket::fixture::{Self, by, bytes, close, empty, head, now, open, owner, reader, stranger, writer};
use locket::space::{Self, Space, SpaceKey};
use sui::clock::Clock;
use sui::test_scenario as ts;

const FOREVER: u64 = 18_446_744_073_709_551_615;

// === create, markers ===

#[test]
fun create_shares_a_space_and_sends_a_marker() {
    let mut scenario = ts::begin(owner());
    let clock = sui::clock::create_for_testing(scenario.ctx());
    space::create(&clock, scenario.ctx());

    scenario.next_tx(owner());
    let space = scenario.take_shared<Space>();
    assert!(space.owner() == owner());
    assert!(space.version() == 1 && space.epoch() == 0 && space.head_version() == 0);
    assert!(space.key_envelope().is_empty() && space.head().is_empty());
    let marker = scenario.take_from_sender<SpaceKey>();
    let (id, is_owner) = marker.marker_for_testing();
    assert!(id == object::id(&space) && is_owner);
    space::discard_marker(marker);

    ts::return_shared(space);
    clock.destroy_for_testing();
    scenario.end();
}

#[test]
fun add_member_sends_one_marker_and_no_second_for_a_change() {
    let mut scenario = ts::begin(owner());
    let clock = sui::clock::create_for_testing(scenario.ctx());
    let mut space = space::new_for_testing(&clock, scenario.ctx());
    space.add_member(reader(), 0, 0, &clock, scenario.ctx());
    space.add_member(reader(), 1, 7, &clock, scenario.ctx());

    let effects = scenario.next_tx(reader());
    assert!(effects.transferred_to_account().length() == 1);
    let marker = scenario.take_from_sender<SpaceKey>();
    let (id, is_owner) = marker.marker_for_testing();
    assert!(id == object::id(&space) && !is_owner);
    space::discard_marker(marker);

    close(space, clock);
    scenario.end();
}

// === set_key, set_label ===

#[test]
fun set_key_stores_envelope_and_label() {
    let (mut space, clock) = empty();
    space.set_key(0, bytes(8_192, 1), bytes(1_024, 2), &clock, &mut by(owner()));
    assert!(space.key_envelope() == bytes(8_192, 1) && space.label() == bytes(1_024, 2));
    assert!(space.epoch() == 0 && space.key_history().is_empty());
    close(space, clock);
}

#[test, expected_failure(abort_code = space::EKeyAlreadySet)]
fun set_key_twice_is_refused() {
    let (mut space, clock) = empty();
    space.set_key(0, b"1", b"", &clock, &mut by(owner()));
    space.set_key(0, b"2", b"", &clock, &mut by(owner()));
    abort 1000
}

#[test, expected_failure(abort_code = space::EKeyAlreadySet)]
fun set_key_in_a_later_epoch_is_refused() {
    let (mut space, clock) = open();
    space.set_key(1, b"2", b"", &clock, &mut by(owner()));
    abort 1000
}

#[test, expected_failure(abort_code = space::EStaleEpoch)]
fun set_key_for_another_epoch_is_refused() {
    let (mut space, clock) = empty();
    space.set_key(1, b"1", b"", &clock, &mut by(owner()));
    abort 1000
}

#[test, expected_failure(abort_code = space::EEnvelopeSize)]
fun set_key_refuses_an_empty_envelope() {
    let (mut space, clock) = empty();
    space.set_key(0, b"", b"", &clock, &mut by(owner()));
    abort 1000
}

#[test, expected_failure(abort_code = space::EEnvelopeSize)]
fun set_key_refuses_a_long_envelope() {
    let (mut space, clock) = empty();
    space.set_key(0, bytes(8_193, 1), b"", &clock, &mut by(owner()));
    abort 1000
}

#[test, expected_failure(abort_code = space::ELabelSize)]
fun set_key_refuses_a_long_label() {
    let (mut space, clock) = empty();
    space.set_key(0, b"1", bytes(1_025, 1), &clock, &mut by(owner()));
    abort 1000
}

#[test]
fun set_label_replaces_the_label() {
    let (mut space, clock) = open();
    space.set_label(b"new", &clock, &mut by(owner()));
    assert!(space.label() == b"new" && space.key_envelope() == b"envelope 1");
    close(space, clock);
}

#[test, expected_failure(abort_code = space::ELabelSize)]
fun set_label_refuses_a_long_label() {
    let (mut space, clock) = open();
    space.set_label(bytes(1_025, 1), &clock, &mut by(owner()));
    abort 1000
}

// === rotate ===

#[test]
fun rotate_starts_the_next_epoch() {
    let (mut space, clock) = open();
    space.rotate(1, bytes(8_192, 3), bytes(16_000, 4), b"label 2", &clock, &mut by(owner()));
    assert!(space.epoch() == 2);
    assert!(space.key_envelope() == bytes(8_192, 3) && space.key_history() == bytes(16_000, 4));
    assert!(space.label() == b"label 2");
    close(space, clock);
}

#[test, expected_failure(abort_code = space::EStaleEpoch)]
fun rotate_from_a_past_epoch_is_refused() {
    let (mut space, clock) = open();
    fixture::rotate(&mut space, 0, &clock);
    abort 1000
}

#[test, expected_failure(abort_code = space::EStaleEpoch)]
fun rotate_from_a_future_epoch_is_refused() {
    let (mut space, clock) = open();
    fixture::rotate(&mut space, 2, &clock);
    abort 1000
}

#[test, expected_failure(abort_code = space::EKeyNotSet)]
fun rotate_before_the_first_key_is_refused() {
    let (mut space, clock) = empty();
    fixture::rotate(&mut space, 0, &clock);
    abort 1000
}

#[test, expected_failure(abort_code = space::EEnvelopeSize)]
fun rotate_refuses_an_empty_envelope() {
    let (mut space, clock) = open();
    space.rotate(1, b"", b"", b"", &clock, &mut by(owner()));
    abort 1000
}

#[test, expected_failure(abort_code = space::EHistorySize)]
fun rotate_refuses_a_long_history() {
    let (mut space, clock) = open();
    space.rotate(1, b"1", bytes(16_001, 1), b"", &clock, &mut by(owner()));
    abort 1000
}

#[test, expected_failure(abort_code = space::ELabelSize)]
fun rotate_refuses_a_long_label() {
    let (mut space, clock) = open();
    space.rotate(1, b"1", b"", bytes(1_025, 1), &clock, &mut by(owner()));
    abort 1000
}

// === set_head ===

#[test]
fun owner_and_writer_move_the_head() {
    let (mut space, clock) = open();
    space.set_head(0, head(1), &clock, &mut by(owner()));
    space.set_head(1, head(2), &clock, &mut by(writer()));
    assert!(space.head() == head(2) && space.head_version() == 2);
    close(space, clock);
}

#[test, expected_failure(abort_code = space::EStaleHead)]
fun set_head_on_an_older_version_is_refused() {
    let (mut space, clock) = open();
    space.set_head(0, head(1), &clock, &mut by(owner()));
    space.set_head(0, head(2), &clock, &mut by(writer()));
    abort 1000
}

#[test, expected_failure(abort_code = space::EStaleHead)]
fun set_head_on_a_future_version_is_refused() {
    let (mut space, clock) = open();
    space.set_head(1, head(1), &clock, &mut by(owner()));
    abort 1000
}

#[test, expected_failure(abort_code = space::EHeadSize)]
fun set_head_refuses_a_short_head() {
    let (mut space, clock) = open();
    space.set_head(0, bytes(31, 1), &clock, &mut by(owner()));
    abort 1000
}

#[test, expected_failure(abort_code = space::EHeadSize)]
fun set_head_refuses_a_long_head() {
    let (mut space, clock) = open();
    space.set_head(0, bytes(33, 1), &clock, &mut by(owner()));
    abort 1000
}

#[test, expected_failure(abort_code = space::EHeadSize)]
fun set_head_refuses_an_empty_head() {
    let (mut space, clock) = open();
    space.set_head(0, b"", &clock, &mut by(owner()));
    abort 1000
}

fun set_head_as(who: address) {
    let (mut space, clock) = open();
    space.set_head(0, head(1), &clock, &mut by(who));
    abort 1000
}

#[test, expected_failure(abort_code = space::ENotWriter)]
fun a_reader_cannot_set_the_head() { set_head_as(reader()) }

#[test, expected_failure(abort_code = space::ENotWriter)]
fun a_stranger_cannot_set_the_head() { set_head_as(stranger()) }

#[test, expected_failure(abort_code = space::ENotWriter)]
fun a_beneficiary_cannot_set_the_head() { set_head_as(fixture::beneficiary()) }

#[test, expected_failure(abort_code = space::ENotWriter)]
fun a_successor_cannot_set_the_head() { set_head_as(fixture::heir()) }

#[test, expected_failure(abort_code = space::ENotWriter)]
fun an_expired_writer_cannot_set_the_head() {
    let (mut space, mut clock) = open();
    fixture::add(&mut space, stranger(), 1, now(&clock) + 5, &clock);
    clock.increment_for_testing(5);
    space.set_head(0, head(1), &clock, &mut by(stranger()));
    abort 1000
}

#[test, expected_failure(abort_code = space::ENotWriter)]
fun a_removed_writer_cannot_set_the_head() {
    let (mut space, clock) = open();
    space.remove_member(writer(), &clock, &mut by(owner()));
    space.set_head(0, head(1), &clock, &mut by(writer()));
    abort 1000
}

#[test, expected_failure(abort_code = space::ENotWriter)]
fun a_writer_made_reader_cannot_set_the_head() {
    let (mut space, clock) = open();
    fixture::add(&mut space, writer(), 0, 0, &clock);
    space.set_head(0, head(1), &clock, &mut by(writer()));
    abort 1000
}

// === Members ===

#[test]
fun members_come_and_go() {
    let (mut space, clock) = open();
    assert!(space.is_member(reader()) && !space.is_member(stranger()));
    space.remove_member(reader(), &clock, &mut by(owner()));
    assert!(!space.is_member(reader()) && space.is_member(writer()));
    close(space, clock);
}

#[test, expected_failure(abort_code = space::EOwnerAsMember)]
fun the_owner_cannot_be_a_member() {
    let (mut space, clock) = open();
    fixture::add(&mut space, owner(), 0, 0, &clock);
    abort 1000
}

#[test, expected_failure(abort_code = space::EUnknownRole)]
fun an_unknown_role_is_refused() {
    let (mut space, clock) = open();
    fixture::add(&mut space, stranger(), 2, 0, &clock);
    abort 1000
}

#[test, expected_failure(abort_code = space::EExpiryInPast)]
fun an_expiry_at_this_moment_is_refused() {
    let (mut space, clock) = open();
    fixture::add(&mut space, stranger(), 0, now(&clock), &clock);
    abort 1000
}

#[test, expected_failure(abort_code = space::ENotMember)]
fun removing_a_stranger_is_refused() {
    let (mut space, clock) = open();
    space.remove_member(stranger(), &clock, &mut by(owner()));
    abort 1000
}

#[test]
fun a_full_space_can_still_change_a_member() {
    let (mut space, clock) = filled(128);
    fixture::add(&mut space, sui::address::from_u256(1_000), 1, 0, &clock);
    close(space, clock);
}

#[test, expected_failure(abort_code = space::ETooManyMembers)]
fun one_member_too_many_is_refused() {
    let (_space, _clock) = filled(129);
    abort 1000
}

fun filled(count: u256): (Space, Clock) {
    let (mut space, clock) = empty();
    count.do!(|i| fixture::add(&mut space, sui::address::from_u256(1_000 + i), 0, 0, &clock));
    (space, clock)
}

// === Time lock and successor ===

#[test, expected_failure(abort_code = space::EReleaseInPast)]
fun a_release_at_this_moment_is_refused() {
    let (mut space, clock) = open();
    fixture::lock(&mut space, now(&clock), &clock);
    abort 1000
}

#[test, expected_failure(abort_code = space::ESilenceTooShort)]
fun a_silence_under_a_day_is_refused() {
    let (mut space, clock) = open();
    space.set_successor(stranger(), fixture::days(1) - 1, &clock, &mut by(owner()));
    abort 1000
}

#[test]
fun the_longest_times_are_accepted() {
    let (mut space, clock) = open();
    fixture::lock(&mut space, FOREVER, &clock);
    space.set_successor(stranger(), FOREVER, &clock, &mut by(owner()));
    close(space, clock);
}

// === The sign of life ===

#[test]
fun every_call_of_the_owner_is_a_sign_of_life() {
    let (mut space, mut clock) = empty();
    let ctx = &mut by(owner());
    let mut call = 0;
    while (call < 11) {
        clock.increment_for_testing(1_000);
        call_as_owner(call, &mut space, &clock, ctx);
        assert!(space.last_seen_ms() == now(&clock), call);
        call = call + 1;
    };
    close(space, clock);
}

#[test]
fun a_writer_gives_no_sign_of_life() {
    let (mut space, mut clock) = open();
    let seen_ms = space.last_seen_ms();
    clock.increment_for_testing(1_000);
    space.set_head(0, head(1), &clock, &mut by(writer()));
    assert!(space.last_seen_ms() == seen_ms);
    close(space, clock);
}

/// Every function only the owner may call, in an order that works from an empty space.
fun call_as_owner(call: u64, space: &mut Space, clock: &Clock, ctx: &mut TxContext) {
    if (call == 0) space.set_key(0, b"1", b"", clock, ctx)
    else if (call == 1) space.set_label(b"2", clock, ctx)
    else if (call == 2) space.rotate(0, b"3", b"", b"", clock, ctx)
    else if (call == 3) space.add_member(reader(), 0, 0, clock, ctx)
    else if (call == 4) space.remove_member(reader(), clock, ctx)
    else if (call == 5) space.set_timelock(stranger(), FOREVER, clock, ctx)
    else if (call == 6) space.clear_timelock(clock, ctx)
    else if (call == 7) space.set_successor(stranger(), FOREVER, clock, ctx)
    else if (call == 8) space.clear_successor(clock, ctx)
    else if (call == 9) space.heartbeat(clock, ctx)
    else space.set_head(0, head(1), clock, ctx)
}

// === Who is not the owner ===

/// Calls in a state where the owner's own call would go through.
fun refused(call: u64, who: address) {
    let (mut space, clock) = empty();
    let mut before = 0;
    while (before < call) {
        call_as_owner(before, &mut space, &clock, &mut by(owner()));
        before = before + 1;
    };
    call_as_owner(call, &mut space, &clock, &mut by(who));
    abort 1000
}

#[test, expected_failure(abort_code = space::ENotOwner)]
fun a_stranger_cannot_set_the_key() { refused(0, stranger()) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun a_stranger_cannot_set_the_label() { refused(1, stranger()) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun a_stranger_cannot_rotate() { refused(2, stranger()) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun a_stranger_cannot_add_a_member() { refused(3, stranger()) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun a_member_cannot_remove_a_member() { refused(4, reader()) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun a_stranger_cannot_set_a_timelock() { refused(5, stranger()) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun a_beneficiary_cannot_clear_the_timelock() { refused(6, stranger()) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun a_stranger_cannot_set_a_successor() { refused(7, stranger()) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun a_successor_cannot_clear_the_successor() { refused(8, stranger()) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun a_stranger_cannot_give_a_sign_of_life() { refused(9, stranger()) }

fun refused_writer(call: u64) {
    let (mut space, clock) = open();
    call_as_owner(call, &mut space, &clock, &mut by(writer()));
    abort 1000
}

#[test, expected_failure(abort_code = space::ENotOwner)]
fun a_writer_cannot_add_a_member() { refused_writer(3) }

#[test, expected_failure(abort_code = space::ENotOwner)]
fun a_writer_cannot_set_the_label() { refused_writer(1) }

// === The package version ===

/// Every call of the owner on a space of another version.
fun outdated(call: u64) {
    let (mut space, clock) = empty();
    space.set_version_for_testing(2);
    call_as_owner(call, &mut space, &clock, &mut by(owner()));
    abort 1000
}

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun set_key_needs_the_version() { outdated(0) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun set_label_needs_the_version() { outdated(1) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun rotate_needs_the_version() { outdated(2) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun add_member_needs_the_version() { outdated(3) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun remove_member_needs_the_version() { outdated(4) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun set_timelock_needs_the_version() { outdated(5) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun clear_timelock_needs_the_version() { outdated(6) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun set_successor_needs_the_version() { outdated(7) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun clear_successor_needs_the_version() { outdated(8) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun heartbeat_needs_the_version() { outdated(9) }

#[test, expected_failure(abort_code = space::EWrongVersion)]
fun set_head_needs_the_version() { outdated(10) }

#[test]
fun migrate_raises_an_older_space_to_this_version() {
    let (mut space, clock) = open();
    space.set_version_for_testing(0);
    space.migrate(&mut by(owner()));
    assert!(space.version() == 1);
    fixture::approve(0, fixture::identity(&space, 1), &space, &clock, owner());
    close(space, clock);
}

#[test, expected_failure(abort_code = space::ENothingToMigrate)]
fun migrate_of_a_current_space_is_refused() {
    let (mut space, _clock) = open();
    space.migrate(&mut by(owner()));
    abort 1000
}

#[test, expected_failure(abort_code = space::ENothingToMigrate)]
fun migrate_never_lowers_a_version() {
    let (mut space, _clock) = open();
    space.set_version_for_testing(2);
    space.migrate(&mut by(owner()));
    abort 1000
}

#[test, expected_failure(abort_code = space::ENotOwner)]
fun a_stranger_cannot_migrate() {
    let (mut space, _clock) = open();
    space.set_version_for_testing(0);
    space.migrate(&mut by(stranger()));
    abort 1000
}
