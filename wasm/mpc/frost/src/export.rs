//! A whole key put together again. From then on it is as safe as the one device that has it.
use alloc::boxed::Box;
use alloc::vec::Vec;

use frost_core::keys::{KeyPackage, SigningShare, VerifyingShare, reconstruct};
use locket_ceremony::{Ceremony, Code, Failure, Hash, Inbox, Outcome, Party, Random, Reader};
use zeroize::Zeroizing;

use crate::seat::{Seat, then};
use crate::share::Share;
use crate::suite::{Suite, identifier};
use crate::wire::{only_scalar, scalar_message};

/// Parameters: `session: 32, share: bytes, parties: bytes, receiver: u8`. Result: for the receiver the whole key, as a
/// scalar of 32 bytes; for others nothing.
///
/// `parties` are at least `t`, ascending, the receiver among them. Round 1 broadcasts a digest of the key and of who is
/// to have it, and sends the receiver each share.
pub fn open<S: Suite>(mut parameters: Reader<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
    let session = parameters.array::<32>()?;
    let share = Share::<S>::decode(parameters.bytes()?)?;
    let parties = parameters.bytes()?;
    let receiver = parameters.party()?;
    parameters.end()?;
    let mut context = Hash::new("locket/frost/export")
        .with_u8(S::NUMBER)
        .with(session)
        .with(parties)
        .with_u8(receiver.number());
    share.public.add_to(&mut context)?;
    let seat = Seat::new(share.party, share.public.committee.quorum(parties)?, context)?;
    if !seat.parties.contains(receiver) {
        return Err(Failure::usage(Code::Parameters));
    }
    let secret = |to| {
        if to == receiver {
            scalar_message(share.key.signing_share())
        } else {
            Vec::new()
        }
    };
    let step = seat.step(1, seat.first_broadcast().public(), |to| Ok(secret(to)))?;
    Ok(then(step, Exporting { seat, receiver, share }))
}

/// Waits for the shares, or for the word that others were asked for theirs too.
struct Exporting<S: Suite> {
    seat: Seat,
    receiver: Party,
    share: Share<S>,
}

impl<S: Suite> Ceremony for Exporting<S> {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
        let public = &self.share.public;
        let mut keys = Vec::from([self.share.key.clone()]);
        for message in self.seat.receive(inbox)? {
            self.seat.read_first_broadcast(&message)?.end()?;
            if self.seat.me != self.receiver {
                message.read_direct().end()?;
                continue;
            }
            let secret = only_scalar::<S>(message.read_direct())?;
            let share = public.share_of(message.from)?;
            if VerifyingShare::from(*secret) != *share {
                return Err(Failure::blame(message.from, Code::Fragment));
            }
            let id = identifier(message.from)?;
            keys.push(KeyPackage::new(
                id,
                *secret,
                *share,
                *public.package.verifying_key(),
                *self.share.key.min_signers(),
            ));
        }
        if self.seat.me != self.receiver {
            return Ok(Outcome::Done(Zeroizing::default()));
        }
        let key = reconstruct(&keys).map_err(|_| Failure::usage(Code::Parameters))?;
        let key = Zeroizing::new(SigningShare::<S>::new(key.to_scalar()));
        if VerifyingShare::from(*key).to_element() != public.package.verifying_key().to_element() {
            return Err(Failure::retry(Code::KeySum));
        }
        Ok(Outcome::Done(Zeroizing::new(scalar_message(&key))))
    }
}
