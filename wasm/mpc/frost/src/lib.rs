//! Threshold Schnorr signatures by FROST: part 4 of `SPEC.md`, and its half of part 5.
//!
//! The arithmetic and the signing protocol are the Zcash Foundation's frost-core and its two ciphersuites. What is
//! here turns them into ceremonies: strict messages, one check and one named party for each way to misbehave, shares
//! that know their key and epoch, and the protocols that move a key from one committee to the next.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod committee;
mod confirming;
mod dealing;
mod export;
mod import;
mod keygen;
mod refresh;
mod repair;
mod reshare;
mod rng;
mod seat;
mod share;
mod sign;
mod suite;
mod wire;

use alloc::vec::Vec;

use locket_ceremony::{Code, Failure, Outcome, Random, Reader, Writer};

pub use committee::Committee;
pub use share::{Public, Share};
pub use suite::{Ed25519, Suite, Taproot};

/// Starts a ceremony of suite 2 (Ed25519) or 3 (Taproot). The protocols and their parameters are in `SPEC.md`.
///
/// Fails with `usage`, [`Code::Unknown`] for another suite or protocol, [`Code::Parameters`] or [`Code::Share`] for
/// parameters that cannot be used, and [`Code::Random`] if the host has no randomness.
pub fn open(suite: u8, protocol: u8, parameters: &[u8], random: &mut dyn Random) -> Result<Outcome, Failure> {
    match suite {
        Ed25519::NUMBER => open_in::<Ed25519>(protocol, parameters, random),
        Taproot::NUMBER => open_in::<Taproot>(protocol, parameters, random),
        _ => Err(Failure::usage(Code::Unknown)),
    }
}

fn open_in<S: Suite>(protocol: u8, parameters: &[u8], random: &mut dyn Random) -> Result<Outcome, Failure> {
    let parameters = Reader::request(parameters, Code::Parameters);
    match protocol {
        1 => keygen::open::<S>(parameters, random),
        2 => sign::open::<S>(parameters, random),
        3 => refresh::open::<S>(parameters, random),
        4 => reshare::open::<S>(parameters, random),
        5 => repair::open::<S>(parameters, random),
        6 => import::open::<S>(parameters, random),
        7 => export::open::<S>(parameters, random),
        _ => Err(Failure::usage(Code::Unknown)),
    }
}

/// The public half of a share: `suite: u8, key id: 32, party: u8, epoch: u32, t: u8, n: u8, public key: bytes, public: bytes`.
///
/// The public key is as its chain knows it, 32 bytes. Fails with [`Code::Share`].
pub fn describe(share: &[u8]) -> Result<Vec<u8>, Failure> {
    match share.get(1) {
        Some(&Ed25519::NUMBER) => describe_in::<Ed25519>(share),
        Some(&Taproot::NUMBER) => describe_in::<Taproot>(share),
        _ => Err(Failure::usage(Code::Share)),
    }
}

fn describe_in<S: Suite>(share: &[u8]) -> Result<Vec<u8>, Failure> {
    let Share::<S> { public, party, .. } = &Share::decode(share)?;
    let key = S::public_key(public.package.verifying_key()).map_err(|_| Failure::usage(Code::Share))?;
    let mut encoded = Writer::new();
    public.write(&mut encoded)?;
    let mut out = Writer::new();
    out.u8(S::NUMBER).raw(&public.key_id()?).party(*party).u32(public.epoch);
    out.u8(public.committee.threshold()).u8(public.committee.parties());
    out.bytes(&key).bytes(&encoded.public());
    Ok(out.public())
}
