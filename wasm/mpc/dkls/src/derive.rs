//! BIP32 derivation of public keys, without the hardened half. Part 5.1 of `SPEC.md`.

use alloc::vec::Vec;
use hmac::{Hmac, KeyInit, Mac};
use k256::elliptic_curve::group::Group;
use locket_ceremony::{Code, Digest, Failure, Reader};
use sha2::Sha512;

use crate::curve::{Point, Scalar, base, decode_scalar, encode_point};
use crate::share::Public;

/// The first index of the hardened half, which needs the secret key in one place.
const HARDENED: u32 = 1 << 31;

/// The longest path: BIP32 counts depth in a byte.
const MAX_DEPTH: usize = 255;

/// A key derived from another.
pub struct Derived {
    /// What is added to the secret key.
    pub tweak: Scalar,
    /// The public key.
    pub key: Point,
    /// Its chain code.
    pub chain_code: Digest,
}

/// Reads `path: bytes`, indices of 4 bytes each, at most [`MAX_DEPTH`]. Fails as the reader does for a hardened one.
pub fn read_path(reader: &mut Reader<'_>) -> Result<Vec<u32>, Failure> {
    let wrong = reader.failure();
    let (indices, rest) = reader.bytes()?.as_chunks();
    let path: Vec<u32> = indices.iter().take(MAX_DEPTH + 1).map(|index| u32::from_le_bytes(*index)).collect();
    if !rest.is_empty() || path.len() > MAX_DEPTH || path.iter().any(|index| *index >= HARDENED) {
        return Err(wrong);
    }
    Ok(path)
}

/// The key at the end of `path`. Fails with `usage`, [`Code::Parameters`].
///
/// An index whose hash is no scalar, or whose key is the identity, does not exist (BIP32); that has probability 2^-127.
pub fn derive(public: &Public, path: &[u32]) -> Result<Derived, Failure> {
    let wrong = Failure::usage(Code::Parameters);
    let mut derived = Derived {
        tweak: Scalar::ZERO,
        key: public.key,
        chain_code: public.chain_code,
    };
    for index in path {
        let mut mac = Hmac::<Sha512>::new_from_slice(&derived.chain_code).map_err(|_| wrong)?;
        mac.update(&encode_point(&derived.key));
        mac.update(&index.to_be_bytes());
        let output: [u8; 64] = mac.finalize().into_bytes().into();
        let (left, right) = output.split_first_chunk::<32>().ok_or(wrong)?;
        let step = decode_scalar(left).ok_or(wrong)?;
        derived.tweak += step;
        derived.key += base(&step);
        derived.chain_code = *right.first_chunk().ok_or(wrong)?;
        if derived.key.is_identity().into() {
            return Err(wrong);
        }
    }
    Ok(derived)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn hex(text: &str) -> Vec<u8> {
        text.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn derives_what_bip32_derives() {
        // BIP32, test vector 2: from m to m/0.
        let key = hex("03cbcaa9c98c877a26977d00825c956a238e8dddfbd322cce4f74b0b5bd6ace4a7");
        let parent = Public {
            setup: [0; 32],
            epoch: 0,
            threshold: 2,
            chain_code: hex("60499f801b896d83179a4374aeb7822aaeaceaa0db1f85ee3e904c4defbd9689")
                .try_into()
                .unwrap(),
            key: crate::curve::decode_point(&key.try_into().unwrap()).unwrap(),
            shares: vec![],
        };
        let child = derive(&parent, &[0]).unwrap();
        assert_eq!(
            encode_point(&child.key).to_vec(),
            hex("02fc9e5af0ac8d9b3cecfe2a888e2117ba3d089d8585886c9c826b6b22a98d12ea")
        );
        assert_eq!(
            child.chain_code.to_vec(),
            hex("f0909affaa7ee7abe5dd4e100598d4dc53cd709d5a5c2cac40e7412f232f7c9c")
        );
        assert_eq!(parent.key + base(&child.tweak), child.key);
        let far = derive(&parent, &[0, 7, 11]).unwrap();
        assert_eq!(parent.key + base(&far.tweak), far.key);
        assert!(derive(&parent, &[]).unwrap().key == parent.key);
    }

    #[test]
    fn refuses_paths_that_are_none() {
        let read = |indices: &[u8]| {
            let bytes = [&u32::try_from(indices.len()).unwrap().to_le_bytes(), indices].concat();
            read_path(&mut Reader::request(&bytes, Code::Parameters))
        };
        let wrong = Some(Failure::usage(Code::Parameters));
        assert_eq!(read(&[255, 255, 255, 127]), Ok(vec![0x7fff_ffff]));
        assert_eq!(read(&[0, 0, 0, 0x80]).err(), wrong, "hardened");
        assert_eq!(read(&[0, 0, 0]).err(), wrong, "not whole");
        assert!(read(&[0; 4 * 255]).is_ok());
        assert_eq!(read(&[0; 4 * 256]).err(), wrong, "too deep");
    }
}
