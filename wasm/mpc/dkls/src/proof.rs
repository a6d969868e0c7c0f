//! Commitments, and Schnorr's proof that a party knows a discrete logarithm. Part 2 of `SPEC.md`.

use locket_ceremony::{Digest, Failure, Hash, Party, Random, Reader, Writer};

use crate::curve::{Point, Scalar, base, encode_point, hash_to_scalar, mul_public, read_point, read_scalar, write_scalar};
use crate::random;

/// The commitment of `party` to `value`.
pub fn commit(context: &Digest, party: Party, blind: &Digest, value: &[u8]) -> Digest {
    Hash::new("locket/commit")
        .with(context)
        .with_u8(party.number())
        .with(blind)
        .with(value)
        .finish()
}

/// A proof of knowledge.
pub struct Proof {
    nonce: Point,
    response: Scalar,
}

impl Proof {
    /// Proves that `party` knows `secret`, whose point is `public`.
    pub fn new(context: &Digest, party: Party, secret: &Scalar, public: &Point, random: &mut dyn Random) -> Result<Self, Failure> {
        let k = random::scalar(random)?;
        let nonce = base(&k);
        let response = *k + challenge(context, party, public, &nonce) * secret;
        Ok(Self { nonce, response })
    }

    /// Whether it proves that `party` knows the logarithm of `public`.
    pub fn verify(&self, context: &Digest, party: Party, public: &Point) -> bool {
        base(&self.response) == self.nonce + mul_public(public, &challenge(context, party, public, &self.nonce))
    }

    /// Reads one.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Failure> {
        Ok(Self {
            nonce: read_point(reader)?,
            response: read_scalar(reader)?,
        })
    }

    /// Writes it.
    pub fn write(&self, out: &mut Writer) {
        out.raw(&encode_point(&self.nonce));
        write_scalar(out, &self.response);
    }
}

fn challenge(context: &Digest, party: Party, public: &Point, nonce: &Point) -> Scalar {
    hash_to_scalar(
        Hash::new("locket/ecdsa/proof")
            .with(context)
            .with_u8(party.number())
            .with(&encode_point(public))
            .with(&encode_point(nonce)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestRandom, party};

    #[test]
    fn a_proof_holds_for_its_session_party_and_key_only() {
        let mut random = TestRandom::seeded(3);
        let secret = random::scalar(&mut random).unwrap();
        let public = base(&secret);
        let proof = Proof::new(&[1; 32], party(2), &secret, &public, &mut random).unwrap();
        assert!(proof.verify(&[1; 32], party(2), &public));
        assert!(!proof.verify(&[2; 32], party(2), &public));
        assert!(!proof.verify(&[1; 32], party(1), &public));
        assert!(!proof.verify(&[1; 32], party(2), &(public + Point::GENERATOR)));
        let wrong = Proof {
            response: proof.response + Scalar::ONE,
            nonce: proof.nonce,
        };
        assert!(!wrong.verify(&[1; 32], party(2), &public));
    }
}
