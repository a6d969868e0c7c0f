//! A whole key split among a committee by one who has it. It was whole before, and whoever copied it then signs alone.
//!
//! RFC 9591, appendix C: the trusted dealer.
use alloc::boxed::Box;
use alloc::vec::Vec;

use frost_core::SigningKey;
use frost_core::keys::SigningShare;
use locket_ceremony::{Ceremony, Code, Failure, Hash, Inbox, Outcome, Party, PartySet, Random, Reader};
use zeroize::Zeroizing;

use crate::committee::Committee;
use crate::confirming::Confirming;
use crate::dealing::{Dealing, Gathered};
use crate::rng::with_rng;
use crate::seat::{Seat, then};
use crate::share::{Public, Share};
use crate::suite::Suite;
use crate::wire::{only_scalar, read_commitment, scalar_message, write_commitment};

/// Parameters: `session: 32, me: u8, t: u8, n: u8, dealer: u8, form: u8, secret: bytes`. Result: the share.
///
/// `secret` is the whole key, 32 bytes, for the dealer, and empty for others. `form` 0 is a scalar as the suite writes
/// it; 1 is a seed of RFC 8032, for Ed25519 alone. Round 1
/// broadcasts the context, the dealer `t` commitments after it, and the dealer sends the parts.
pub fn open<S: Suite>(mut parameters: Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let session = parameters.array::<32>()?;
    let me = parameters.party()?;
    let committee = Committee::new(parameters.u8()?, parameters.u8()?)?;
    let dealer = parameters.party()?;
    let form = parameters.flag()?;
    let secret = parameters.bytes()?;
    parameters.end()?;
    let wrong = Failure::usage(Code::Parameters);
    if !committee.contains(dealer) || secret.is_empty() == (me == dealer) {
        return Err(wrong);
    }
    let sizes = [committee.threshold(), committee.parties(), dealer.number()];
    let context = Hash::new("locket/frost/import").with_u8(S::NUMBER).with(session).with(&sizes);
    let seat = Seat::new(me, PartySet::first(committee.parties())?, context)?;
    let mut writer = seat.first_broadcast();
    if me != dealer {
        let broadcast = writer.public();
        return Ok(then(
            seat.say(1, broadcast.clone()),
            Waiting::<S> {
                seat,
                committee,
                dealer,
                dealing: None,
                broadcast,
            },
        ));
    }

    let secret: &[u8; 32] = secret.try_into().map_err(|_| wrong)?;
    let key = if form {
        S::key_of_seed(secret)
    } else {
        SigningKey::deserialize(secret).ok()
    };
    let key = Zeroizing::new(SigningShare::<S>::new(key.ok_or(wrong)?.to_scalar()));
    let dealing = with_rng(random, |rng| Dealing::of(&key, committee, rng))?;
    write_commitment::<S>(&mut writer, dealing.commitment().coefficients())?;
    let broadcast = writer.public();
    let step = seat.step(1, broadcast.clone(), |to| Ok(scalar_message::<S>(&*dealing.part(to)?)))?;
    Ok(then(
        step,
        Waiting {
            seat,
            committee,
            dealer,
            dealing: Some(dealing),
            broadcast,
        },
    ))
}

/// Waits for the dealer; then confirms.
struct Waiting<S: Suite> {
    seat: Seat,
    committee: Committee,
    dealer: Party,
    dealing: Option<Dealing<S>>,
    broadcast: Vec<u8>,
}

impl<S: Suite> Ceremony for Waiting<S> {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
        let Self {
            seat,
            committee,
            dealer,
            dealing,
            broadcast,
        } = *self;
        let messages = seat.receive(inbox)?;
        let mut gathered = Gathered::<S>::new();
        if let Some(dealing) = &dealing {
            gathered.add_own(seat.me, dealing)?;
        }
        for message in &messages {
            let mut reader = seat.read_first_broadcast(message)?;
            if message.from == dealer {
                let commitment = read_commitment::<S>(&mut reader, committee.threshold())?;
                gathered.add(dealer, seat.me, &*only_scalar::<S>(message.read_direct())?, commitment)?;
            } else {
                message.read_direct().end()?;
            }
            reader.end()?;
        }
        let mut hash = seat.transcript(&broadcast, &messages);
        let (secret, commitment) = gathered.sum()?;
        let share = Share::new(Public::from_commitment(0, committee, &commitment)?, seat.me, &secret)?;
        share.public.add_to(&mut hash)?;
        Ok(Confirming::say(seat, 2, hash.finish(), share.encode()?))
    }
}
