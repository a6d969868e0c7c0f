//! What the host asks for: parameters that make no sense start nothing.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod common;
use common::*;
use locket_ceremony::{Code, Failure};

fn refused(protocol: u8, parameters: &[u8]) -> Option<Failure> {
    open(1, protocol, parameters, &mut TestRandom::seeded(71)).1.err()
}

const WRONG: Option<Failure> = Some(Failure::usage(Code::Parameters));

/// Where the public key and the first party's public share are in a share, and its party and secret.
const KEY: usize = 72;
const FIRST: usize = KEY + 33;

fn number_at(shares: &[Vec<u8>]) -> usize {
    FIRST + 33 * shares.len()
}

#[test]
fn a_committee_has_no_party_0_no_strangers_and_a_threshold_within() {
    for numbers in [
        [0, 2, 3], // the index of the secret
        [4, 2, 3], // not of the committee
        [255, 2, 3],
        [1, 0, 3],
        [1, 1, 3], // everybody alone
        [1, 4, 3],
        [1, 2, 0],
        [1, 1, 1],
        [1, 2, 33],
        [1, 2, 255],
    ] {
        assert_eq!(refused(GENERATE, &[&[1; 32][..], &numbers].concat()), WRONG, "{numbers:?}");
        let importing = write(|out| {
            out.raw(&[1; 32]).raw(&numbers).raw(&[1, 0]).bytes(&[9; 32]);
        });
        assert_eq!(refused(IMPORT, &importing), WRONG, "{numbers:?}");
    }
    assert_eq!(refused(GENERATE, &[&[1; 32][..], &[1, 2, 32]].concat()), None);
    for dealer in [0, 4, 255] {
        let importing = write(|out| {
            out.raw(&[1; 32]).raw(&[1, 2, 3, dealer, 0]).bytes(&[]);
        });
        assert_eq!(refused(IMPORT, &importing), WRONG, "dealer {dealer}");
    }
}

#[test]
fn exactly_a_quorum_of_holders_signs() {
    let shares = generate(2, 3, &mut TestRandom::seeded(70));
    let sign = |signers: &[u8], path: &[u8], digests: &[u8]| {
        let parameters = write(|out| {
            out.raw(&[2; 32]).bytes(&shares[0]).bytes(signers).bytes(path).bytes(digests);
        });
        refused(SIGN, &parameters)
    };
    for signers in [
        &[][..],
        &[1],
        &[2, 3],    // without this one
        &[0, 1],    // the index of the secret
        &[1, 1],    // one share twice
        &[1, 1, 2], // and in a set that is large enough
        &[2, 1],
        &[1, 4],
        &[1, 255],
        &[1, 2, 3], // more than the threshold
    ] {
        assert_eq!(sign(signers, &[], &[1; 32]), WRONG, "{signers:?}");
        let presigning = write(|out| {
            out.raw(&[2; 32]).bytes(&shares[0]).bytes(signers).bytes(&[]).u8(1);
        });
        assert_eq!(refused(PRESIGN, &presigning), WRONG, "{signers:?}");
    }
    for digests in [0, 31, 33, 64 + 1, 32 * 33] {
        assert_eq!(sign(&[1, 2], &[], &vec![1; digests]), WRONG, "{digests} bytes of digests");
    }
    for count in [0, 33, 255] {
        let presigning = write(|out| {
            out.raw(&[2; 32]).bytes(&shares[0]).bytes(&[1, 2]).bytes(&[]).u8(count);
        });
        assert_eq!(refused(PRESIGN, &presigning), WRONG, "{count} presignatures");
    }
    for path in [&[0, 0, 0, 128][..], &[255; 4], &[0; 3], &[0; 5], &[0; 4 * 256]] {
        assert_eq!(sign(&[1, 2], path, &[1; 32]), WRONG, "a path of {} bytes", path.len());
    }
    assert_eq!(sign(&[1, 2], &[0; 4 * 255], &[1; 32]), None);
    for (parties, receiver) in [
        (&[1][..], 1),
        (&[1, 1], 1),
        (&[0, 1], 1),
        (&[2, 3], 2),
        (&[1, 4], 1),
        (&[1, 2], 3),
        (&[1, 2], 0),
    ] {
        let exporting = write(|out| {
            out.raw(&[2; 32]).bytes(&shares[0]).bytes(parties).u8(receiver);
        });
        assert_eq!(refused(EXPORT, &exporting), WRONG, "{parties:?} to {receiver}");
    }
}

#[test]
fn dealers_are_parties_and_holders_each_once() {
    let shares = generate(2, 3, &mut TestRandom::seeded(70));
    let id = describe(&shares[0]).0;
    let reshare = |pairs: &[u8]| {
        let parameters = write(|out| {
            out.raw(&[2; 32]).raw(&[1, 2, 3]).bytes(pairs).raw(&id).bytes(&shares[0]);
        });
        refused(RESHARE, &parameters)
    };
    for pairs in [
        &[][..],
        &[1],
        &[1, 1, 2],
        &[1, 1, 1, 2],
        &[2, 2, 1, 1],
        &[0, 2, 1, 1],
        &[1, 1, 2, 0],
        &[1, 1, 2, 1],
        &[1, 1, 2, 4],
    ] {
        assert_eq!(reshare(pairs), WRONG, "{pairs:?}");
    }
    assert_eq!(reshare(&[1, 1, 2, 2]), None);
}

#[test]
fn a_share_that_does_not_fit_itself_is_none() {
    let shares = generate(2, 3, &mut TestRandom::seeded(70));
    let refresh = |share: &[u8]| {
        let parameters = write(|out| {
            out.raw(&[2; 32]).bytes(share);
        });
        refused(REFRESH, &parameters)
    };
    let number = number_at(&shares);
    let changed = |at: usize, bytes: &[u8]| {
        let mut share = shares[0].clone();
        share[at..at + bytes.len()].copy_from_slice(bytes);
        refresh(&share)
    };
    let order = [
        [255; 15].as_slice(),
        &[254],
        &[
            0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
        ],
    ]
    .concat();
    assert_eq!(refresh(&shares[0]), None);
    for (what, failure) in [
        ("version", changed(0, &[2])),
        ("suite", changed(1, &[2])),
        ("threshold of one", changed(38, &[1])),
        ("threshold above n", changed(38, &[4])),
        ("more parties", changed(39, &[4])),
        ("fewer parties", changed(39, &[2])),
        ("identity as the key", changed(KEY, &[0; 33])),
        ("identity as a share", changed(FIRST + 33, &[0; 33])),
        ("key off the curve", changed(KEY, &[&[2][..], &[0; 31], &[5]].concat())),
        ("own public share another's", changed(FIRST, &shares[0][FIRST + 33..FIRST + 66])),
        ("party 0", changed(number, &[0])),
        ("another party", changed(number, &[2])),
        ("party that is none", changed(number, &[4])),
        ("secret 0", changed(number + 1, &[0; 32])),
        ("secret q", changed(number + 1, &order)),
        ("another secret", changed(number + 1, &[1; 32])),
        ("peer itself", changed(number + 33, &[1])),
        ("peer 0", changed(number + 33, &[0])),
        ("peers in another order", changed(number + 33, &[3])),
        ("nothing", refresh(&[])),
        ("short", refresh(&shares[0][..shares[0].len() - 1])),
        ("long", refresh(&[&shares[0][..], &[0]].concat())),
    ] {
        assert_eq!(failure, Some(Failure::usage(Code::Share)), "{what}");
    }
}
