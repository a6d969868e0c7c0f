//! Feldman's verifiable secret sharing: one secret dealt among a committee so that each member can check its part.
//!
//! P. Feldman, "A practical scheme for non-interactive verifiable secret sharing", FOCS 1987. Key generation, refresh,
//! resharing and import are this with different constant terms; the arithmetic is frost-core's.
use alloc::vec::Vec;

use frost_core::keys::{
    CoefficientCommitment, SecretShare, SigningShare, VerifiableSecretSharingCommitment as Commitment, sum_commitments,
};
use frost_core::{Field, Group, Scalar};
use locket_ceremony::{Code, Failure, Party};
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use crate::committee::Committee;
use crate::suite::{Suite, identifier};

/// A dealer's polynomial. Nothing but its values and commitments leaves it.
pub struct Dealing<S: Suite> {
    coefficients: Vec<Scalar<S>>,
    commitment: Commitment<S>,
}

impl<S: Suite> Dealing<S> {
    /// A random polynomial of degree `t - 1` with this constant term.
    pub fn of(constant: &SigningShare<S>, committee: Committee, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let threshold = committee.threshold().into();
        let mut coefficients = Vec::with_capacity(threshold);
        coefficients.push(constant.to_scalar());
        coefficients.resize_with(threshold, || <<S::Group as Group>::Field>::random(rng));
        let commitment = coefficients
            .iter()
            .map(|c| CoefficientCommitment::new(S::Group::generator() * *c))
            .collect();
        Self {
            coefficients,
            commitment: Commitment::new(commitment),
        }
    }

    /// The polynomial's value for a member.
    pub fn part(&self, member: Party) -> Result<Zeroizing<SigningShare<S>>, Failure> {
        Ok(Zeroizing::new(SigningShare::from_coefficients(
            &self.coefficients,
            identifier(member)?,
        )))
    }

    /// What everybody checks parts against.
    pub fn commitment(&self) -> &Commitment<S> {
        &self.commitment
    }

    /// The coefficients, constant term first.
    pub fn coefficients(&self) -> &[Scalar<S>] {
        &self.coefficients
    }
}

impl<S: Suite> Drop for Dealing<S> {
    fn drop(&mut self) {
        self.coefficients.iter_mut().for_each(S::wipe);
    }
}

/// What one member was dealt, summed over the dealers.
pub struct Gathered<S: Suite> {
    part: Zeroizing<SigningShare<S>>,
    commitments: Vec<Commitment<S>>,
}

impl<S: Suite> Gathered<S> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            part: Zeroizing::default(),
            commitments: Vec::new(),
        }
    }

    /// Adds a dealer's part for `member`. Fails with `blame` if it does not lie on the polynomial committed to.
    pub fn add(&mut self, dealer: Party, member: Party, part: &SigningShare<S>, commitment: Commitment<S>) -> Result<(), Failure> {
        let share = SecretShare::new(identifier(member)?, *part, commitment);
        share.verify().map_err(|_| Failure::blame(dealer, Code::Fragment))?;
        self.add_unchecked(part, share.commitment().clone());
        Ok(())
    }

    /// Adds what the member dealt to itself.
    pub fn add_own(&mut self, member: Party, dealing: &Dealing<S>) -> Result<(), Failure> {
        self.add_unchecked(&*dealing.part(member)?, dealing.commitment().clone());
        Ok(())
    }

    /// Adds a commitment alone, for one who is dealt nothing.
    pub fn add_commitment(&mut self, commitment: Commitment<S>) {
        self.commitments.push(commitment);
    }

    /// The member's new part, and the commitment to the sum of all polynomials.
    pub fn sum(self) -> Result<(Zeroizing<SigningShare<S>>, Commitment<S>), Failure> {
        let all: Vec<_> = self.commitments.iter().collect();
        let sum = sum_commitments(&all).map_err(|_| Failure::usage(Code::Parameters))?;
        Ok((self.part, sum))
    }

    fn add_unchecked(&mut self, part: &SigningShare<S>, commitment: Commitment<S>) {
        *self.part = SigningShare::new(self.part.to_scalar() + part.to_scalar());
        self.commitments.push(commitment);
    }
}
