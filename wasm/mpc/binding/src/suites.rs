//! Which crate does what, by the number of the suite.

use alloc::vec::Vec;
use locket_ceremony::{Code, Failure, Outcome, Random};

const ECDSA: u8 = 1;

/// Opens a ceremony.
pub fn open(suite: u8, protocol: u8, parameters: &[u8], random: &mut dyn Random) -> Result<Outcome, Failure> {
    match suite {
        ECDSA => locket_dkls::open(protocol, parameters, random),
        _ => locket_frost::open(suite, protocol, parameters, random),
    }
}

/// The public half of a share, which says itself of which suite it is.
pub fn describe(share: &[u8]) -> Result<Vec<u8>, Failure> {
    match share.get(1) {
        Some(&ECDSA) => locket_dkls::describe(share),
        Some(_) => locket_frost::describe(share),
        None => Err(Failure::usage(Code::Share)),
    }
}
