//! One run of one protocol, as a chain of rounds.

use alloc::boxed::Box;
use alloc::vec::Vec;
use zeroize::{Zeroize, Zeroizing};

use crate::{Failure, Inbox, Party, Random, Writer};

/// What a party sends in one round.
pub struct Step {
    /// Counted from 1.
    pub round: u8,
    /// The same bytes for every other party; may be empty.
    pub broadcast: Vec<u8>,
    /// Bytes for one party alone, one entry for each other party, ascending. They may be secret.
    pub direct: Vec<(Party, Vec<u8>)>,
}

impl Drop for Step {
    fn drop(&mut self) {
        for (_, bytes) in &mut self.direct {
            bytes.zeroize();
        }
    }
}

/// What an advance gives.
pub enum Outcome {
    /// Something to send, and the state that waits for the others' messages of the same round.
    Next(Step, Box<dyn Ceremony>),
    /// The end, and its result, which may be secret.
    Done(Zeroizing<Vec<u8>>),
}

impl Outcome {
    /// Encodes the step or the result: part 7 of `SPEC.md`.
    pub fn encode(&self, out: &mut Writer) {
        match self {
            Self::Next(step, _) => {
                let count = u8::try_from(step.direct.len()).unwrap_or(u8::MAX);
                out.u8(0).u8(step.round).bytes(&step.broadcast).u8(count);
                for (party, bytes) in &step.direct {
                    out.party(*party).bytes(bytes);
                }
            }
            Self::Done(result) => {
                out.u8(1).bytes(result);
            }
        }
    }
}

/// A party's state between two rounds. Advancing consumes it: no round runs twice.
///
/// An implementation overwrites its secrets when dropped.
pub trait Ceremony {
    /// Reads the others' messages of the round whose step was given out last.
    ///
    /// Fails with the classes of part 1 of `SPEC.md`; the state is gone then.
    fn advance(self: Box<Self>, inbox: Inbox<'_>, random: &mut dyn Random) -> Result<Outcome, Failure>;
}
