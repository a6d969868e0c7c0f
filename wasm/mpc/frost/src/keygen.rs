//! Distributed key generation. Komlo, Goldberg, "FROST", SAC 2020 (eprint 2020/852), figure 1.
use alloc::boxed::Box;
use alloc::vec::Vec;

use frost_core::keys::dkg::{compute_proof_of_knowledge, verify_proof_of_knowledge};
use frost_core::keys::{SigningShare, VerifiableSecretSharingCommitment as Commitment};
use frost_core::{Signature, SigningKey};
use locket_ceremony::{Ceremony, Code, Failure, Hash, Inbox, Outcome, PartySet, Random, Reader};
use zeroize::Zeroizing;

use crate::committee::Committee;
use crate::confirming::Confirming;
use crate::dealing::{Dealing, Gathered};
use crate::rng::with_rng;
use crate::seat::{Seat, then};
use crate::share::{Public, Share};
use crate::suite::{Suite, identifier};
use crate::wire::{only_scalar, read_commitment, scalar_message, write_commitment};

/// Parameters: `session: 32, me: u8, t: u8, n: u8`. Result: the share.
///
/// Round 1 broadcasts, after the context, `t` commitments and the proof that the constant term is known.
pub fn open<S: Suite>(mut parameters: Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let session = parameters.array::<32>()?;
    let me = parameters.party()?;
    let committee = Committee::new(parameters.u8()?, parameters.u8()?)?;
    parameters.end()?;
    let context = Hash::new("locket/frost/keygen").with_u8(S::NUMBER).with(session);
    let context = context.with(&[committee.threshold(), committee.parties()]);
    let seat = Seat::new(me, PartySet::first(committee.parties())?, context)?;
    let id = identifier::<S>(me)?;
    let (dealing, proof) = with_rng(random, |rng| {
        let constant = Zeroizing::new(SigningShare::new(SigningKey::<S>::new(rng).to_scalar()));
        let dealing = Dealing::of(&constant, committee, rng);
        let proof = compute_proof_of_knowledge(id, dealing.coefficients(), dealing.commitment(), rng);
        (dealing, proof)
    })?;
    let proof = proof
        .and_then(|proof| proof.serialize())
        .map_err(|_| Failure::retry(Code::Identity))?;
    let mut writer = seat.first_broadcast();
    write_commitment::<S>(&mut writer, dealing.commitment().coefficients())?;
    writer.raw(&proof);
    let broadcast = writer.public();
    Ok(then(
        seat.say(1, broadcast.clone()),
        Committed {
            seat,
            committee,
            dealing,
            broadcast,
        },
    ))
}

/// Waits for commitments and proofs; then deals.
struct Committed<S: Suite> {
    seat: Seat,
    committee: Committee,
    dealing: Dealing<S>,
    broadcast: Vec<u8>,
}

impl<S: Suite> Ceremony for Committed<S> {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
        let messages = self.seat.hear(inbox)?;
        let mut commitments = Vec::new();
        for message in &messages {
            let mut reader = self.seat.read_first_broadcast(message)?;
            let commitment = read_commitment::<S>(&mut reader, self.committee.threshold())?;
            let proof = Signature::<S>::deserialize(reader.slice(64)?).map_err(|_| reader.failure())?;
            reader.end()?;
            verify_proof_of_knowledge(identifier(message.from)?, &commitment, &proof)
                .map_err(|_| Failure::blame(message.from, Code::Proof))?;
            commitments.push(commitment);
        }
        let hash = self.seat.transcript(&self.broadcast, &messages);
        let Self {
            seat, committee, dealing, ..
        } = *self;
        let step = seat.step(2, Vec::new(), |party| Ok(scalar_message::<S>(&*dealing.part(party)?)))?;
        Ok(then(
            step,
            Dealt {
                seat,
                committee,
                hash,
                dealing,
                commitments,
            },
        ))
    }
}

/// Waits for the parts; then confirms.
struct Dealt<S: Suite> {
    seat: Seat,
    committee: Committee,
    hash: Hash,
    dealing: Dealing<S>,
    commitments: Vec<Commitment<S>>,
}

impl<S: Suite> Ceremony for Dealt<S> {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
        let Self {
            seat,
            committee,
            mut hash,
            dealing,
            commitments,
        } = *self;
        let mut gathered = Gathered::new();
        gathered.add_own(seat.me, &dealing)?;
        for (message, commitment) in seat.receive(inbox)?.iter().zip(commitments) {
            message.read_broadcast().end()?;
            let part = only_scalar::<S>(message.read_direct())?;
            gathered.add(message.from, seat.me, &part, commitment)?;
        }
        let (secret, commitment) = gathered.sum()?;
        let share = Share::new(Public::from_commitment(0, committee, &commitment)?, seat.me, &secret)?;
        share.public.add_to(&mut hash)?;
        Ok(Confirming::say(seat, 3, hash.finish(), share.encode()?))
    }
}
