//! New shares of the same key for the same committee: each party deals zero.
//!
//! Herzberg, Jarecki, Krawczyk, Yung, "Proactive secret sharing", CRYPTO 1995. The threshold stays: see part 5.
use alloc::boxed::Box;
use alloc::vec::Vec;

use frost_core::Group;
use frost_core::keys::{CoefficientCommitment, SigningShare, VerifiableSecretSharingCommitment as Commitment};
use locket_ceremony::{Ceremony, Failure, Hash, Inbox, Outcome, PartySet, Random, Reader};
use zeroize::Zeroizing;

use crate::confirming::Confirming;
use crate::dealing::{Dealing, Gathered};
use crate::rng::with_rng;
use crate::seat::{Seat, then};
use crate::share::Share;
use crate::suite::Suite;
use crate::wire::{only_scalar, read_commitment, scalar_message, write_commitment};

/// Parameters: `session: 32, share: bytes`. All `n` parties take part. Result: the share of the next epoch.
///
/// Round 1 broadcasts commitments to all coefficients but the constant one, which is zero, and a digest of the key; it
/// sends each party its part.
pub fn open<S: Suite>(mut parameters: Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let session = parameters.array::<32>()?;
    let share = Share::<S>::decode(parameters.bytes()?)?;
    parameters.end()?;
    let committee = share.public.committee;
    let mut context = Hash::new("locket/frost/refresh").with_u8(S::NUMBER).with(session);
    share.public.add_to(&mut context)?;
    let seat = Seat::new(share.party, PartySet::first(committee.parties())?, context)?;

    let dealing = with_rng(random, |rng| Dealing::of(&SigningShare::default(), committee, rng))?;
    let mut writer = seat.first_broadcast();
    write_commitment::<S>(&mut writer, dealing.commitment().coefficients().get(1..).unwrap_or_default())?;
    let broadcast = writer.public();
    let step = seat.step(1, broadcast.clone(), |party| Ok(scalar_message::<S>(&*dealing.part(party)?)))?;
    Ok(then(
        step,
        Dealt {
            seat,
            share,
            dealing,
            broadcast,
        },
    ))
}

/// Waits for the others' commitments and parts; then confirms.
struct Dealt<S: Suite> {
    seat: Seat,
    share: Share<S>,
    dealing: Dealing<S>,
    broadcast: Vec<u8>,
}

impl<S: Suite> Ceremony for Dealt<S> {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
        let Self {
            seat,
            share,
            dealing,
            broadcast,
        } = *self;
        let old = &share.public;
        let messages = seat.receive(inbox)?;
        let mut gathered = Gathered::new();
        gathered.add_own(seat.me, &dealing)?;
        for message in &messages {
            let mut reader = seat.read_first_broadcast(message)?;
            let commitment = read_commitment::<S>(&mut reader, old.committee.threshold() - 1)?;
            reader.end()?;
            let mut coefficients = commitment.coefficients().to_vec();
            coefficients.insert(0, CoefficientCommitment::new(S::Group::identity()));
            let part = only_scalar::<S>(message.read_direct())?;
            gathered.add(message.from, seat.me, &part, Commitment::new(coefficients))?;
        }
        let mut hash = seat.transcript(&broadcast, &messages);
        let (shift, commitment) = gathered.sum()?;
        let secret = Zeroizing::new(SigningShare::new(share.key.signing_share().to_scalar() + shift.to_scalar()));
        let new = Share::new(old.shifted(&commitment)?, share.party, &secret)?;
        new.public.add_to(&mut hash)?;
        Ok(Confirming::say(seat, 2, hash.finish(), new.encode()?))
    }
}
