//! The suite as the binding sees it: protocols by number, and the operations that need no other party.

use alloc::vec::Vec;
use locket_ceremony::{Code, Failure, Outcome, Random, Reader, Writer};

use crate::curve::{Scalar, base, encode_point};
use crate::derive::{derive, read_path};
use crate::share::{Public, SUITE, Share};
use crate::{dealing, export, signing};

/// Opens a ceremony of this suite: part 7 of `SPEC.md` lists protocols and their parameters.
///
/// Fails with `usage`: [`Code::Unknown`] for another protocol, [`Code::Parameters`], [`Code::Share`],
/// [`Code::Presignature`] for what does not decode or fit, [`Code::Random`].
pub fn open(protocol: u8, parameters: &[u8], random: &mut dyn Random) -> Result<Outcome, Failure> {
    let open = match protocol {
        1 => dealing::generate,
        2 => signing::sign,
        3 => dealing::refresh,
        4 => dealing::reshare,
        6 => dealing::import,
        7 => export::export,
        8 => signing::presign,
        9 => signing::finish,
        _ => return Err(Failure::usage(Code::Unknown)),
    };
    open(Reader::request(parameters, Code::Parameters), random)
}

/// The public half of a share: `suite: u8, key id: 32, party: u8, epoch: u32, t: u8, n: u8, public key: bytes, public: bytes`.
///
/// Fails with [`Code::Share`].
pub fn describe(share: &[u8]) -> Result<Vec<u8>, Failure> {
    let Share { public, party, .. } = &Share::decode(share)?;
    let count = u8::try_from(public.shares.len()).unwrap_or(0);
    let mut out = Writer::new();
    out.u8(SUITE)
        .raw(&public.key_id())
        .party(*party)
        .u32(public.epoch)
        .u8(public.threshold)
        .u8(count);
    out.bytes(&encode_point(&public.key)).bytes(&public.encode());
    Ok(out.public())
}

/// The key at the end of a path, from `public: bytes, path: bytes`: `public key: bytes, chain code: 32`.
///
/// Fails with [`Code::Share`], [`Code::Parameters`].
pub fn derive_key(parameters: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut reader = Reader::request(parameters, Code::Parameters);
    let public = Public::decode(reader.bytes()?)?;
    let path = read_path(&mut reader)?;
    reader.end()?;
    let derived = derive(&public, &path)?;
    let mut out = Writer::new();
    out.bytes(&encode_point(&derived.key)).raw(&derived.chain_code);
    Ok(out.public())
}

/// `count` multiplications of the generator: what speeds are told as multiples of. Returns the last product.
pub fn multiply_generator(count: u32) -> [u8; 33] {
    let mut k = -Scalar::ONE;
    let mut product = base(&k);
    for _ in 1..count {
        k += k;
        product = base(&k);
    }
    encode_point(&product)
}
