//! Every protocol from end to end, in both suites, for several committees.

use crate::common::{Shares, keygen, open_export, open_import, open_refresh, open_repair, open_reshare, run_well, sign};
use frost_core::{Signature, VerifyingKey};
use locket_frost::{Ed25519, Share, Suite, Taproot};

const COMMITTEES: [(u8, u8); 4] = [(2, 2), (2, 3), (3, 5), (4, 4)];

fn share<S: Suite>(bytes: &[u8]) -> Share<S> {
    Share::decode(bytes).unwrap()
}

fn key<S: Suite>(shares: &Shares) -> VerifyingKey<S> {
    *share::<S>(shares.values().next().unwrap()).public.package.verifying_key()
}

/// Signs with this quorum and verifies under the key that signs.
fn check_signs<S: Suite>(shares: &Shares, signers: &[u8], root: &[u8], message: &[u8]) {
    let signature = sign(S::NUMBER, shares, signers, root, message);
    let public = &share::<S>(&shares[&signers[0]]).public.package;
    let key = *S::public_that_signs(public, root).verifying_key();
    key.verify(message, &Signature::deserialize(&signature).unwrap()).unwrap();
}

/// All quorums of `t` of `1..=n`.
fn quorums(t: u8, n: u8) -> Vec<Vec<u8>> {
    let all = (0u32..1 << n).filter(|set| set.count_ones() == t.into());
    all.map(|set| (1..=n).filter(|party| set >> (party - 1) & 1 == 1).collect())
        .collect()
}

fn check_key<S: Suite>(shares: &Shares, t: u8, n: u8, epoch: u32) {
    assert_eq!(shares.len(), usize::from(n));
    let first = share::<S>(&shares[&1]).public;
    for (party, bytes) in shares {
        let share = share::<S>(bytes);
        assert_eq!((share.party.number(), share.public.epoch), (*party, epoch));
        assert_eq!((share.public.committee.threshold(), share.public.committee.parties()), (t, n));
        assert!(share.public == first);
        assert_eq!(share.encode().unwrap().as_slice(), bytes);
    }
    let message = [9; 32];
    for quorum in quorums(t, n) {
        check_signs::<S>(shares, &quorum, b"", &message);
    }
    let everybody: Vec<u8> = (1..=n).collect();
    check_signs::<S>(shares, &everybody, b"", &message);
}

/// Runs a repair, in which only one party gets something.
fn repair(suite: u8, shares: &Shares, helpers: &[u8], lost: u8) -> Vec<u8> {
    only(run_well(open_repair(suite, shares, helpers, lost)), lost)
}

/// Runs an export, in which only one party gets something.
fn export(suite: u8, shares: &Shares, parties: &[u8], receiver: u8) -> Vec<u8> {
    only(run_well(open_export(suite, shares, parties, receiver)), receiver)
}

fn only(mut results: Shares, party: u8) -> Vec<u8> {
    let result = results.remove(&party).unwrap();
    assert!(results.values().all(Vec::is_empty));
    result
}

/// Runs a resharing; those who leave get nothing.
fn reshare(suite: u8, old: &Shares, t: u8, n: u8, dealers: &[(u8, u8)]) -> Shares {
    let results = run_well(open_reshare(suite, old, t, n, dealers));
    results
        .into_iter()
        .filter(|(party, share)| *party <= n || !share.is_empty())
        .collect()
}

fn whole_runs<S: Suite>() {
    for (t, n) in COMMITTEES {
        let made = keygen(S::NUMBER, t, n, "whole runs");
        check_key::<S>(&made, t, n, 0);

        let refreshed = run_well(open_refresh(S::NUMBER, &made));
        assert!(key::<S>(&refreshed) == key::<S>(&made));
        check_key::<S>(&refreshed, t, n, 1);

        if t < n {
            let helpers: Vec<u8> = (2..=t + 1).collect();
            assert_eq!(repair(S::NUMBER, &refreshed, &helpers, 1), refreshed[&1]);
        }

        let quorum: Vec<u8> = (1..=t).collect();
        let secret = export(S::NUMBER, &refreshed, &quorum, t);
        let imported = run_well(open_import(S::NUMBER, t, n, n, 0, &secret));
        assert!(key::<S>(&imported) == key::<S>(&made));
        check_key::<S>(&imported, t, n, 0);
    }
}

#[test]
fn ed25519_from_end_to_end() {
    whole_runs::<Ed25519>();
}

#[test]
fn taproot_from_end_to_end() {
    whole_runs::<Taproot>();
}

fn new_committees<S: Suite>() {
    let old = keygen(S::NUMBER, 2, 3, "new committees");
    // Party 3 lost its device and comes with a new one; parties 1 and 2 stay.
    let replaced = reshare(S::NUMBER, &old, 2, 3, &[(1, 1), (2, 2)]);
    // Grows to 3 of 5.
    let grown = reshare(S::NUMBER, &replaced, 3, 5, &[(1, 1), (3, 3)]);
    // Shrinks to 2 of 2: old party 5 becomes 1, old party 1 becomes 2, old parties 2 and 3 leave.
    let shrunk = reshare(S::NUMBER, &grown, 2, 2, &[(1, 5), (2, 1), (3, 2), (4, 3)]);
    // Nobody stays.
    let moved = reshare(S::NUMBER, &shrunk, 2, 3, &[(8, 1), (9, 2)]);
    for (epoch, (shares, t, n)) in [(&old, 2, 3), (&replaced, 2, 3), (&grown, 3, 5), (&shrunk, 2, 2), (&moved, 2, 3)]
        .into_iter()
        .enumerate()
    {
        assert!(key::<S>(shares) == key::<S>(&old));
        check_key::<S>(shares, t, n, epoch.try_into().unwrap());
    }
}

#[test]
fn ed25519_moves_to_new_committees() {
    new_committees::<Ed25519>();
}

#[test]
fn taproot_moves_to_new_committees() {
    new_committees::<Taproot>();
}

#[test]
fn ed25519_signs_messages_of_any_length() {
    let shares = keygen(2, 2, 3, "lengths");
    for length in [0, 1, 32, 65_536] {
        check_signs::<Ed25519>(&shares, &[1, 3], b"", &vec![5; length]);
    }
}

#[test]
fn taproot_signs_with_and_without_scripts() {
    let shares = keygen(3, 2, 3, "roots");
    for root in [&[][..], &[3; 32]] {
        check_signs::<Taproot>(&shares, &[2, 3], root, &[5; 32]);
    }
    let public = share::<Taproot>(&shares[&1]).public.package;
    let with = |root: &[u8]| *Taproot::public_that_signs(&public, root).verifying_key();
    assert!(with(b"") != *public.verifying_key() && with(b"") != with(&[3; 32]));
}

/// RFC 8032, 7.1, test 1.
#[test]
fn ed25519_imports_the_seed_of_a_wallet() {
    let seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    let shares = run_well(open_import(2, 2, 3, 2, 1, &seed));
    let expected = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_eq!(key::<Ed25519>(&shares).serialize().unwrap(), expected);
    check_key::<Ed25519>(&shares, 2, 3, 0);
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
