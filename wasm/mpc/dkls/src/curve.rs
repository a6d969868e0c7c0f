//! Scalars and points of secp256k1: strict encodings, hashing to both.

use alloc::vec::Vec;
use hash2curve::{ExpandMsgXmd, encode_from_bytes, hash_from_bytes};
use k256::elliptic_curve::BatchNormalize;
use k256::elliptic_curve::group::{Group, GroupEncoding};
use k256::elliptic_curve::ops::{MulVartime, Reduce};
use k256::elliptic_curve::{FieldBytes, PrimeField};
use k256::{AffinePoint, ProjectivePoint, Secp256k1};
use locket_ceremony::{Digest, Failure, Hash, Reader, Writer};
use zeroize::Zeroizing;

pub use k256::{ProjectivePoint as Point, Scalar};

/// A scalar that is overwritten when dropped.
pub type Secret = Zeroizing<Scalar>;

/// Bytes of an encoded scalar.
pub const SCALAR_BYTES: usize = 32;

/// Bytes of an encoded point.
pub const POINT_BYTES: usize = 33;

/// `k * G`, in constant time.
pub fn base(k: &Scalar) -> Point {
    ProjectivePoint::mul_by_generator(k)
}

/// `k * P` for a `k` and `P` that everybody may know.
pub fn mul_public(point: &Point, k: &Scalar) -> Point {
    point.mul_vartime(k)
}

/// Reads a scalar: below the order, 0 allowed.
pub fn read_scalar(reader: &mut Reader<'_>) -> Result<Scalar, Failure> {
    decode_scalar(reader.array()?).ok_or(reader.failure())
}

/// Reads a scalar that is not 0.
pub fn read_nonzero_scalar(reader: &mut Reader<'_>) -> Result<Scalar, Failure> {
    let scalar = read_scalar(reader)?;
    if bool::from(scalar.is_zero()) {
        Err(reader.failure())
    } else {
        Ok(scalar)
    }
}

/// The scalar of 32 bytes, most significant first; none from the order on.
pub fn decode_scalar(bytes: &[u8; SCALAR_BYTES]) -> Option<Scalar> {
    Option::from(Scalar::from_repr(FieldBytes::<Secp256k1>::from(*bytes)))
}

/// The inverse of [`decode_scalar`].
pub fn encode_scalar(scalar: &Scalar) -> [u8; SCALAR_BYTES] {
    scalar.to_bytes().into()
}

/// Writes a scalar.
pub fn write_scalar(out: &mut Writer, scalar: &Scalar) {
    out.raw(Zeroizing::new(encode_scalar(scalar)).as_ref());
}

/// Reads a point: compressed, on the curve, not the identity.
pub fn read_point(reader: &mut Reader<'_>) -> Result<Point, Failure> {
    decode_point(reader.array()?).ok_or(reader.failure())
}

/// The point of 33 bytes; none if they are not the compressed form of a point other than the identity.
pub fn decode_point(bytes: &[u8; POINT_BYTES]) -> Option<Point> {
    let [2 | 3, ..] = bytes else { return None };
    let point: Option<AffinePoint> = AffinePoint::from_bytes(&(*bytes).into()).into();
    point.map(Point::from).filter(|point| !bool::from(point.is_identity()))
}

/// The inverse of [`decode_point`]. The identity becomes 33 zeros, which do not decode.
pub fn encode_point(point: &Point) -> [u8; POINT_BYTES] {
    point.to_affine().to_bytes().into()
}

/// The encodings of many points, for one inversion in place of as many.
pub fn encode_points(points: &[Point]) -> Vec<[u8; POINT_BYTES]> {
    let affine = <Point as BatchNormalize<[Point]>>::batch_normalize(points);
    affine.iter().map(|point| point.to_bytes().into()).collect()
}

/// `Hq` of part 2: the digest modulo the order.
pub fn to_scalar(digest: Digest) -> Scalar {
    Scalar::reduce(&FieldBytes::<Secp256k1>::from(digest))
}

/// `Hq` of a hash.
pub fn hash_to_scalar(hash: Hash) -> Scalar {
    to_scalar(hash.finish())
}

/// `Hc` of part 2: RFC 9380 secp256k1_XMD:SHA-256_SSWU_RO_, the parts one after another. Uniform.
pub fn hash_to_point(domain: &str, parts: &[&[u8]]) -> Point {
    // It fails only for an empty domain, of which there is none. The identity is refused wherever it could matter.
    hash_from_bytes::<Secp256k1, ExpandMsgXmd<sha2::Sha256>>(parts, &[domain.as_bytes()]).unwrap_or_default()
}

/// `He` of part 2: RFC 9380 secp256k1_XMD:SHA-256_SSWU_NU_, at half the cost. Not uniform: 3.2 says where that suffices.
pub fn encode_to_point(domain: &str, parts: &[&[u8]]) -> Point {
    encode_from_bytes::<Secp256k1, ExpandMsgXmd<sha2::Sha256>>(parts, &[domain.as_bytes()]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use locket_ceremony::Code;

    fn decode_hex<const N: usize>(hex: &str) -> [u8; N] {
        core::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
    }

    const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

    #[test]
    fn refuses_scalars_from_the_order_on() {
        let order: [u8; 32] = decode_hex(ORDER);
        assert!(decode_scalar(&order).is_none());
        assert!(decode_scalar(&[255; 32]).is_none());
        let mut below = order;
        below[31] -= 1;
        assert_eq!(decode_scalar(&below), Some(-Scalar::ONE));
        let mut reader = Reader::request(&[0; 32], Code::Request);
        assert!(read_nonzero_scalar(&mut reader).is_err());
    }

    #[test]
    fn refuses_what_is_no_compressed_point() {
        let generator = encode_point(&Point::GENERATOR);
        assert_eq!(decode_point(&generator), Some(Point::GENERATOR));
        assert!(decode_point(&encode_point(&Point::IDENTITY)).is_none());
        let points = [Point::GENERATOR, Point::IDENTITY, -Point::GENERATOR];
        assert_eq!(encode_points(&points), points.map(|point| encode_point(&point)));
        for tag in (0..=255u8).filter(|tag| !matches!(tag, 2 | 3)) {
            let mut other = generator;
            other[0] = tag;
            assert!(decode_point(&other).is_none(), "{tag}");
        }
        // x = 5 is on no point of the curve; x = p is not reduced.
        let mut off = [0; 33];
        off[0] = 2;
        off[32] = 5;
        assert!(decode_point(&off).is_none());
        let mut unreduced: [u8; 33] = decode_hex("02fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f");
        assert!(decode_point(&unreduced).is_none());
        unreduced[32] += 1;
        assert!(decode_point(&unreduced).is_none());
    }

    #[test]
    fn hashes_to_the_point_of_rfc_9380() {
        // Appendix J.8.1, message "abc".
        let point = hash_to_point("QUUX-V01-CS02-with-secp256k1_XMD:SHA-256_SSWU_RO_", &[b"a", b"bc"]);
        let x: [u8; 32] = decode_hex("3377e01eab42db296b512293120c6cee72b6ecf9f9205760bd9ff11fb3cb2c4b");
        assert_eq!(encode_point(&point)[1..], x);
    }

    #[test]
    fn encodes_to_the_point_of_rfc_9380() {
        // Appendix J.8.2, message "abc".
        let point = encode_to_point("QUUX-V01-CS02-with-secp256k1_XMD:SHA-256_SSWU_NU_", &[b"abc"]);
        let x: [u8; 32] = decode_hex("3f3b5842033fff837d504bb4ce2a372bfeadbdbd84a1d2b678b6e1d7ee426b9d");
        assert_eq!(encode_point(&point)[1..], x);
    }
}
