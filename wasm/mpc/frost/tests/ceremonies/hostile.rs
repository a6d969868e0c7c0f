//! One party, or the wire, against the others: every field changed, cut, swapped, replayed. Nobody ends with a result,
//! and the one named is the one who did it.

use std::collections::BTreeMap;

use crate::common::{
    Letter, Results, Shares, keygen, open, open_export, open_import, open_refresh, open_repair, open_reshare, open_sign, parameters, run,
    run_well,
};
use locket_ceremony::{Class, Code, Failure, Inbox, Message, Outcome, Party, Random};

type Opened = BTreeMap<u8, Outcome>;

/// What a party said in a ceremony among honest parties: by round, sender and whether it was for everybody.
fn transcript(opened: Opened, to: u8) -> BTreeMap<(u8, u8, bool), Vec<u8>> {
    let mut said = BTreeMap::new();
    run(opened, |letter| {
        if letter.to == to {
            said.insert((letter.round, letter.from, true), letter.broadcast.clone());
            said.insert((letter.round, letter.from, false), letter.direct.clone());
        }
    });
    said
}

/// Runs with one message to one party changed.
fn with_change(opened: Opened, to: u8, place: (u8, u8, bool), change: impl Fn(&mut Vec<u8>)) -> Results {
    run(opened, |letter: Letter<'_>| {
        if (letter.to, letter.round, letter.from) == (to, place.0, place.1) {
            change(if place.2 { letter.broadcast } else { letter.direct });
        }
    })
}

fn failure(results: &Results, party: u8) -> Failure {
    match results.get(&party) {
        Some(Err(failure)) => *failure,
        Some(Ok(_)) => panic!("party {party} ended well"),
        None => panic!("party {party} did not fail"),
    }
}

/// Cuts each message at every fifth length, continues it, and flips a bit of each byte.
fn sweep(name: &str, to: u8, open: impl Fn() -> Opened) {
    for (place, message) in transcript(open(), to) {
        let from = Party::new(place.1);
        let malformed = |failure: Failure| {
            assert_eq!(
                (failure.class, failure.code, failure.party, failure.round),
                (Class::Retry, Code::Malformed, from, place.0),
                "{name} {place:?}"
            );
        };
        for length in (0..message.len()).rev().step_by(5) {
            malformed(failure(&with_change(open(), to, place, |bytes| bytes.truncate(length)), to));
        }
        malformed(failure(&with_change(open(), to, place, |bytes| bytes.push(0)), to));
        for at in 0..message.len() {
            let failure = failure(&with_change(open(), to, place, |bytes| bytes[at] ^= 1 << (at % 8)), to);
            // Who comes new cannot tell which of two is right.
            let nobody = failure.party.is_none() && (failure.class, failure.code) == (Class::Retry, Code::Context);
            assert!(failure.party == from || nobody, "{name} {place:?} byte {at}: {failure:?}");
            assert!(
                matches!(failure.class, Class::Retry | Class::Blame) && failure.round >= place.0,
                "{name} {place:?} byte {at}: {failure:?}"
            );
        }
    }
}

fn key(suite: u8) -> Shares {
    keygen(suite, 2, 3, "a key")
}

fn sweep_all(suite: u8) {
    let shares = key(suite);
    sweep("keygen", 1, || {
        open(suite, 1, &[1, 2, 3], "keygen", |me| parameters(&[me, 2, 3], &[]))
    });
    sweep("sign", 1, || open_sign(suite, &shares, &[1, 3], b"", &[5; 32], "sign"));
    sweep("refresh", 1, || open_refresh(suite, &shares));
    sweep("reshare, to one who stays", 1, || {
        open_reshare(suite, &shares, 2, 3, &[(1, 1), (2, 2)])
    });
    sweep("reshare, to one who comes", 3, || {
        open_reshare(suite, &shares, 2, 3, &[(1, 1), (2, 2)])
    });
    sweep("reshare, to one who leaves", 4, || {
        open_reshare(suite, &shares, 2, 2, &[(1, 1), (4, 2)])
    });
    sweep("repair, to a helper", 2, || open_repair(suite, &shares, &[2, 3], 1));
    sweep("repair, to the one who lost", 1, || open_repair(suite, &shares, &[2, 3], 1));
    sweep("import", 1, || open_import(suite, 2, 3, 2, 0, &[1; 32]));
    sweep("export, to the receiver", 1, || open_export(suite, &shares, &[1, 2], 1));
    sweep("export, to another", 2, || open_export(suite, &shares, &[1, 2], 1));
}

#[test]
fn ed25519_refuses_every_changed_byte() {
    sweep_all(2);
}

#[test]
fn taproot_refuses_every_changed_byte() {
    sweep_all(3);
}

/// Each deviation that is well formed, and what it is found to be.
#[test]
fn names_what_was_done_and_by_whom() {
    for suite in [2, 3] {
        let shares = key(suite);
        let element = if suite == 2 { 32 } else { 33 };
        let keygen = || open(suite, 1, &[1, 2, 3], "keygen", |me| parameters(&[me, 2, 3], &[]));
        let refresh = || open_refresh(suite, &shares);
        let reshare = || open_reshare(suite, &shares, 2, 3, &[(1, 1), (2, 2)]);
        let repair = || open_repair(suite, &shares, &[2, 3], 1);
        let import = || open_import(suite, 2, 3, 2, 0, &[1; 32]);
        let export = || open_export(suite, &shares, &[1, 2], 1);
        let sign = || open_sign(suite, &shares, &[1, 2], b"", &[5; 32], "sign");
        let said = transcript(keygen(), 1);

        let check = |what: &str, opened: Opened, to: u8, place: (u8, u8, bool), expected: (Class, Code), change: &dyn Fn(&mut Vec<u8>)| {
            let found = failure(&with_change(opened, to, place, change), to);
            assert_eq!(
                (found.class, found.code, found.party),
                (expected.0, expected.1, Party::new(place.1)),
                "suite {suite}: {what}"
            );
        };
        let proof = (Class::Blame, Code::Proof);
        let fragment = (Class::Blame, Code::Fragment);
        let constant = (Class::Blame, Code::Constant);
        let signature = (Class::Blame, Code::Signature);
        let malformed = (Class::Retry, Code::Malformed);
        let other_scalar = |bytes: &mut Vec<u8>| *bytes = said[&(2, 3, false)].clone();
        let swap_elements = |at: usize| move |bytes: &mut Vec<u8>| bytes[at..at + 2 * element].rotate_left(element);

        check("the commitment of another party", keygen(), 1, (1, 3, true), proof, &|bytes| {
            bytes.clone_from(&said[&(1, 2, true)])
        });
        check("a proof of another secret", keygen(), 1, (1, 2, true), proof, &swap_elements(32));
        check("a part for another party", keygen(), 1, (2, 2, false), fragment, &other_scalar);
        check(
            "a refreshing part off the polynomial",
            refresh(),
            1,
            (1, 2, false),
            fragment,
            &other_scalar,
        );
        check(
            "a resharing of another secret",
            reshare(),
            3,
            (1, 2, true),
            constant,
            &swap_elements(72 + 4 * element),
        );
        check(
            "a resharing part off the polynomial",
            reshare(),
            3,
            (1, 2, false),
            fragment,
            &other_scalar,
        );
        check("a helper's other value", repair(), 2, (1, 3, false), fragment, &other_scalar);
        check(
            "a helper's values for another share",
            repair(),
            1,
            (1, 3, true),
            constant,
            &|bytes| {
                let at = bytes.len() - element;
                bytes.copy_within(at - element..at, at);
            },
        );
        check("a helper's other sum", repair(), 1, (2, 3, false), fragment, &other_scalar);
        check(
            "an imported part off the polynomial",
            import(),
            3,
            (1, 2, false),
            fragment,
            &other_scalar,
        );
        check("another share in an export", export(), 1, (1, 2, false), fragment, &other_scalar);
        check("another signature share", sign(), 1, (2, 2, true), signature, &other_scalar);

        // The identity; for Ed25519 points of small order too, and one of mixed order.
        let mut bad = vec![
            [&[1][..], &[0; 31]].concat(),
            [&[0xec][..], &[0xff; 30], &[0x7f]].concat(),
            vec![0; 32],
        ];
        if suite == 3 {
            bad = vec![vec![0; 33], [&[2][..], &[0; 32]].concat(), [&[4][..], &[1; 32]].concat()];
        }
        for bytes in bad {
            let put = |at: usize| {
                let bytes = bytes.clone();
                move |message: &mut Vec<u8>| message[at..at + element].copy_from_slice(&bytes)
            };
            check("no commitment", keygen(), 1, (1, 2, true), malformed, &put(32));
            check("no higher commitment", keygen(), 1, (1, 2, true), malformed, &put(32 + element));
            check("no nonce", sign(), 1, (1, 2, true), malformed, &put(32));
            check("no second nonce", sign(), 1, (1, 2, true), malformed, &put(32 + element));
            check("no refreshing commitment", refresh(), 1, (1, 2, true), malformed, &put(32));
        }
        // The order of the group, which is zero written otherwise.
        let order = if suite == 2 {
            "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"
        } else {
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
        };
        let order: Vec<u8> = (0..32)
            .map(|at| u8::from_str_radix(&order[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        check("a part that is no scalar", keygen(), 1, (2, 2, false), malformed, &|bytes| {
            bytes.clone_from(&order)
        });
        check(
            "a signature share that is no scalar",
            sign(),
            1,
            (2, 2, true),
            malformed,
            &|bytes| bytes.clone_from(&order),
        );
    }
}

/// A proof of knowledge is not bound to its session; whoever repeats one cannot deal what belongs to it.
#[test]
fn a_commitment_of_another_session_has_no_parts() {
    let keygen = |seed: &str| open(2, 1, &[1, 2, 3], seed, |me| parameters(&[me, 2, 3], &[]));
    let old = transcript(keygen("another session"), 1);
    let results = with_change(keygen("this session"), 1, (1, 2, true), |bytes| {
        bytes.clone_from(&old[&(1, 2, true)])
    });
    let found = failure(&results, 1);
    assert_eq!(
        (found.class, found.code, found.party, found.round),
        (Class::Blame, Code::Fragment, Party::new(2), 2)
    );
}

/// The culprit is found among many, by every other signer.
#[test]
fn finds_the_wrong_signature_share_among_many() {
    for suite in [2, 3] {
        let shares = keygen(suite, 3, 5, "many");
        let signers = [1, 2, 4, 5];
        for culprit in signers {
            let results = run(open_sign(suite, &shares, &signers, b"", &[5; 32], "sign"), |letter| {
                if (letter.round, letter.from) == (2, culprit) {
                    *letter.broadcast = vec![0; 32];
                }
            });
            let honest: Vec<u8> = signers.into_iter().filter(|party| *party != culprit).collect();
            for party in honest {
                let found = failure(&results, party);
                assert_eq!(
                    (found.class, found.code, found.party, found.round),
                    (Class::Blame, Code::Signature, Party::new(culprit), 2)
                );
            }
        }
    }
}

/// Parties that do not mean the same thing stop before a secret is used, and nobody is blamed.
#[test]
fn stops_where_parties_do_not_agree() {
    for suite in [2, 3] {
        let shares = key(suite);
        let other_key = keygen(suite, 2, 3, "another key");
        let refreshed = run_well(open_refresh(suite, &shares));
        let mixed = |theirs: &Shares| Shares::from([(1, shares[&1].clone()), (2, theirs[&2].clone()), (3, shares[&3].clone())]);
        let context = |opened: Opened| {
            for result in run(opened, |_| {}).into_values() {
                let found = result.unwrap_err();
                assert_eq!((found.class, found.code, found.round), (Class::Retry, Code::Context, 1));
            }
        };
        for theirs in [&other_key, &refreshed] {
            context(open_sign(suite, &mixed(theirs), &[1, 2], b"", &[5; 32], "sign"));
            context(open_refresh(suite, &mixed(theirs)));
            context(open_export(suite, &mixed(theirs), &[1, 2], 1));
        }
        context(open_reshare(suite, &mixed(&refreshed), 2, 3, &[(1, 1), (2, 2)]));
        context(open_repair(suite, &mixed(&refreshed), &[2, 3], 1));

        let differing = |params: &dyn Fn(u8) -> Vec<u8>| context(open(suite, 2, &[1, 2], "sign", params));
        differing(&|me| parameters(&[], &[&shares[&me], &[1, 2], b"", &[me; 32]]));
        if suite == 3 {
            differing(&|me| parameters(&[], &[&shares[&me], &[1, 2], &[me; 32], &[5; 32]]));
        }
        differing(&|me| {
            let mut all = parameters(&[], &[&shares[&me], &[1, 2], b"", &[5; 32]]);
            all[0] = me;
            all
        });
    }
}

/// Shares of two epochs do not sign together even if somebody lies about the epoch.
#[test]
fn an_old_share_does_not_sign_in_a_new_epoch() {
    let shares = key(2);
    let refreshed = run_well(open_refresh(2, &shares));
    let mixed = Shares::from([(1, refreshed[&1].clone()), (2, shares[&2].clone())]);
    // Each is told what it wants to hear: that the other means the same.
    let context = |shares: &Shares| transcript(open_sign(2, shares, &[1, 2], b"", b"m", "sign"), 1)[&(1, 2, true)][..32].to_vec();
    let contexts = [context(&refreshed), context(&shares)];
    let results = run(open_sign(2, &mixed, &[1, 2], b"", b"m", "sign"), |letter| {
        if letter.round == 1 {
            letter.broadcast[..32].copy_from_slice(&contexts[usize::from(letter.to == 2)]);
        }
    });
    let found = failure(&results, 1);
    assert_eq!(
        (found.class, found.code, found.party),
        (Class::Blame, Code::Signature, Party::new(2))
    );
}

#[test]
fn wants_one_message_of_each() {
    for missing in [2, 3] {
        let mut opened = open(2, 1, &[1, 2, 3], "keygen", |me| parameters(&[me, 2, 3], &[]));
        let Some(Outcome::Next(_, state)) = opened.remove(&1) else {
            panic!("no step")
        };
        let mail = vec![Message {
            from: Party::new(missing).unwrap(),
            broadcast: b"",
            direct: b"",
        }];
        let found = state.advance(Inbox::new(mail), &mut crate::common::Seeded::new("")).err().unwrap();
        assert_eq!((found.class, found.code), (Class::Usage, Code::Inbox));
    }
}

/// Bytes by chance instead of any message: nobody ends well and nothing panics.
#[test]
fn refuses_noise() {
    let mut random = crate::common::Seeded::new("noise");
    let mut noise = move |like: &mut Vec<u8>| random.fill(like).unwrap();
    for suite in [2, 3] {
        let shares = key(suite);
        for _ in 0..50 {
            let opened = [
                open(suite, 1, &[1, 2, 3], "keygen", |me| parameters(&[me, 2, 3], &[])),
                open_sign(suite, &shares, &[1, 2], b"", &[5; 32], "sign"),
                open_refresh(suite, &shares),
                open_reshare(suite, &shares, 2, 3, &[(1, 1), (2, 2)]),
                open_repair(suite, &shares, &[2, 3], 1),
            ];
            for opened in opened {
                let results = run(opened, |letter| {
                    noise(letter.broadcast);
                    noise(letter.direct);
                });
                assert!(!results.is_empty() && results.values().all(Result::is_err));
            }
        }
    }
}
