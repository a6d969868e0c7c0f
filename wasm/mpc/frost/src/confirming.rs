//! The last round of every ceremony that makes shares.
use alloc::boxed::Box;
use alloc::vec::Vec;

use locket_ceremony::{Ceremony, Code, Digest, Failure, Inbox, Outcome, Random};
use zeroize::Zeroizing;

use crate::seat::{Seat, then};

/// Waits until everybody said that it has its share, and saw and computed the same. Only then is the share released:
/// no party keeps one of a key that the others do not have.
pub struct Confirming {
    seat: Seat,
    digest: Digest,
    result: Zeroizing<Vec<u8>>,
}

impl Confirming {
    /// Says the digest of all that was seen and computed, in this round.
    pub fn say(seat: Seat, round: u8, digest: Digest, result: Zeroizing<Vec<u8>>) -> Outcome {
        then(seat.say(round, digest.to_vec()), Self { seat, digest, result })
    }
}

impl Ceremony for Confirming {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
        for message in self.seat.hear(inbox)? {
            let mut reader = message.read_broadcast();
            let theirs = reader.array::<32>()?;
            reader.end()?;
            if *theirs != self.digest {
                return Err(Failure::retry_from(message.from, Code::Confirmation));
            }
        }
        Ok(Outcome::Done(self.result))
    }
}
