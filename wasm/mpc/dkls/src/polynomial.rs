//! Shamir's polynomials, Feldman's commitments to them, and Lagrange's coefficients.

use alloc::vec::Vec;
use locket_ceremony::{Failure, Party, PartySet, Random};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::curve::{Point, Scalar, Secret, base, mul_public};
use crate::random;

/// A secret polynomial, its constant first.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Polynomial(Vec<Scalar>);

impl Polynomial {
    /// A random polynomial of degree `threshold - 1` with this constant.
    pub fn random(constant: &Scalar, threshold: u8, random: &mut dyn Random) -> Result<Self, Failure> {
        let mut coefficients = Self(Vec::with_capacity(threshold.into()));
        coefficients.0.push(*constant);
        for _ in 1..threshold {
            coefficients.0.push(*random::scalar(random)?);
        }
        Ok(coefficients)
    }

    /// Its value at the number of `party`.
    pub fn at(&self, party: Party) -> Secret {
        let x = number(party);
        Zeroizing::new(self.0.iter().rev().fold(Scalar::ZERO, |value, coefficient| value * x + coefficient))
    }

    /// A commitment to each coefficient.
    pub fn commit(&self) -> Vec<Point> {
        self.0.iter().map(base).collect()
    }
}

/// The committed value at the number of `party`.
pub fn committed_at(commitments: &[Point], party: Party) -> Point {
    let x = number(party);
    commitments
        .iter()
        .rev()
        .fold(Point::IDENTITY, |value, commitment| mul_public(&value, &x) + commitment)
}

/// What the value of `party` is multiplied with to interpolate at 0 from the values of `parties`.
pub fn lagrange(parties: &PartySet, party: Party) -> Scalar {
    let x = number(party);
    let (above, below) = parties
        .others(party)
        .map(number)
        .fold((Scalar::ONE, Scalar::ONE), |(a, b), other| (a * other, b * (other - x)));
    // The numbers are distinct and small, so the difference is never 0.
    above * below.invert_vartime().unwrap_or(Scalar::ZERO)
}

/// The number of a party as a scalar.
pub fn number(party: Party) -> Scalar {
    Scalar::from(u32::from(party.number()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestRandom, party};

    #[test]
    fn any_threshold_of_values_interpolates_to_the_constant() {
        let mut random = TestRandom::seeded(1);
        let secret = random::scalar(&mut random).unwrap();
        let polynomial = Polynomial::random(&secret, 3, &mut random).unwrap();
        let at_zero = |numbers: &[u8]| -> Scalar {
            let parties = PartySet::new(numbers).unwrap();
            parties.iter().map(|p| lagrange(&parties, p) * *polynomial.at(p)).sum()
        };
        for numbers in [[1, 2, 3], [1, 2, 5], [2, 4, 32]] {
            assert!(at_zero(&numbers) == *secret);
        }
        assert!(at_zero(&[1, 2]) != *secret);
    }

    #[test]
    fn commitments_fit_values_and_nothing_else() {
        let mut random = TestRandom::seeded(2);
        let polynomial = Polynomial::random(&Scalar::ONE, 4, &mut random).unwrap();
        let commitments = polynomial.commit();
        for number in 1..=5 {
            assert_eq!(committed_at(&commitments, party(number)), base(&polynomial.at(party(number))));
            assert_ne!(committed_at(&commitments, party(number)), base(&polynomial.at(party(number + 1))));
        }
    }
}
