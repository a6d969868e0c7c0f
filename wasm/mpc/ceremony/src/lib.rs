//! What every multi-party protocol of Locket shares: the shape of a ceremony
//! (part 1 of `SPEC.md`), its parties, its failures, strict encoding and hashing.
//!
//! A ceremony has no clock, no network and no storage. Randomness is an argument.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod ceremony;
mod failure;
mod hash;
mod inbox;
mod party;
mod random;
mod reader;
mod writer;

pub use ceremony::{Ceremony, Outcome, Step};
pub use failure::{Class, Code, Failure};
pub use hash::{Digest, Hash};
pub use inbox::{Inbox, Message};
pub use party::{MAX_PARTIES, Party, PartySet};
pub use random::Random;
pub use reader::Reader;
pub use writer::Writer;
