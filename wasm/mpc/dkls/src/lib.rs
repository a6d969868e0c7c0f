//! Threshold ECDSA on secp256k1 after DKLs23. What each module does, and why it is
//! sound, is part 3 of `SPEC.md`; the names there are the names here.
//!
//! **Unaudited.** No clock, network, storage or randomness of its own. Every byte of
//! another party is hostile, none makes it panic. Secrets are overwritten when dropped
//! and cannot be copied, compared or printed through their types.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod curve;
mod dealing;
mod derive;
mod ecdsa;
mod export;
mod ot;
mod pair;
mod polynomial;
mod proof;
mod protocol;
mod random;
mod share;
mod signing;
#[cfg(test)]
mod testing;
#[cfg(feature = "timing")]
pub mod timing;

pub use protocol::{derive_key, describe, multiply_generator, open};
