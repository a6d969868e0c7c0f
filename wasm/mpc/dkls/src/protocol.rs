//! The suite as the binding sees it: protocols by number, and the operations that need no other party.

use alloc::vec::Vec;
use locket_ceremony::{Code, Failure, Outcome, Random, Reader, Writer};
use zeroize::Zeroizing;

use crate::curve::{Scalar, encode_point, encode_scalar};
use crate::derive::{derive, read_path};
use crate::polynomial::lagrange;
use crate::share::{Public, Share};
use crate::{dealing, signing};

/// Opens a ceremony of this suite: part 7 of `SPEC.md` lists protocols and their parameters.
///
/// Fails with `usage`: [`Code::Unknown`] for another protocol, [`Code::Parameters`], [`Code::Share`],
/// [`Code::Presignature`] for what does not decode or fit, [`Code::Random`].
pub fn open(protocol: u8, parameters: &[u8], random: &mut dyn Random) -> Result<Outcome, Failure> {
    let mut reader = Reader::request(parameters, Code::Parameters);
    let start = match protocol {
        1 => dealing::generate,
        2 => signing::sign,
        3 => signing::presign,
        4 => signing::finish,
        5 => dealing::reshare,
        6 => dealing::import,
        _ => return Err(Failure::usage(Code::Unknown)),
    };
    // Parameters end where they should, or nothing was opened: the outcome is dropped, and overwritten.
    let outcome = start(&mut reader, random)?;
    reader.end()?;
    Ok(outcome)
}

/// The party a share belongs to, and its public part.
pub fn describe(share: &[u8], out: &mut Writer) -> Result<(), Failure> {
    let share = Share::decode(share)?;
    out.party(share.party).bytes(&share.public.encode());
    Ok(())
}

/// The key at the end of a path: from `public: bytes, path: u8 count and u32 indices` to
/// `key: 33, chain code: flag and, if it is set, 32`.
pub fn derive_key(parameters: &[u8], out: &mut Writer) -> Result<(), Failure> {
    let mut reader = Reader::request(parameters, Code::Parameters);
    let public = Public::decode(reader.bytes()?)?;
    let path = read_path(&mut reader)?;
    reader.end()?;
    let derived = derive(&public, &path)?;
    out.raw(&encode_point(&derived.key)).flag(derived.chain_code.is_some());
    if let Some(chain_code) = &derived.chain_code {
        out.raw(chain_code);
    }
    Ok(())
}

/// **The whole secret key**, from `count: u8, count * (share: bytes)` of exactly as many parties as sign.
///
/// After this the key is as safe as where this result is kept, and no safer.
pub fn reveal_key(parameters: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let wrong = Failure::usage(Code::Parameters);
    let mut reader = Reader::request(parameters, Code::Parameters);
    let mut shares = Vec::new();
    for _ in 0..reader.u8()? {
        shares.push(Share::decode(reader.bytes()?)?);
    }
    reader.end()?;
    let public = shares.first().ok_or(wrong)?.public.clone();
    let parties = locket_ceremony::PartySet::new(&shares.iter().map(|share| share.party.number()).collect::<Vec<_>>())?;
    if shares.iter().any(|share| share.public != public) || shares.len() != usize::from(public.threshold) {
        return Err(wrong);
    }
    let secret: Scalar = shares.iter().map(|share| lagrange(&parties, share.party) * *share.secret).sum();
    let secret = Zeroizing::new(secret);
    if crate::curve::base(&secret) != public.key {
        return Err(wrong);
    }
    Ok(Zeroizing::new(encode_scalar(&secret).to_vec()))
}
