//! How many parties share a key and how many of them sign.
use locket_ceremony::{Code, Failure, MAX_PARTIES, Party, PartySet};

/// Parties `1..=n`, of whom `t` sign: `2 <= t <= n <= 32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committee {
    threshold: u8,
    parties: u8,
}

impl Committee {
    /// Fails with [`Code::Parameters`].
    pub fn new(threshold: u8, parties: u8) -> Result<Self, Failure> {
        if threshold < 2 || threshold > parties || usize::from(parties) > MAX_PARTIES {
            return Err(Failure::usage(Code::Parameters));
        }
        Ok(Self { threshold, parties })
    }

    /// How many sign.
    pub const fn threshold(self) -> u8 {
        self.threshold
    }

    /// How many there are.
    pub const fn parties(self) -> u8 {
        self.parties
    }

    /// All of them.
    pub fn members(self) -> impl Iterator<Item = Party> + Clone {
        (1..=self.parties).filter_map(Party::new)
    }

    /// Whether this is one of them.
    pub const fn contains(self, party: Party) -> bool {
        party.number() <= self.parties
    }

    /// A set of members of whom there are enough to sign. Fails with [`Code::Parameters`].
    pub fn quorum(self, numbers: &[u8]) -> Result<PartySet, Failure> {
        let quorum = PartySet::new(numbers)?;
        if quorum.count() < self.threshold.into() || !quorum.iter().all(|party| self.contains(party)) {
            return Err(Failure::usage(Code::Parameters));
        }
        Ok(quorum)
    }
}
