//! Whole ceremonies of honest parties: generate, sign, presign, finish.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod common;
use common::*;
use locket_ceremony::{Code, Failure};

#[test]
fn any_two_of_three_sign() {
    let mut random = TestRandom::seeded(1);
    let shares = generate(2, 3, &mut random);
    let public_part = public(&shares[0]);
    assert!(shares.iter().all(|share| public(share) == public_part));
    for signers in [[1, 2], [1, 3], [2, 3]] {
        let digests = [[7; 32]];
        let signing = Signing {
            session: 2,
            signers: &signers,
            path: &[],
            digests: &digests,
        };
        let opened = signing.open(&shares, &mut random);
        let signatures = results(run(opened, &mut random, honest));
        assert!(signatures.iter().all(|one| *one == signatures[0]));
        verify(&signatures[0], &key(&shares[0], &[]), &digests);
    }
}

#[test]
fn every_threshold_of_up_to_four_signs() {
    let mut random = TestRandom::seeded(2);
    for (t, n, signers) in [(2, 2, &[1, 2][..]), (3, 3, &[1, 2, 3]), (3, 4, &[1, 3, 4]), (4, 4, &[1, 2, 3, 4])] {
        let shares = generate(t, n, &mut random);
        let digests = [[9; 32]];
        let opened = Signing {
            session: 2,
            signers,
            path: &[],
            digests: &digests,
        }
        .open(&shares, &mut random);
        for result in results(run(opened, &mut random, honest)) {
            verify(&result, &key(&shares[0], &[]), &digests);
        }
    }
}

#[test]
fn a_batch_signs_under_a_derived_key() {
    let mut random = TestRandom::seeded(3);
    let shares = generate(2, 3, &mut random);
    let digests = [[1; 32], [255; 32], [0; 32]];
    let path = [0, 44, 5];
    let opened = Signing {
        session: 3,
        signers: &[1, 3],
        path: &path,
        digests: &digests,
    }
    .open(&shares, &mut random);
    let result = results(run(opened, &mut random, honest)).remove(1);
    verify(&result, &key(&shares[0], &path), &digests);
    assert_ne!(key(&shares[0], &path), key(&shares[0], &[]));
}

#[test]
fn presignatures_take_one_broadcast_each() {
    let mut random = TestRandom::seeded(4);
    let shares = generate(2, 3, &mut random);
    let path = [1];
    let signing = Signing {
        session: 4,
        signers: &[2, 3],
        path: &path,
        digests: &[],
    };
    let opened = signing.open_presign(&shares, 2, &mut random);
    let presignatures: Vec<Vec<Vec<u8>>> = results(run(opened, &mut random, honest))
        .into_iter()
        .map(|result| {
            let mut rest = &result[..];
            let mut all = Vec::new();
            while !rest.is_empty() {
                let length = u32::from_le_bytes(rest[..4].try_into().unwrap()) as usize;
                all.push(rest[4..4 + length].to_vec());
                rest = &rest[4 + length..];
            }
            all
        })
        .collect();
    for (item, digest) in [[5; 32], [6; 32]].iter().enumerate() {
        let opened = [2, 3].iter().zip(&presignatures).map(|(&me, all)| {
            open(
                me,
                FINISH,
                &finish(9, &shares[usize::from(me) - 1], &all[item], digest),
                &mut random,
            )
        });
        let opened: Vec<_> = opened.collect();
        let mut bytes = 0;
        let signatures = run(opened, &mut random, |_, sent| bytes = sent.broadcast.len());
        verify(&results(signatures)[0], &key(&shares[0], &path), &[*digest]);
        assert_eq!(bytes, 96);
    }
    // Not of this share: another party's, another key's.
    let other_key = generate(2, 3, &mut random);
    for share in [&shares[0], &shares[2], &other_key[1]] {
        let opened = open(2, FINISH, &finish(9, share, &presignatures[0][0], &[1; 32]), &mut random);
        assert_eq!(opened.1.err(), Some(Failure::usage(Code::Presignature)));
    }
    // Other digests, other items, other sessions: no signature, nobody to blame.
    for (a, b) in [
        (
            finish(9, &shares[1], &presignatures[0][0], &[1; 32]),
            finish(9, &shares[2], &presignatures[1][0], &[2; 32]),
        ),
        (
            finish(9, &shares[1], &presignatures[0][0], &[1; 32]),
            finish(9, &shares[2], &presignatures[1][1], &[1; 32]),
        ),
        (
            finish(8, &shares[1], &presignatures[0][0], &[1; 32]),
            finish(9, &shares[2], &presignatures[1][0], &[1; 32]),
        ),
    ] {
        let opened = vec![open(2, FINISH, &a, &mut random), open(3, FINISH, &b, &mut random)];
        let failed = run(opened, &mut random, honest);
        assert_eq!(failed[0], Err(Failure::retry_from(party(3), Code::Context).in_round(1)));
    }
}

#[test]
fn messages_are_as_long_as_the_specification_says() {
    let mut random = TestRandom::seeded(5);
    let mut lengths = Vec::new();
    let opened = open_generate(1, 2, 3, &mut random);
    let shares = results(run(opened, &mut random, |to, sent| {
        lengths.push((sent.round, sent.broadcast.len(), sent.to(to.number()).len()));
    }));
    lengths.sort_unstable();
    lengths.dedup();
    assert_eq!(lengths, [(1, 64, 0), (2, 32 + 66 + 65 + 32, 8545), (3, 32, 32)]);
    let mut lengths = Vec::new();
    let opened = Signing {
        session: 2,
        signers: &[1, 2],
        path: &[],
        digests: &[[1; 32]],
    }
    .open(&shares, &mut random);
    results(run(opened, &mut random, |to, sent| {
        lengths.push((sent.round, sent.broadcast.len(), sent.to(to.number()).len()));
    }));
    lengths.sort_unstable();
    lengths.dedup();
    assert_eq!(lengths, [(1, 64, 12_336), (2, 98, 40_130), (3, 64, 0)]);
}
