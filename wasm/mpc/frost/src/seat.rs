//! Where a party sits in a ceremony: who it is, who the others are, and what they must agree on.
use alloc::boxed::Box;
use alloc::vec::Vec;

use locket_ceremony::{Ceremony, Code, Digest, Failure, Hash, Inbox, Message, Outcome, Party, PartySet, Random, Reader, Step, Writer};

/// One party among the parties of a ceremony.
#[derive(Clone)]
pub struct Seat {
    pub me: Party,
    pub parties: PartySet,
    context: Digest,
}

impl Seat {
    /// `context` is a hash of all that the parties must agree on, part 2. Fails with [`Code::Parameters`] if the party is
    /// not among them, or alone.
    pub fn new(me: Party, parties: PartySet, context: Hash) -> Result<Self, Failure> {
        if parties.count() < 2 || !parties.contains(me) {
            return Err(Failure::usage(Code::Parameters));
        }
        let context = context.finish();
        Ok(Self { me, parties, context })
    }

    /// The beginning of every first broadcast.
    pub fn first_broadcast(&self) -> Writer {
        let mut writer = Writer::new();
        writer.raw(&self.context);
        writer
    }

    /// Reads the beginning of a first broadcast. Fails with `retry`, [`Code::Context`] if the sender means something else.
    pub fn read_first_broadcast<'a>(&self, message: &Message<'a>) -> Result<Reader<'a>, Failure> {
        let mut reader = message.read_broadcast();
        if *reader.array::<32>()? == self.context {
            Ok(reader)
        } else {
            Err(Failure::retry_from(message.from, Code::Context))
        }
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

    /// A hash of everybody's first broadcast, in the order of parties, to which the outcome is still to be added.
    pub fn transcript(&self, mine: &[u8], messages: &[Message<'_>]) -> Hash {
        let mut hash = Hash::new("locket/frost/transcript").with(&self.context);
        let mut others = messages.iter();
        for party in self.parties.iter() {
            let theirs = if party == self.me { None } else { others.next() };
            hash.add(theirs.map_or(mine, |message| message.broadcast));
        }
        hash
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
