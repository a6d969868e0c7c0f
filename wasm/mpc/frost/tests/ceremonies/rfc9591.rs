//! RFC 9591, appendix E.1, and a party that is frost-core itself.

use std::collections::BTreeMap;

use crate::common::{Seeded, open, parameters, run};
use frost_core::keys::{SigningShare, VerifiableSecretSharingCommitment, VerifyingShare, dkg};
use frost_core::{Identifier, Signature};
use locket_ceremony::{Failure, Inbox, Message, Outcome, Party, Random};
use locket_frost::{Committee, Ed25519, Public, Share, Suite, Taproot};

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// Gives out what the vector says, in its order.
struct Scripted(Vec<u8>);

impl Random for Scripted {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Failure> {
        out.copy_from_slice(&self.0.drain(..out.len()).collect::<Vec<_>>());
        Ok(())
    }
}

#[test]
fn signs_as_the_vector_says() {
    let text = include_str!("../../../../../tests/vectors/frost/rfc9591-ed25519.json");
    let field = |name: &str, nth: usize| {
        let key = format!("\"{name}\": \"");
        let at = text.match_indices(&key).nth(nth).expect(name).0 + key.len();
        hex(text[at..].split('"').next().unwrap())
    };
    let message = field("message", 0);
    let coefficients = [field("group_secret_key", 0), field("share_polynomial_coefficients", 0)];
    let commitment: Vec<Vec<u8>> = coefficients
        .iter()
        .map(|scalar| {
            VerifyingShare::<Ed25519>::from(SigningShare::deserialize(scalar).unwrap())
                .serialize()
                .unwrap()
        })
        .collect();
    let commitment = VerifiableSecretSharingCommitment::<Ed25519>::deserialize(commitment).unwrap();
    let public = Public::from_commitment(0, Committee::new(2, 3).unwrap(), &commitment).unwrap();
    assert_eq!(public.package.verifying_key().serialize().unwrap(), field("group_public_key", 0));

    let signers = [1u8, 3];
    let opened = signers.map(|party| {
        let secret = SigningShare::<Ed25519>::deserialize(&field("participant_share", usize::from(party) - 1)).unwrap();
        let share = Share::new(public.clone(), Party::new(party).unwrap(), &secret)
            .unwrap()
            .encode()
            .unwrap();
        let nth = usize::from(party == 3);
        let mut random = Scripted([field("hiding_nonce_randomness", nth), field("binding_nonce_randomness", nth)].concat());
        let parameters = parameters(&[], &[&share, &signers, b"", &message]);
        (party, locket_frost::open(2, 2, &parameters, &mut random).unwrap())
    });
    let mut said = BTreeMap::new();
    let results = run(BTreeMap::from(opened), |letter| {
        said.insert((letter.round, letter.from), letter.broadcast.clone());
    });
    for (nth, party) in signers.into_iter().enumerate() {
        let commitments = [field("hiding_nonce_commitment", nth), field("binding_nonce_commitment", nth)].concat();
        assert_eq!(said[&(1, party)][32..], commitments);
        assert_eq!(said[&(2, party)], field("sig_share", nth));
        assert_eq!(results[&party], Ok(field("sig", 0)));
    }
}

/// Party 3 of a key generation is frost-core as it comes. Without Taproot's tweak, which its last part applies there.
fn makes_a_key_with_frost_core<S: Suite>(finish: impl Fn(&Public<S>) -> frost_core::keys::PublicKeyPackage<S>) {
    let id = |party: u8| Identifier::<S>::try_from(u16::from(party)).unwrap();
    let (theirs, package) = dkg::part1(id(3), 3, 2, Core(Seeded::new("frost-core"))).unwrap();
    let mut opened = open(S::NUMBER, 1, &[1, 2], "with frost-core", |me| parameters(&[me, 2, 3], &[]));
    let mut packages = BTreeMap::new();
    let steps = opened.iter().map(|(party, outcome)| (*party, step(outcome))).collect::<Steps>();
    for (party, (broadcast, _)) in &steps {
        let (commitment, proof) = broadcast[32..].split_at(broadcast.len() - 96);
        let commitment = VerifiableSecretSharingCommitment::deserialize_whole(commitment).unwrap();
        packages.insert(
            id(*party),
            dkg::round1::Package::new(commitment, Signature::deserialize(proof).unwrap()),
        );
    }
    let said = [
        steps[&1].0[..32].to_vec(),
        package.commitment().serialize_whole().unwrap(),
        package.proof_of_knowledge().serialize().unwrap(),
    ]
    .concat();
    let (theirs, parts) = dkg::part2(theirs, &packages).unwrap();

    opened = advance(opened, &steps, |_| (said.clone(), Vec::new()));
    let steps = opened.iter().map(|(party, outcome)| (*party, step(outcome))).collect::<Steps>();
    let received = steps.iter().map(|(party, (_, direct))| {
        (
            id(*party),
            dkg::round2::Package::new(SigningShare::deserialize(&direct[&3]).unwrap()),
        )
    });
    let (_, package) = dkg::part3(&theirs, &packages, &received.collect()).unwrap();
    opened = advance(opened, &steps, |to| (Vec::new(), parts[&id(to)].signing_share().serialize()));

    // It knows nothing of a confirmation, so it repeats what it hears.
    let steps = opened.iter().map(|(party, outcome)| (*party, step(outcome))).collect::<Steps>();
    assert_eq!(steps[&1].0, steps[&2].0);
    opened = advance(opened, &steps, |_| (steps[&1].0.clone(), Vec::new()));
    for outcome in opened.into_values() {
        let Outcome::Done(share) = outcome else { panic!("no end") };
        let public = Share::<S>::decode(&share).unwrap().public;
        assert!(finish(&public) == package);
    }
}

type Steps = BTreeMap<u8, (Vec<u8>, BTreeMap<u8, Vec<u8>>)>;

fn step(outcome: &Outcome) -> (Vec<u8>, BTreeMap<u8, Vec<u8>>) {
    let Outcome::Next(step, _) = outcome else { panic!("no step") };
    (
        step.broadcast.clone(),
        step.direct.iter().map(|(party, bytes)| (party.number(), bytes.clone())).collect(),
    )
}

/// Advances parties 1 and 2 with what they said to each other and what party 3 says to each.
fn advance(opened: BTreeMap<u8, Outcome>, steps: &Steps, third: impl Fn(u8) -> (Vec<u8>, Vec<u8>)) -> BTreeMap<u8, Outcome> {
    let advance = |(me, outcome): (u8, Outcome)| {
        let Outcome::Next(_, state) = outcome else { panic!("no step") };
        let other = 3 - me;
        let (broadcast, direct) = third(me);
        let message = |from: u8, broadcast, direct| Message {
            from: Party::new(from).unwrap(),
            broadcast,
            direct,
        };
        let inbox = Inbox::new(vec![
            message(other, &steps[&other].0, &steps[&other].1[&me]),
            message(3, &broadcast, &direct),
        ]);
        (me, state.advance(inbox, &mut Seeded::new("later")).unwrap())
    };
    opened.into_iter().map(advance).collect()
}

#[test]
fn ed25519_makes_a_key_with_frost_core() {
    makes_a_key_with_frost_core::<Ed25519>(|public| public.package.clone());
}

#[test]
fn taproot_makes_a_key_with_frost_core() {
    makes_a_key_with_frost_core::<Taproot>(|public| Taproot::public_that_signs(&public.package, b""));
}

/// Seeded randomness in the shape frost-core takes.
struct Core(Seeded);

impl rand_core::RngCore for Core {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        self.0.fill(out).unwrap();
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

impl rand_core::CryptoRng for Core {}
