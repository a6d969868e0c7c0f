//! One hostile party against honest ones: every field of every message, and what each failure says.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod common;
use common::*;
use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::group::GroupEncoding;
use k256::elliptic_curve::ops::Reduce;
use k256::{FieldBytes, ProjectivePoint, Scalar};
use locket_ceremony::{Code, Failure, Hash, Party};

type Results = Vec<Result<Vec<u8>, Failure>>;

/// Which message of party 3 is changed, and how.
enum Change<'a> {
    Broadcast(&'a dyn Fn(&mut Vec<u8>)),
    Direct(&'a dyn Fn(&mut Vec<u8>)),
}

fn flip(at: usize) -> impl Fn(&mut Vec<u8>) {
    move |bytes| bytes[at] ^= 1
}

/// Puts another point than the one there.
fn point(at: usize) -> impl Fn(&mut Vec<u8>) {
    move |bytes| bytes[at..at + 33].copy_from_slice(&(ProjectivePoint::GENERATOR * Scalar::from(77u32)).to_affine().to_bytes())
}

fn set(at: usize, length: usize, byte: u8) -> impl Fn(&mut Vec<u8>) {
    move |bytes| bytes[at..at + length].fill(byte)
}

fn tampered(opened: Vec<Opened>, round: u8, change: &Change<'_>, random: &mut TestRandom) -> Results {
    run(opened, random, |to, sent| {
        if sent.from == party(3) && sent.round == round {
            match change {
                Change::Broadcast(change) => change(&mut sent.broadcast),
                Change::Direct(change) => change(sent.to(to.number())),
            }
        }
    })
}

/// What party 1 ends with when 1 and 3 sign and a message of 3 is changed.
fn sign_tampered(shares: &[Vec<u8>], round: u8, change: &Change<'_>) -> Result<Vec<u8>, Failure> {
    let mut random = TestRandom::seeded(31);
    let opened = Signing {
        session: 2,
        signers: &[1, 3],
        path: &[],
        digests: &[[1; 32]],
    }
    .open(shares, &mut random);
    tampered(opened, round, change, &mut random).remove(0)
}

/// What party 1 ends with when three generate and a message of 3 is changed.
fn generate_tampered(round: u8, change: &Change<'_>) -> Result<Vec<u8>, Failure> {
    let mut random = TestRandom::seeded(32);
    let opened = open_generate(1, 2, 3, &mut random);
    tampered(opened, round, change, &mut random).remove(0)
}

fn ban(code: Code) -> Failure {
    Failure::ban(party(3), code)
}

fn blame(code: Code) -> Failure {
    Failure::blame(party(3), code)
}

fn retry(code: Code) -> Failure {
    Failure::retry_from(party(3), code)
}

#[test]
fn each_field_of_signing_fails_as_the_specification_says() {
    let shares = generate(2, 3, &mut TestRandom::seeded(30));
    assert!(sign_tampered(&shares, 9, &Change::Broadcast(&flip(0))).is_ok());
    let check = |name: &str, round, change: Change<'_>, found: u8, failure: Failure| {
        assert_eq!(sign_tampered(&shares, round, &change), Err(failure.in_round(found)), "{name}");
    };
    use Change::{Broadcast, Direct};
    check("context", 1, Broadcast(&flip(0)), 1, retry(Code::Context));
    check("commitment", 1, Broadcast(&flip(40)), 2, blame(Code::Commitment));
    check("extension salt", 1, Direct(&flip(5)), 1, ban(Code::Extension));
    check("matrix, first block", 1, Direct(&flip(32)), 1, ban(Code::Extension));
    check("matrix, last spare bits", 1, Direct(&flip(32 + 10_239)), 1, ban(Code::Extension));
    check("choice check", 1, Direct(&flip(32 + 10_240)), 1, ban(Code::Extension));
    check("column check", 1, Direct(&flip(12_335)), 1, ban(Code::Extension));
    check("all zero", 1, Direct(&set(0, 12_336, 0)), 1, ban(Code::Extension));

    check("nonce point", 2, Broadcast(&point(0)), 2, blame(Code::Commitment));
    check("blind", 2, Broadcast(&flip(40)), 2, blame(Code::Commitment));
    check("key part", 2, Broadcast(&point(65)), 2, ban(Code::Product));
    check("payload salt", 2, Direct(&flip(0)), 2, ban(Code::Multiplication));
    check("first correction", 2, Direct(&flip(63)), 2, ban(Code::Multiplication));
    check("last correction", 2, Direct(&flip(31 + 39_936)), 2, ban(Code::Multiplication));
    check("eta", 2, Direct(&flip(63 + 39_936)), 2, ban(Code::Multiplication));
    check("mu", 2, Direct(&flip(64 + 39_936)), 2, ban(Code::Multiplication));
    check(
        "committed share of the nonce product",
        2,
        Direct(&point(40_032)),
        2,
        ban(Code::Product),
    );
    check(
        "committed share of the key product",
        2,
        Direct(&point(40_065)),
        2,
        ban(Code::Product),
    );
    check("psi", 2, Direct(&flip(40_129)), 3, Failure::retry(Code::Signature));

    check("u", 3, Broadcast(&flip(31)), 3, Failure::retry(Code::Signature));
    check("w", 3, Broadcast(&flip(63)), 3, Failure::retry(Code::Signature));
    check("both 0", 3, Broadcast(&set(0, 64, 0)), 3, Failure::retry(Code::Signature));
}

#[test]
fn what_does_not_decode_is_no_ban() {
    let shares = generate(2, 3, &mut TestRandom::seeded(30));
    let malformed = |round, change: &Change<'_>| {
        assert_eq!(sign_tampered(&shares, round, change), Err(retry(Code::Malformed).in_round(round)));
    };
    let generate_malformed = |round, change: &Change<'_>| {
        assert_eq!(generate_tampered(round, change), Err(retry(Code::Malformed).in_round(round)));
    };
    use Change::{Broadcast, Direct};
    let shorten = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - 1);
    let lengthen = |bytes: &mut Vec<u8>| bytes.push(0);
    for round in 1..=3 {
        malformed(round, &Broadcast(&shorten));
        malformed(round, &Broadcast(&lengthen));
        malformed(round, &Direct(&lengthen));
    }
    for round in 1..=2 {
        malformed(round, &Direct(&shorten));
        generate_malformed(round, &Broadcast(&shorten));
        generate_malformed(round, &Broadcast(&lengthen));
        generate_malformed(round, &Direct(&lengthen));
    }
    // Points: identity, off the curve. Scalars: the order and above.
    let off_curve = |at: usize| {
        move |bytes: &mut Vec<u8>| {
            set(at, 33, 0)(bytes);
            (bytes[at], bytes[at + 32]) = (2, 5);
        }
    };
    malformed(2, &Broadcast(&set(0, 33, 0)));
    malformed(2, &Broadcast(&off_curve(65)));
    malformed(2, &Direct(&set(40_032, 33, 0)));
    malformed(2, &Direct(&set(32, 32, 255)));
    malformed(2, &Direct(&set(40_098, 32, 255)));
    malformed(3, &Broadcast(&set(0, 32, 255)));
    generate_malformed(2, &Broadcast(&set(32 + 33, 33, 0)));
    generate_malformed(2, &Broadcast(&off_curve(32)));
    generate_malformed(2, &Direct(&set(0, 32, 255)));
    generate_malformed(2, &Direct(&set(64, 33, 0)));
    generate_malformed(2, &Direct(&off_curve(97)));
    generate_malformed(2, &Direct(&set(8512, 33, 0)));
}

#[test]
fn each_field_of_dealing_fails_as_the_specification_says() {
    use Change::{Broadcast, Direct};
    let check = |name: &str, round, change: Change<'_>, found: u8, failure: Failure| {
        assert_eq!(generate_tampered(round, &change), Err(failure.in_round(found)), "{name}");
    };
    check("context", 1, Broadcast(&flip(0)), 1, retry(Code::Context));
    check("commitment", 1, Broadcast(&flip(40)), 2, blame(Code::Commitment));
    check("blind", 2, Broadcast(&flip(0)), 2, blame(Code::Commitment));
    check("coefficient", 2, Broadcast(&point(32)), 2, blame(Code::Commitment));
    check("chain code", 2, Broadcast(&flip(32 + 66 + 65)), 2, blame(Code::Commitment));
    check("fragment", 2, Direct(&flip(31)), 2, blame(Code::Fragment));
    check("zero seed", 2, Direct(&flip(32)), 3, retry(Code::Confirmation));
    check("base OT, sender's point", 2, Direct(&point(64)), 3, retry(Code::Confirmation));
    check(
        "base OT, receiver's first point",
        2,
        Direct(&point(97)),
        3,
        retry(Code::Confirmation),
    );
    check(
        "base OT, receiver's last point",
        2,
        Direct(&point(8512)),
        3,
        retry(Code::Confirmation),
    );
    check("setup", 3, Broadcast(&flip(0)), 3, retry(Code::Confirmation));
    check("pair", 3, Direct(&flip(0)), 3, retry(Code::Confirmation));
}

fn commit(context: &[u8], from: Party, round_2: &[u8]) -> Vec<u8> {
    let (blind, opening) = round_2.split_at(32);
    Hash::new("locket/commit")
        .with(context)
        .with_u8(from.number())
        .with(blind)
        .with(opening)
        .finish()
        .to_vec()
}

/// A dealer that commits to what it opens, and opens what `change` makes of an honest opening.
fn dishonest_dealer(open: &dyn Fn(&mut TestRandom) -> Vec<Opened>, change: &dyn Fn(&[u8], &mut Vec<u8>)) -> Result<Vec<u8>, Failure> {
    let opening_of = |tamper: Option<Vec<u8>>| {
        let mut random = TestRandom::seeded(33);
        let opened = open(&mut random);
        let (mut context, mut seen) = (Vec::new(), Vec::new());
        let results = run(opened, &mut random, |_, sent| {
            if sent.from != party(3) {
                return;
            }
            if sent.round == 1 {
                context = sent.broadcast[..32].to_vec();
                if let Some(opening) = &tamper {
                    sent.broadcast[32..64].copy_from_slice(&commit(&context, party(3), opening));
                }
            } else if sent.round == 2 {
                seen.clone_from(&sent.broadcast);
                if let Some(opening) = &tamper {
                    sent.broadcast.clone_from(opening);
                }
            }
        });
        (context, seen, results)
    };
    let (context, mut opening, honest) = opening_of(None);
    assert!(honest[0].is_ok());
    change(&context, &mut opening);
    opening_of(Some(opening)).2.remove(0)
}

/// A proof of knowledge of a constant that is not the dealer's, as the dealer can make one.
fn other_constant(context: &[u8], opening: &mut [u8], threshold: usize) {
    let (secret, nonce) = (Scalar::from(77u32), Scalar::from(78u32));
    let encode = |k: Scalar| (ProjectivePoint::GENERATOR * k).to_affine().to_bytes();
    let challenge = Hash::new("locket/ecdsa/proof")
        .with(context)
        .with_u8(3)
        .with(&encode(secret))
        .with(&encode(nonce))
        .finish();
    let response = nonce + Scalar::reduce(&FieldBytes::from(challenge)) * secret;
    let proof = 32 + 33 * threshold;
    opening[32..65].copy_from_slice(&encode(secret));
    opening[proof..proof + 33].copy_from_slice(&encode(nonce));
    opening[proof + 33..proof + 65].copy_from_slice(&response.to_repr());
}

#[test]
fn a_dealer_is_blamed_for_what_it_opens() {
    let generating = |random: &mut TestRandom| open_generate(1, 2, 3, random);
    let proof = 32 + 66;
    let failed = dishonest_dealer(&generating, &|_, opening| opening[proof + 64] ^= 1);
    assert_eq!(failed, Err(blame(Code::Proof).in_round(2)), "response");
    let failed = dishonest_dealer(&generating, &|_, opening| point(proof)(opening));
    assert_eq!(failed, Err(blame(Code::Proof).in_round(2)), "nonce");
    // A rogue key: somebody else's constant, whose logarithm the dealer does not know.
    let failed = dishonest_dealer(&generating, &|_, opening| point(32)(opening));
    assert_eq!(failed, Err(blame(Code::Proof).in_round(2)), "constant");
    // Another polynomial than the one dealt.
    let failed = dishonest_dealer(&generating, &|_, opening| point(65)(opening));
    assert_eq!(failed, Err(blame(Code::Fragment).in_round(2)), "higher coefficient");
    let failed = dishonest_dealer(&generating, &|context, opening| other_constant(context, opening, 2));
    assert_eq!(failed, Err(blame(Code::Fragment).in_round(2)), "proven constant");

    // Dealing another key's share in a refresh: proven, but not what it holds.
    let shares = generate(2, 3, &mut TestRandom::seeded(30));
    let refreshing = |random: &mut TestRandom| {
        let parameters = |share: &Vec<u8>| [&[2; 32][..], &u32::try_from(share.len()).unwrap().to_le_bytes(), share].concat();
        (1..)
            .zip(&shares)
            .map(|(me, share)| open(me, REFRESH, &parameters(share), random))
            .collect()
    };
    let failed = dishonest_dealer(&refreshing, &|context, opening| other_constant(context, opening, 2));
    assert_eq!(failed, Err(blame(Code::Constant).in_round(2)));
}

#[test]
fn parties_with_other_parameters_only_retry() {
    let mut random = TestRandom::seeded(34);
    let shares = generate(2, 3, &mut random);
    let honest_signing = Signing {
        session: 2,
        signers: &[1, 3],
        path: &[1],
        digests: &[[1; 32]],
    };
    let others = [
        Signing {
            session: 3,
            ..honest_signing
        },
        Signing {
            path: &[2],
            ..honest_signing
        },
        Signing {
            path: &[],
            ..honest_signing
        },
        Signing {
            digests: &[[2; 32]],
            ..honest_signing
        },
        Signing {
            digests: &[[1; 32], [1; 32]],
            ..honest_signing
        },
    ];
    for other in others {
        let mut opened = honest_signing.open(&shares, &mut random);
        opened[1] = other.open(&shares, &mut random).remove(1);
        let results = run(opened, &mut random, honest);
        assert_eq!(results[0], Err(retry(Code::Context).in_round(1)));
        assert_eq!(results[1], Err(Failure::retry_from(party(1), Code::Context).in_round(1)));
    }
    // Another protocol, and a share of another key.
    let mut opened = honest_signing.open(&shares, &mut random);
    opened[1] = honest_signing.open_presign(&shares, 1, &mut random).remove(1);
    assert_eq!(run(opened, &mut random, honest)[0], Err(retry(Code::Context).in_round(1)));
    let other_key = generate(2, 3, &mut random);
    let mut opened = honest_signing.open(&shares, &mut random);
    opened[1] = honest_signing.open(&other_key, &mut random).remove(1);
    assert_eq!(run(opened, &mut random, honest)[0], Err(retry(Code::Context).in_round(1)));
}

#[test]
fn a_party_that_tells_two_stories_gets_no_signature() {
    let mut random = TestRandom::seeded(35);
    let shares = generate(3, 3, &mut random);
    let digests = [[1; 32]];
    let signing = Signing {
        session: 2,
        signers: &[1, 2, 3],
        path: &[],
        digests: &digests,
    };
    // Party 3 runs twice at once, once against each of the others.
    let opened = signing.open(&shares, &mut random);
    let twin = signing.open(&shares, &mut random).remove(2).1.unwrap();
    let locket_ceremony::Outcome::Next(twin, _) = twin else {
        unreachable!()
    };
    let results = run(opened, &mut random, |to, sent| {
        if sent.from == party(3) && to == party(2) && sent.round == 1 {
            sent.broadcast.clone_from(&twin.broadcast);
        }
    });
    // What party 2 saw committed is not what is opened to it; with party 1, zero shares do not match.
    assert_eq!(results[1], Err(blame(Code::Commitment).in_round(2)));
    assert_eq!(results[0], Err(Failure::retry(Code::KeySum).in_round(2)));
}

#[test]
fn messages_of_another_run_do_not_fit() {
    let mut random = TestRandom::seeded(36);
    let shares = generate(2, 3, &mut random);
    let digests = [[1; 32]];
    let signing = Signing {
        session: 2,
        signers: &[1, 3],
        path: &[],
        digests: &digests,
    };
    let mut recorded: Vec<Sent> = Vec::new();
    let opened = signing.open(&shares, &mut random);
    results(run(opened, &mut random, |_, sent| recorded.push(sent.clone())));
    // The same session again, with round `round` of party 3 replayed from the first time.
    for (round, found, failure) in [
        (1, 2, blame(Code::Commitment)),
        (2, 2, blame(Code::Commitment)),
        (3, 3, Failure::retry(Code::Signature)),
    ] {
        let opened = signing.open(&shares, &mut random);
        let results = run(opened, &mut random, |_, sent| {
            if sent.from == party(3) && sent.round == round {
                *sent = recorded
                    .iter()
                    .find(|old| old.from == sent.from && old.round == round)
                    .unwrap()
                    .clone();
            }
        });
        assert_eq!(results[0], Err(failure.in_round(found)), "round {round}");
    }
}

#[test]
fn a_bad_random_source_stops_everything() {
    struct Broken(u32);
    impl locket_ceremony::Random for Broken {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), Failure> {
            self.0 = self.0.checked_sub(1).ok_or(Failure::usage(Code::Random))?;
            out.fill(7);
            Ok(())
        }
    }
    let parameters = [&[1; 32][..], &[1, 2, 3]].concat();
    for good in 0..5 {
        assert_eq!(
            locket_dkls::open(GENERATE, &parameters, &mut Broken(good)).err(),
            Some(Failure::usage(Code::Random))
        );
    }
}
