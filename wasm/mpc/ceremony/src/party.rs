//! Parties are small numbers from 1. Zero does not exist: it is where the secret is.

use alloc::vec::Vec;
use core::num::NonZeroU8;

use crate::{Code, Failure};

/// The most parties a ceremony may have.
pub const MAX_PARTIES: usize = 32;

/// The number of one party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Party(NonZeroU8);

impl Party {
    /// The party of this number, or none for 0.
    pub const fn new(number: u8) -> Option<Self> {
        match NonZeroU8::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0.get()
    }
}

/// Distinct parties in ascending order; at least one, at most [`MAX_PARTIES`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartySet(Vec<Party>);

impl PartySet {
    /// The set of these numbers, which must be ascending and without 0.
    ///
    /// Fails with [`Code::Parameters`].
    pub fn new(numbers: &[u8]) -> Result<Self, Failure> {
        let wrong = Failure::usage(Code::Parameters);
        if numbers.is_empty() || numbers.len() > MAX_PARTIES || !numbers.is_sorted_by(|a, b| a < b) {
            return Err(wrong);
        }
        numbers
            .iter()
            .map(|&number| Party::new(number))
            .collect::<Option<_>>()
            .map(Self)
            .ok_or(wrong)
    }

    /// The parties `1..=count`. Fails with [`Code::Parameters`].
    pub fn first(count: u8) -> Result<Self, Failure> {
        Self::new(&(1..=count).collect::<Vec<_>>())
    }

    /// How many they are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether `party` is one of them.
    pub fn contains(&self, party: Party) -> bool {
        self.0.binary_search(&party).is_ok()
    }

    /// All of them, ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Party> + ExactSizeIterator + Clone + '_ {
        self.0.iter().copied()
    }

    /// All but `me`, ascending.
    pub fn others(&self, me: Party) -> impl DoubleEndedIterator<Item = Party> + Clone + '_ {
        self.iter().filter(move |&party| party != me)
    }

    /// Their numbers, ascending.
    pub fn numbers(&self) -> Vec<u8> {
        self.iter().map(Party::number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn no_party_is_number_0() {
        assert_eq!(Party::new(0), None);
        assert_eq!(Party::new(1).map(Party::number), Some(1));
        assert_eq!(Party::new(255).map(Party::number), Some(255));
    }

    #[test]
    fn a_set_is_ascending_distinct_and_of_1_to_32() -> Result<(), Failure> {
        let wrong = Err(Failure::usage(Code::Parameters));
        for numbers in [&[][..], &[0], &[0, 1], &[1, 1], &[2, 1], &[1, 2, 2], &[1, 3, 2], &[5; 33]] {
            assert_eq!(PartySet::new(numbers), wrong, "{numbers:?}");
        }
        assert_eq!(PartySet::new(&(1..=33).collect::<Vec<_>>()), wrong);
        assert_eq!(PartySet::first(0), wrong);
        assert_eq!(PartySet::first(33), wrong);
        assert_eq!(PartySet::first(32)?.count(), 32);
        assert_eq!(PartySet::new(&[1, 7, 255])?.numbers(), vec![1, 7, 255]);
        Ok(())
    }
}
