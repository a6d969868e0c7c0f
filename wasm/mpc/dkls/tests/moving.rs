//! A key over time: refresh, resharing, recovery of a lost share, import and export.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod common;
use common::*;
use locket_ceremony::{Code, Failure};

fn refresh(shares: &[Vec<u8>], session: u8, random: &mut TestRandom) -> Vec<Result<Vec<u8>, Failure>> {
    let opened = (1..).zip(shares).map(|(me, share)| {
        let parameters = write(|out| {
            out.raw(&[session; 32]).bytes(share);
        });
        open(me, REFRESH, &parameters, random)
    });
    let opened = opened.collect();
    run(opened, random, honest)
}

/// A party's number and, if it deals, its old number and share.
type Seat<'a> = (u8, Option<(u8, &'a [u8])>);

/// `parties` in ascending order.
fn open_reshare(parties: &[Seat<'_>], t: u8, n: u8, id: &[u8], random: &mut TestRandom) -> Vec<Opened> {
    let pairs: Vec<u8> = parties
        .iter()
        .filter_map(|(me, old)| old.map(|(holder, _)| [*me, holder]))
        .flatten()
        .collect();
    let open = |(me, old): &Seat<'_>| {
        let parameters = write(|out| {
            out.raw(&[7; 32])
                .raw(&[*me, t, n])
                .bytes(&pairs)
                .raw(id)
                .bytes(old.map_or(&[], |(_, share)| share));
        });
        open(*me, RESHARE, &parameters, random)
    };
    parties.iter().map(open).collect()
}

fn sign_with(shares: &[Vec<u8>], signers: &[u8], random: &mut TestRandom) -> Vec<Result<Vec<u8>, Failure>> {
    let opened = Signing {
        session: 9,
        signers,
        path: &[],
        digests: &[[3; 32]],
    }
    .open(shares, random);
    run(opened, random, honest)
}

fn export(shares: &[Vec<u8>], parties: &[u8], receiver: u8, random: &mut TestRandom) -> Vec<Result<Vec<u8>, Failure>> {
    let opened = parties.iter().map(|&me| {
        let parameters = write(|out| {
            out.raw(&[8; 32]).bytes(&shares[usize::from(me) - 1]).bytes(parties).u8(receiver);
        });
        open(me, EXPORT, &parameters, random)
    });
    let opened = opened.collect();
    run(opened, random, honest)
}

#[test]
fn a_refresh_keeps_the_key_and_nothing_else() {
    let mut random = TestRandom::seeded(20);
    let old = generate(2, 3, &mut random);
    let new = results(refresh(&old, 2, &mut random));
    let ((old_id, old_numbers, old_key, _), (id, numbers, new_key, _)) = (describe(&old[1]), describe(&new[1]));
    assert_eq!((old_id, old_key), (id, new_key));
    assert_eq!((old_numbers, numbers), ([2, 0, 0, 0, 0, 2, 3], [2, 1, 0, 0, 0, 2, 3]));
    verify(&results(sign_with(&new, &[1, 3], &mut random))[0], &key(&old[0], &[]), &[[3; 32]]);
    assert_eq!(key(&old[0], &[5]), key(&new[0], &[5]));
    // One who stayed behind is told so before anything secret is used.
    let mixed = [old[0].clone(), new[1].clone(), new[2].clone()];
    let failed = sign_with(&mixed, &[1, 2], &mut random);
    assert_eq!(failed[0], Err(Failure::retry_from(party(2), Code::Context).in_round(1)));
    assert_eq!(failed[1], Err(Failure::retry_from(party(1), Code::Context).in_round(1)));
    // So is one of another refresh of the same shares.
    let other = results(refresh(&old, 3, &mut random));
    let failed = sign_with(&[new[0].clone(), other[1].clone()], &[1, 2], &mut random);
    assert_eq!(failed[0], Err(Failure::retry_from(party(2), Code::Context).in_round(1)));
}

#[test]
fn shares_of_two_epochs_do_not_combine() {
    let mut random = TestRandom::seeded(21);
    let old = generate(2, 2, &mut random);
    let new = results(refresh(&old, 2, &mut random));
    let whole = results(export(&old, &[1, 2], 1, &mut random)).remove(0);
    assert_eq!(results(export(&new, &[1, 2], 1, &mut random))[0], whole);
    let failed = export(&[old[0].clone(), new[1].clone()], &[1, 2], 1, &mut random);
    assert_eq!(failed[0], Err(Failure::retry_from(party(2), Code::Context).in_round(1)));
}

#[test]
fn a_quorum_moves_the_key_to_another_committee() {
    let mut random = TestRandom::seeded(22);
    let old = generate(2, 3, &mut random);
    let id = describe(&old[0]).0;
    // Old 3 stays as new 1, new 2 to 4 join, old 1 deals and leaves as party 5.
    let parties = [
        (1, Some((3, &old[2][..]))),
        (2, None),
        (3, None),
        (4, None),
        (5, Some((1, &old[0][..]))),
    ];
    let opened = open_reshare(&parties, 3, 4, &id, &mut random);
    let mut new = results(run(opened, &mut random, honest));
    assert!(new.pop().unwrap().is_empty());
    assert_eq!(describe(&new[3]).1, [4, 1, 0, 0, 0, 3, 4]);
    verify(
        &results(sign_with(&new, &[1, 2, 4], &mut random))[2],
        &key(&old[0], &[]),
        &[[3; 32]],
    );
}

#[test]
fn a_lost_share_comes_back_with_a_new_epoch() {
    let mut random = TestRandom::seeded(23);
    let old = generate(2, 3, &mut random);
    let id = describe(&old[0]).0;
    let parties = [(1, Some((1, &old[0][..]))), (2, None), (3, Some((3, &old[2][..])))];
    let opened = open_reshare(&parties, 2, 3, &id, &mut random);
    let new = results(run(opened, &mut random, honest));
    verify(&results(sign_with(&new, &[2, 3], &mut random))[0], &key(&old[0], &[]), &[[3; 32]]);
}

#[test]
fn resharing_refuses_dealers_that_do_not_fit() {
    let mut random = TestRandom::seeded(24);
    let old = generate(2, 3, &mut random);
    let id = describe(&old[0]).0;
    let wrong = Err(Failure::usage(Code::Parameters));
    let one =
        |parties: &[Seat<'_>], t, n, id: &[u8], random: &mut TestRandom| open_reshare(parties, t, n, id, random).remove(0).1.map(drop);
    let (first, second) = (Some((1, &old[0][..])), Some((2, &old[1][..])));
    assert_eq!(one(&[(1, first), (2, None)], 2, 2, &id, &mut random), wrong, "too few dealers");
    assert_eq!(one(&[(1, first), (2, first)], 2, 2, &id, &mut random), wrong, "one share twice");
    assert_eq!(one(&[(1, second), (2, first)], 2, 2, &[0; 32], &mut random), wrong, "another key");
    assert_eq!(
        one(&[(1, Some((3, &old[0][..]))), (2, second)], 2, 2, &id, &mut random),
        wrong,
        "another's share"
    );
    assert_eq!(
        one(&[(1, Some((9, &old[0][..]))), (2, second)], 2, 2, &id, &mut random),
        wrong,
        "no such holder"
    );
    assert_eq!(one(&[(1, first), (2, second)], 3, 2, &id, &mut random), wrong, "threshold");
    assert_eq!(one(&[(1, first), (2, second)], 1, 2, &id, &mut random), wrong, "threshold of one");
    assert_eq!(one(&[(1, first), (2, second)], 2, 2, &id, &mut random), Ok(()));
}

#[test]
fn an_imported_key_signs_and_comes_out_again() {
    let mut random = TestRandom::seeded(25);
    let mut whole = random.bytes(64);
    let import = |form: u8, secret: &[u8], random: &mut TestRandom| -> Vec<Opened> {
        [1, 2, 3]
            .map(|me| {
                let parameters = write(|out| {
                    out.raw(&[1; 32])
                        .raw(&[me, 2, 3, 2, form])
                        .bytes(if me == 2 { secret } else { &[] });
                });
                open(me, IMPORT, &parameters, random)
            })
            .into()
    };
    for (form, length) in [(0, 32), (1, 64)] {
        let opened = import(form, &whole[..length], &mut random);
        let shares = results(run(opened, &mut random, honest));
        verify(
            &results(sign_with(&shares, &[1, 3], &mut random))[0],
            &key(&shares[0], &[]),
            &[[3; 32]],
        );
        let out = results(export(&shares, &[1, 2, 3], 3, &mut random));
        assert_eq!((&out[0][..], &out[1][..], &out[2][..]), (&[][..], &[][..], &whole[..32]));
        // The public part is version, suite, setup, epoch, t, n, chain code.
        assert_eq!(public(&shares[0])[40..72] == whole[32..], form == 1);
    }
    whole[..32].fill(255);
    for (form, secret) in [
        (0, &whole[..32]),
        (0, &[0; 32][..]),
        (0, &whole[32..63]),
        (1, &whole[32..]),
        (2, &whole[32..]),
        (0, &[]),
    ] {
        let opened = import(form, secret, &mut random).remove(1).1.map(drop);
        assert_eq!(opened, Err(Failure::usage(Code::Parameters)));
    }
}
