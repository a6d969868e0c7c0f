//! What all rounds of a signing need to know.

use alloc::vec::Vec;
use locket_ceremony::{Digest, Party, PartySet};

use crate::curve::{Point, Scalar};
use crate::share::Share;

/// The most signatures of one ceremony.
pub const MAX_ITEMS: usize = 32;

/// One signing.
pub struct Job {
    /// Names the run and everything agreed on.
    pub context: Digest,
    /// This party.
    pub me: Party,
    /// Those who sign.
    pub parties: PartySet,
    /// This party's share.
    pub share: Share,
    /// What is added to the secret key.
    pub tweak: Scalar,
    /// The key that signs, the tweak added.
    pub key: Point,
    /// How many signatures.
    pub count: usize,
    /// What is signed; none when presigning.
    pub digests: Option<Vec<Digest>>,
}
