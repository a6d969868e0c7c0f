// SPDX-License-Identifier: Apache-2.0

/// Uses the language and the framework in ways the policy does not, so that
/// the interpreter can be compared with the real Move VM on them too.
module probe::probe;

use std::ascii;
use std::string;
use std::type_name;
use sui::dynamic_field as field;
use sui::dynamic_object_field as object_field;
use sui::event;
use sui::table;
use sui::vec_map;
use sui::vec_set;

const EOdd: u64 = 5;

public enum Shape has copy, drop {
    Point,
    Circle { radius: u64 },
    Box(u64, u64),
}

public struct Pair<A: copy + drop, B: copy + drop> has copy, drop, store { first: A, second: B }

public struct Thing has key, store { id: UID, size: u64 }

public struct Happened<T: copy + drop> has copy, drop { what: T }

public struct Phantom<phantom T> has copy, drop {}

// === Enums, generics, references, loops ===

fun shape(kind: u64, size: u64): Shape {
    if (kind == 0) Shape::Point else if (kind == 1) Shape::Circle { radius: size } else Shape::Box(size, size + 1)
}

public fun area(kind: u64, size: u64): u64 {
    let mut shape = shape(kind, size);
    match (&mut shape) {
        Shape::Circle { radius } => *radius = *radius * 2,
        Shape::Box(width, _) => *width = *width + 10,
        _ => (),
    };
    match (shape) {
        Shape::Point => 0,
        Shape::Circle { radius } => 3 * radius * radius,
        Shape::Box(width, height) => width * height,
    }
}

public fun shapes_equal(kind: u64, size: u64, other: u64): bool { shape(kind, size) == shape(other, size) }

fun swap<A: copy + drop, B: copy + drop>(pair: Pair<A, B>): Pair<B, A> {
    let Pair { first, second } = pair;
    Pair { first: second, second: first }
}

public fun pairs(a: u64, b: bool): bool {
    let mut pair = Pair { first: a, second: b };
    let copy_of_pair = pair;
    pair.first = a / 2;
    let swapped = swap(pair);
    copy_of_pair.first != swapped.second || swapped.first
}

public fun factorial(n: u64): u64 { if (n == 0) 1 else n * factorial(n - 1) }

public fun even_or_abort(n: u64): u64 {
    assert!(n % 2 == 0, EOdd);
    n
}

public fun sorted(items: vector<u64>): vector<u64> {
    let mut items = items;
    let mut i = 1;
    while (i < items.length()) {
        let mut j = i;
        while (j > 0 && items[j - 1] > items[j]) {
            items.swap(j - 1, j);
            j = j - 1;
        };
        i = i + 1;
    };
    items
}

public fun element(items: vector<u64>, index: u64): u64 { items[index] }

public fun last(items: vector<u64>): u64 {
    let mut items = items;
    items.pop_back()
}

public fun swapped(items: vector<u64>, i: u64, j: u64): vector<u64> {
    let mut items = items;
    items.swap(i, j);
    items
}

public fun changed(items: vector<u64>, index: u64): vector<u64> {
    let mut items = items;
    let untouched = items;
    let place = &mut items[index];
    *place = *place + 1;
    items.append(untouched);
    items.reverse();
    items
}

// === Standard library ===

public fun text(bytes: vector<u8>): u64 {
    let text = string::utf8(bytes);
    text.index_of(&string::utf8(b"e")) * 100 + text.length()
}

public fun part(bytes: vector<u8>, from: u64, to: u64): vector<u8> { string::utf8(bytes).substring(from, to).into_bytes() }

public fun ascii_text(bytes: vector<u8>): vector<u8> { ascii::string(bytes).to_uppercase().into_bytes() }

public fun type_names(): vector<u8> {
    let mut names = type_name::with_defining_ids<Pair<u8, vector<sui::object::ID>>>().into_string().into_bytes();
    // The module's own address differs between the two VMs; what follows it must not.
    let mut rest = vector[];
    while (names.length() > 64) rest.push_back(names.pop_back());
    rest
}

public fun hashes(bytes: vector<u8>): vector<u8> {
    let mut all = std::hash::sha2_256(bytes);
    all.append(std::hash::sha3_256(bytes));
    all.append(sui::hash::blake2b256(&bytes));
    all.append(sui::hash::keccak256(&bytes));
    all
}

public fun verifies(signature: vector<u8>, key: vector<u8>, message: vector<u8>): bool {
    sui::ed25519::ed25519_verify(&signature, &key, &message)
}

public fun address_number(bytes: vector<u8>): u256 { sui::address::from_bytes(bytes).to_u256() }

public fun peeled(bytes: vector<u8>): u64 {
    let mut bytes = sui::bcs::new(bytes);
    let number = bytes.peel_u64();
    let flags = bytes.peel_vec_bool();
    let option = bytes.peel_option_u64();
    number + flags.length() + option.destroy_with_default(1_000)
}

public fun encoded(n: u64, yes: bool, who: address): vector<u8> {
    sui::bcs::to_bytes(&Pair { first: vector[option::some(n), option::none()], second: Pair { first: yes, second: who } })
}

// === Framework ===

public fun maps(keys: vector<u64>, wanted: u64): u64 {
    let mut map = vec_map::empty();
    keys.do!(|key| map.insert(key, key * 2));
    let (_, value) = map.remove(&wanted);
    value + map.length()
}

public fun sets(keys: vector<u64>): vector<u64> { vec_set::from_keys(keys).into_keys() }

public fun tables(keys: vector<u64>, wanted: u64, ctx: &mut TxContext): u64 {
    let mut table = table::new<u64, Pair<u64, bool>>(ctx);
    keys.do!(|key| table.add(key, Pair { first: key, second: key % 2 == 0 }));
    let entry = &mut table[wanted];
    entry.first = entry.first + 7;
    let found = table.remove(wanted).first;
    let left = table.length();
    keys.do!(|key| if (table.contains(key)) { table.remove(key); });
    table.destroy_empty();
    found * 100 + left
}

/// Fields of several types of name and value under one object, one of them an object itself.
public fun fields(step: u64, ctx: &mut TxContext): u64 {
    let mut parent = Thing { id: object::new(ctx), size: 1 };
    let child = Thing { id: object::new(ctx), size: 40 };
    let child_id = object::id(&child);
    field::add(&mut parent.id, 7u64, b"seven");
    field::add(&mut parent.id, b"name", Pair { first: 1u8, second: true });
    object_field::add(&mut parent.id, true, child);
    if (step == 1) field::add(&mut parent.id, 7u64, b"again");
    if (step == 2) { field::remove<u64, vector<u8>>(&mut parent.id, 8); };
    if (step == 3) { field::borrow<u64, u64>(&parent.id, 7); };
    if (step == 4) { object_field::borrow<bool, Thing>(&parent.id, false); };
    field::borrow_mut<u64, vector<u8>>(&mut parent.id, 7).push_back(33);
    object_field::borrow_mut<bool, Thing>(&mut parent.id, true).size = 41;
    assert!(object_field::id(&parent.id, true) == option::some(child_id), 50);
    assert!(field::exists_(&parent.id, b"name") && !field::exists_(&parent.id, b"names"), 51);
    assert!(field::exists_with_type<u64, vector<u8>>(&parent.id, 7), 52);
    assert!(!field::exists_with_type<u64, u8>(&parent.id, 7), 53);
    let bytes: vector<u8> = field::remove(&mut parent.id, 7u64);
    let _: Pair<u8, bool> = field::remove(&mut parent.id, b"name");
    let Thing { id, size } = object_field::remove(&mut parent.id, true);
    id.delete();
    let Thing { id, size: own } = parent;
    id.delete();
    bytes.length() * 1_000 + size + own
}

// === For the interpreter alone ===

public fun make(size: u64, ctx: &mut TxContext): Thing { Thing { id: object::new(ctx), size } }

public fun grow(thing: &mut Thing, by: u64) { thing.size = thing.size + by; }

public fun grow_and_abort(thing: &mut Thing, ctx: &mut TxContext) {
    thing.size = 0;
    event::emit(Happened { what: 1u64 });
    transfer::transfer(Thing { id: object::new(ctx), size: 9 }, ctx.sender());
    abort 99
}

public fun merge(thing: &mut Thing, other: Thing) {
    let Thing { id, size } = other;
    id.delete();
    thing.size = thing.size + size;
}

public fun sum(a: &Thing, b: &Thing): u64 { a.size + b.size }

public fun send(thing: Thing, to: address) { transfer::transfer(thing, to) }

public fun share(thing: Thing) { transfer::share_object(thing) }

public fun freeze_it(thing: Thing) { transfer::freeze_object(thing) }

public fun put(thing: &mut Thing, name: u64, value: Thing) { object_field::add(&mut thing.id, name, value) }

public fun set(thing: &mut Thing, name: u64, value: u64) {
    if (field::exists_(&thing.id, name)) *field::borrow_mut(&mut thing.id, name) = value
    else field::add(&mut thing.id, name, value)
}

public fun get(thing: &Thing, name: u64): u64 { *field::borrow(&thing.id, name) }

public fun tell<T: copy + drop + store>(what: T) { event::emit(Happened { what }) }

public fun through<T: key + store>(thing: T): T { thing }

public fun about(ctx: &TxContext): (address, u64, u64) { (ctx.sender(), ctx.epoch(), ctx.epoch_timestamp_ms()) }

public fun name_of<T>(): ascii::String { type_name::with_defining_ids<T>().into_string() }

public fun phantom<T>(_: Phantom<T>) {}

public fun take_pair(_: Pair<u64, u64>) {}

public fun take_text(_: string::String, _: ascii::String, _: Option<u64>) {}

public fun borrow_size(thing: &Thing): &u64 { &thing.size }

public fun spin() { loop {} }

public fun deep(n: u64): u64 { deep(n + 1) + 1 }

entry fun entry_only(n: u64): u64 { n }

public(package) fun for_friends() {}

#[allow(unused_function)]
fun secret() {}
