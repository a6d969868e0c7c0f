// SPDX-License-Identifier: Apache-2.0

/// A space with everything in it, and short names for the people around it.
#[test_only]
module locket::fixture;

use locket::space::{Self, Space};
use sui::bcs;
use sui::clock::{Self, Clock};

const DAY_MS: u64 = 86_400_000;

public fun owner(): address { @0xA }

public fun writer(): address { @0xB }

public fun reader(): address { @0xC }

public fun beneficiary(): address { @0xD }

public fun heir(): address { @0xE }

public fun stranger(): address { @0x5 }

public fun accomplice(): address { @0x6 }

public fun days(count: u64): u64 { count * DAY_MS }

public fun now(clock: &Clock): u64 { clock.timestamp_ms() }

/// A transaction of `who`. It counts as the running one until the next is made.
public fun by(who: address): TxContext { tx_context::new_from_hint(who, 1, 0, 0, 0) }

/// A space of the owner in epoch 1 with a reader, a writer, a time lock that is
/// released and a successor whose silence has passed.
public fun open(): (Space, Clock) {
    let mut clock = clock::create_for_testing(&mut tx_context::new_from_hint(@0x0, 2, 0, 0, 0));
    clock.set_for_testing(days(100));
    let mut space = space_of(owner(), 3, &clock);
    add(&mut space, reader(), 0, 0, &clock);
    add(&mut space, writer(), 1, 0, &clock);
    lock(&mut space, now(&clock) + 1, &clock);
    space.set_successor(heir(), days(1), &clock, &mut by(owner()));
    clock.increment_for_testing(days(1));
    (space, clock)
}

/// An empty space in epoch 0.
public fun empty(): (Space, Clock) {
    let clock = clock::create_for_testing(&mut tx_context::new_from_hint(@0x0, 2, 0, 0, 0));
    (space::new_for_testing(&clock, &mut tx_context::new_from_hint(owner(), 3, 0, 0, 0)), clock)
}

/// A space of `who` in epoch 1; `hint` makes its id.
public fun space_of(who: address, hint: u64, clock: &Clock): Space {
    let mut space = space::new_for_testing(clock, &mut tx_context::new_from_hint(who, hint, 0, 0, 0));
    space.set_key(0, b"envelope 0", b"label", clock, &mut by(who));
    space.rotate(0, b"envelope 1", b"history", b"label", clock, &mut by(who));
    space
}

/// A space of `who` in which every other branch lets the accomplice in.
public fun space_for_all(who: address, clock: &mut Clock): Space {
    let mut space = space_of(who, 66, clock);
    let ctx = &mut by(who);
    space.add_member(accomplice(), 1, 0, clock, ctx);
    space.set_timelock(accomplice(), now(clock) + 1, clock, ctx);
    space.set_successor(accomplice(), days(1), clock, ctx);
    clock.increment_for_testing(days(1));
    space
}

public fun add(space: &mut Space, who: address, role: u8, expires_at_ms: u64, clock: &Clock) {
    // A transaction of its own for each, or their markers would get the same id.
    let hint = 1_000 + (who.to_u256() as u64);
    let ctx = &mut tx_context::new_from_hint(space.owner(), hint, 0, 0, 0);
    space.add_member(who, role, expires_at_ms, clock, ctx);
}

public fun lock(space: &mut Space, release_at_ms: u64, clock: &Clock) {
    let ctx = &mut by(space.owner());
    space.set_timelock(beneficiary(), release_at_ms, clock, ctx);
}

public fun rotate(space: &mut Space, expected_epoch: u32, clock: &Clock) {
    let ctx = &mut by(space.owner());
    space.rotate(expected_epoch, b"envelope", b"history", b"label", clock, ctx);
}

public fun head(byte: u8): vector<u8> { bytes(32, byte) }

public fun bytes(length: u64, byte: u8): vector<u8> { vector::tabulate!(length, |_| byte) }

/// space id || epoch || nonce
public fun identity(space: &Space, epoch: u32): vector<u8> {
    let mut id = object::id(space).to_bytes();
    id.append(bcs::to_bytes(&epoch));
    id.append(bytes(16, 0xEE));
    id
}

/// Whom a branch lets in: 0 owner, 1 member, 2 time lock, 3 successor.
public fun allowed(branch: u8): address { vector[owner(), reader(), beneficiary(), heir()][branch as u64] }

public fun approve(branch: u8, id: vector<u8>, space: &Space, clock: &Clock, who: address) {
    let ctx = &by(who);
    if (branch == 0) space::seal_approve_owner(id, space, ctx)
    else if (branch == 1) space::seal_approve_member(id, space, clock, ctx)
    else if (branch == 2) space::seal_approve_timelock(id, space, clock, ctx)
    else space::seal_approve_successor(id, space, clock, ctx)
}

public fun close(space: Space, clock: Clock) {
    space.destroy_for_testing();
    clock.destroy_for_testing();
}
