//! The signature itself: from its parts, checked, with low `s` and the number that recovers the key.

use k256::elliptic_curve::ops::MulByGeneratorVartime;
use k256::elliptic_curve::point::AffineCoordinates;
use k256::elliptic_curve::scalar::IsHigh;
use locket_ceremony::Digest;
use subtle::ConditionallySelectable;

use crate::curve::{Point, Scalar, encode_scalar, to_scalar};

/// Bytes of a signature: `r`, `s`, recovery id.
pub const SIGNATURE_BYTES: usize = 65;

/// `x(R) mod q`.
pub fn x_scalar(point: &Point) -> Scalar {
    to_scalar(point.to_affine().x().into())
}

/// The signature of `digest` under `key` with the nonce point `nonce`; none if it does not verify.
pub fn signature(digest: &Digest, key: &Point, nonce: &Point, s: &Scalar) -> Option<[u8; SIGNATURE_BYTES]> {
    let r = x_scalar(nonce);
    let high = s.is_high();
    let s = Scalar::conditional_select(s, &-*s, high);
    if !verify(digest, key, &r, &s) {
        return None;
    }
    let affine = nonce.to_affine();
    let x: [u8; 32] = affine.x().into();
    let r = encode_scalar(&r);
    let recovery = (u8::from(x != r) << 1) | (affine.y_is_odd().unwrap_u8() ^ high.unwrap_u8());
    let mut out = [0; SIGNATURE_BYTES];
    for (to, byte) in out.iter_mut().zip(r.into_iter().chain(encode_scalar(&s)).chain([recovery])) {
        *to = byte;
    }
    Some(out)
}

/// Whether `(r, s)` signs `digest` under `key`. Everything here is public.
fn verify(digest: &Digest, key: &Point, r: &Scalar, s: &Scalar) -> bool {
    let inverse: Option<Scalar> = s.invert_vartime().into();
    let Some(inverse) = inverse.filter(|_| !bool::from(r.is_zero())) else {
        return false;
    };
    let (u1, u2) = (to_scalar(*digest) * inverse, *r * inverse);
    let point = Point::mul_by_generator_and_mul_add_vartime(&u1, &u2, key);
    point != Point::IDENTITY && x_scalar(&point) == *r
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::base;
    use crate::random;
    use crate::testing::TestRandom;

    #[test]
    fn signs_with_low_s_and_refuses_what_does_not_verify() {
        let mut random = TestRandom::seeded(60);
        for _ in 0..8 {
            let (x, k) = (random::scalar(&mut random).unwrap(), random::scalar(&mut random).unwrap());
            let digest = *random::bytes(&mut random).unwrap();
            let (key, nonce) = (base(&x), base(&k));
            let s = (to_scalar(digest) + x_scalar(&nonce) * *x) * k.invert().unwrap();
            let plain = signature(&digest, &key, &nonce, &s).unwrap();
            assert_eq!(signature(&digest, &key, &-nonce, &-s).unwrap(), plain);
            assert!(plain[32] < 0x80);
            assert!(signature(&digest, &key, &nonce, &(s + Scalar::ONE)).is_none());
            assert!(signature(&digest, &(key + nonce), &nonce, &s).is_none());
            assert!(signature(&[0; 32], &key, &nonce, &s).is_none());
            assert!(signature(&digest, &key, &nonce, &Scalar::ZERO).is_none());
        }
    }
}
