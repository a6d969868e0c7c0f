//! The last round: a share is given out only if everybody saw the same.

use alloc::boxed::Box;
use alloc::vec::Vec;
use locket_ceremony::{Ceremony, Code, Digest, Failure, Inbox, Outcome, Party, PartySet, Random};
use zeroize::Zeroizing;

use crate::dealing::open::digest_of;
use crate::share::Share;

/// Made a sharing; waits for the others to confirm it.
pub struct Confirming {
    pub me: Party,
    pub parties: PartySet,
    pub setup: Digest,
    pub pair_digests: Vec<(Party, Digest)>,
    /// None for one who dealt and leaves.
    pub result: Option<Share>,
}

impl Ceremony for Confirming {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _: &mut dyn Random) -> Result<Outcome, Failure> {
        self.finish(inbox).map_err(|failure| failure.in_round(3))
    }
}

impl Confirming {
    fn finish(self, inbox: Inbox<'_>) -> Result<Outcome, Failure> {
        for message in inbox.from_all(&self.parties, self.me)? {
            let expected = digest_of(&self.pair_digests, message.from).map_or(&[][..], |digest| digest.as_slice());
            if message.broadcast != self.setup || message.direct != expected {
                return Err(Failure::retry_from(message.from, Code::Confirmation));
            }
        }
        Ok(Outcome::Done(
            self.result.map_or_else(|| Zeroizing::new(Vec::new()), |share| share.encode()),
        ))
    }
}
