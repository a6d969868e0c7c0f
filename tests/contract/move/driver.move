// SPDX-License-Identifier: Apache-2.0

/// Replays a script of calls on two spaces and ends by aborting with a digest of
/// their state, or earlier with whatever a call aborts with. The test that
/// compares the localnet's interpreter with the real Move VM writes the scripts.
#[test_only]
module locket::driver;

use locket::space::{Self, Space};
use std::hash::sha2_256;
use sui::bcs::{Self, BCS};
use sui::clock::{Self, Clock};

public fun run(script: vector<u8>) {
    let mut clock = clock::create_for_testing(&mut tx_context::new_from_hint(@0x0, 0, 0, 0, 0));
    clock.set_for_testing(1_000_000);
    let mut spaces = vector[
        space::new_for_testing(&clock, &mut tx_context::new_from_hint(@0xA, 1, 0, 0, 0)),
        space::new_for_testing(&clock, &mut tx_context::new_from_hint(@0x5, 2, 0, 0, 0)),
    ];
    let mut script = bcs::new(script);
    let calls = script.peel_vec_length();
    calls.do!(|i| call(i, &mut script, &mut spaces, &mut clock));

    let mut state = tail(&spaces[0]);
    state.append(tail(&spaces[1]));
    let mut digest = bcs::new(sha2_256(state));
    // Codes with the highest bit set are read as indices into the module's constants.
    abort digest.peel_u64() & 0x7FFF_FFFF_FFFF_FFFF
}

fun call(index: u64, script: &mut BCS, spaces: &mut vector<Space>, clock: &mut Clock) {
    let kind = script.peel_u8();
    let target = script.peel_u8() as u64;
    let sender = script.peel_address();
    clock.increment_for_testing(script.peel_u64());
    let number = script.peel_u64();
    let other = script.peel_u64();
    let who = script.peel_address();
    let first = script.peel_vec_u8();
    let second = script.peel_vec_u8();
    let third = script.peel_vec_u8();

    let mut context = tx_context::new_from_hint(sender, 10 + index, 0, 0, 0);
    let ctx = &mut context;
    if (kind >= 20) {
        let id = identity(&spaces[first[0] as u64], number as u32, other, first[1] as u64, first[2]);
        let space = &spaces[target];
        if (kind == 20) space::seal_approve_owner(id, space, ctx)
        else if (kind == 21) space::seal_approve_member(id, space, clock, ctx)
        else if (kind == 22) space::seal_approve_timelock(id, space, clock, ctx)
        else space::seal_approve_successor(id, space, clock, ctx)
    } else {
        let space = &mut spaces[target];
        if (kind == 0) space.set_key(number as u32, first, second, clock, ctx)
        else if (kind == 1) space.set_label(first, clock, ctx)
        else if (kind == 2) space.rotate(number as u32, first, second, third, clock, ctx)
        else if (kind == 3) space.set_head(number, first, clock, ctx)
        else if (kind == 4) space.add_member(who, other as u8, number, clock, ctx)
        else if (kind == 5) space.remove_member(who, clock, ctx)
        else if (kind == 6) space.set_timelock(who, number, clock, ctx)
        else if (kind == 7) space.clear_timelock(clock, ctx)
        else if (kind == 8) space.set_successor(who, number, clock, ctx)
        else if (kind == 9) space.clear_successor(clock, ctx)
        else if (kind == 10) space.heartbeat(clock, ctx)
        else if (kind == 11) space.migrate(ctx)
        else space.set_version_for_testing(number)
    }
}

/// space id || epoch || nonce, cut or filled to `length`, one byte changed.
fun identity(space: &Space, epoch: u32, length: u64, changed: u64, change: u8): vector<u8> {
    let mut id = object::id(space).to_bytes();
    id.append(bcs::to_bytes(&epoch));
    id.append(vector::tabulate!(16, |_| 0xEE));
    while (id.length() > length) { id.pop_back(); };
    while (id.length() < length) id.push_back(0);
    if (changed < length) *(&mut id[changed]) = id[changed] ^ change;
    id
}

/// The space without its id, which differs from one VM to the other.
fun tail(space: &Space): vector<u8> {
    let bytes = bcs::to_bytes(space);
    vector::tabulate!(bytes.length() - 32, |i| bytes[32 + i])
}
