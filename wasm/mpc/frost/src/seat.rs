//! Where a party sits in a ceremony: who it is, and who the others are.
use alloc::boxed::Box;
use alloc::vec::Vec;

use locket_ceremony::{Ceremony, Code, Failure, Hash, Inbox, Message, Outcome, Party, PartySet, Random, Step};

/// One party among the parties of a ceremony.
#[derive(Clone)]
pub struct Seat {
    pub me: Party,
    pub parties: PartySet,
}

impl Seat {
    /// Fails with [`Code::Parameters`] if the party is not among them, or alone.
    pub fn new(me: Party, parties: PartySet) -> Result<Self, Failure> {
        if parties.count() < 2 || !parties.contains(me) {
            return Err(Failure::usage(Code::Parameters));
        }
        Ok(Self { me, parties })
    }

    /// What is sent in a round.
    pub fn step(&self, round: u8, broadcast: Vec<u8>, direct: impl Fn(Party) -> Result<Vec<u8>, Failure>) -> Result<Step, Failure> {
        let mut step = Step {
            round,
            broadcast,
            direct: Vec::new(),
        };
        for party in self.parties.others(self.me) {
            step.direct.push((party, direct(party)?));
        }
        Ok(step)
    }

    /// As [`Seat::step`], where there is nothing for anybody alone.
    pub fn say(&self, round: u8, broadcast: Vec<u8>) -> Step {
        let direct = self.parties.others(self.me).map(|party| (party, Vec::new())).collect();
        Step { round, broadcast, direct }
    }

    /// One message of each other party, ascending.
    pub fn receive<'a>(&self, inbox: Inbox<'a>) -> Result<Vec<Message<'a>>, Failure> {
        inbox.from_all(&self.parties, self.me)
    }

    /// As [`Seat::receive`], in a round in which nobody was told anything alone.
    pub fn hear<'a>(&self, inbox: Inbox<'a>) -> Result<Vec<Message<'a>>, Failure> {
        let messages = self.receive(inbox)?;
        messages.iter().try_for_each(|message| message.read_direct().end())?;
        Ok(messages)
    }

    /// The hash of everybody's broadcasts of a round, in the order of parties.
    pub fn add_broadcasts(&self, hash: &mut Hash, mine: &[u8], messages: &[Message<'_>]) {
        let mut others = messages.iter();
        for party in self.parties.iter() {
            hash.add(if party == self.me {
                mine
            } else {
                others.next().map_or(&[], |message| message.broadcast)
            });
        }
    }
}

/// A step, and the state that waits for what comes back. Its failures say of which round they are.
pub fn then(step: Step, next: impl Ceremony + 'static) -> Outcome {
    let round = step.round;
    Outcome::Next(step, Box::new(InRound { round, next }))
}

struct InRound<C> {
    round: u8,
    next: C,
}

impl<C: Ceremony> Ceremony for InRound<C> {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
        let Self { round, next } = *self;
        Box::new(next).advance(inbox, random).map_err(|failure| failure.in_round(round))
    }
}
