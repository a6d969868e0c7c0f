//! Requests of the host that cannot be met: they fail before anything is sent.

use crate::common::{self, key_id, keygen, parameters};
use locket_ceremony::{Class, Code, Failure, Random};

fn open_one(suite: u8, protocol: u8, parameters: &[u8]) -> Option<Failure> {
    locket_frost::open(suite, protocol, parameters, &mut common::Seeded::new("one")).err()
}

#[test]
fn refuses_parameters_that_make_no_sense() {
    let wrong = Some(Failure::usage(Code::Parameters));
    for suite in [2, 3] {
        let shares = keygen(suite, 2, 3, "a key");
        for (me, t, n) in [(1, 0, 3), (1, 1, 3), (1, 4, 3), (1, 2, 1), (1, 2, 33), (0, 2, 3), (4, 2, 3)] {
            assert_eq!(open_one(suite, 1, &parameters(&[me, t, n], &[])), wrong, "keygen {me} {t} {n}");
            assert_eq!(
                open_one(suite, 6, &parameters(&[me, t, n, 1, 0], &[&[1; 32]])),
                wrong,
                "import {me} {t} {n}"
            );
        }
        let message = [5; 32];
        for signers in [&[][..], &[1], &[1, 1], &[2, 1], &[0, 1], &[1, 4], &[2, 3]] {
            assert_eq!(
                open_one(suite, 2, &parameters(&[], &[&shares[&1], signers, b"", &message])),
                wrong,
                "signers {signers:?}"
            );
        }
        let sign = |root: &[u8], message: &[u8]| open_one(suite, 2, &parameters(&[], &[&shares[&1], &[1, 2], root, message]));
        assert_eq!(sign(&[1; 31], &message), wrong);
        assert_eq!(
            sign(
                if suite == 2 { &[1; 32] } else { b"" },
                if suite == 2 { &message } else { &[5; 31] }
            ),
            wrong
        );
        assert_eq!(sign(b"", &vec![0; 65_537]), wrong);
        for form in [0, 1, 2] {
            let zero = open_one(suite, 6, &parameters(&[1, 2, 3, 1, form], &[&[0; 32]]));
            assert_eq!(zero, if form == 1 && suite == 2 { None } else { wrong }, "form {form}");
            assert_eq!(open_one(suite, 6, &parameters(&[1, 2, 3, 1, form], &[&[1; 31]])), wrong);
        }
        assert_eq!(open_one(suite, 6, &parameters(&[1, 2, 3, 1, 0], &[b""])), wrong);
        assert_eq!(open_one(suite, 6, &parameters(&[1, 2, 3, 2, 0], &[&[1; 32]])), wrong);
        assert_eq!(open_one(suite, 6, &parameters(&[1, 2, 3, 4, 0], &[b""])), wrong);
        for protocol in [0, 8] {
            assert_eq!(open_one(suite, protocol, &[]), Some(Failure::usage(Code::Unknown)));
        }
        assert_eq!(
            open_one(5 - suite, 3, &parameters(&[], &[&shares[&1]])),
            Some(Failure::usage(Code::Share))
        );
    }
    assert_eq!(open_one(1, 1, &[]), Some(Failure::usage(Code::Unknown)));
    let reshare = |pairs: &[u8]| {
        let shares = keygen(2, 2, 3, "a key");
        let mut all = parameters(&[1, 2, 3], &[pairs]);
        all.extend_from_slice(key_id(&shares[&1]));
        all.extend_from_slice(&parameters(&[], &[&shares[&1]])[32..]);
        open_one(2, 4, &all)
    };
    assert_eq!(reshare(&[1, 1, 2, 2]), None);
    for pairs in [
        &[1, 1][..],
        &[1, 1, 2, 1],
        &[2, 2, 1, 1],
        &[1, 1, 1, 2],
        &[1, 2, 2, 1],
        &[1, 1, 2],
        &[1, 1, 2, 4],
        &[1, 1, 2, 0],
        &[],
    ] {
        assert_eq!(reshare(pairs), wrong, "dealers {pairs:?}");
    }
}

#[test]
fn refuses_parameters_cut_or_continued() {
    let shares = keygen(2, 2, 3, "a key");
    let all = [
        (1, parameters(&[1, 2, 3], &[])),
        (2, parameters(&[], &[&shares[&1], &[1, 2], b"", b"m"])),
        (3, parameters(&[], &[&shares[&1]])),
        (6, parameters(&[1, 2, 3, 1, 0], &[&[1; 32]])),
        (7, [parameters(&[], &[&shares[&1], &[1, 2]]), vec![1]].concat()),
    ];
    for (protocol, parameters) in all {
        assert_eq!(open_one(2, protocol, &parameters), None);
        for length in 0..parameters.len() {
            let found = open_one(2, protocol, &parameters[..length]).unwrap();
            assert_eq!(found.class, Class::Usage, "protocol {protocol} cut at {length}");
        }
        assert!(open_one(2, protocol, &[&parameters[..], &[0]].concat()).is_some());
    }
}

#[test]
fn refuses_a_share_cut_or_of_other_parts() {
    for suite in [2, 3] {
        let share = &keygen(suite, 2, 3, "a key")[&1];
        let wrong = Some(Failure::usage(Code::Share));
        let decode = |bytes: &[u8]| locket_frost::describe(bytes).err();
        assert_eq!(decode(share), None);
        for length in 0..share.len() {
            assert_eq!(decode(&share[..length]), wrong, "cut at {length}");
        }
        assert_eq!(decode(&[share, &[0][..]].concat()), wrong);
        let element = if suite == 2 { 32 } else { 33 };
        // Version, suite and key id; key and first public share; party and secret. What is between says which sharing it is.
        let checked = (0..34).chain(40..40 + 2 * element).chain(share.len() - 33..share.len());
        for at in checked {
            let mut changed = share.clone();
            changed[at] ^= 1;
            assert_eq!(decode(&changed), wrong, "byte {at}");
        }
    }
}

/// A host without randomness, from its first byte or later.
struct Failing(usize);

impl Random for Failing {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Failure> {
        self.0 = self.0.checked_sub(1).ok_or(Failure::usage(Code::Random))?;
        out.fill(3);
        Ok(())
    }
}

#[test]
fn starts_nothing_without_randomness() {
    for suite in [2, 3] {
        let shares = keygen(suite, 2, 3, "a key");
        let sign = parameters(&[], &[&shares[&1], &[1, 2], b"", &[5; 32]]);
        for (protocol, parameters, draws) in [
            (1, parameters(&[1, 2, 3], &[]), 3),
            (2, sign, 2),
            (3, parameters(&[], &[&shares[&1]]), 1),
        ] {
            for enough in 0..draws {
                let found = locket_frost::open(suite, protocol, &parameters, &mut Failing(enough)).err();
                assert_eq!(found, Some(Failure::usage(Code::Random)), "protocol {protocol} after {enough}");
            }
            assert!(locket_frost::open(suite, protocol, &parameters, &mut Failing(draws)).is_ok());
        }
    }
}
