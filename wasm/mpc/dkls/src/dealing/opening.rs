//! What a dealer commits to and opens: its polynomial's commitments, a proof, its part in the chain code.

use alloc::vec::Vec;
use locket_ceremony::{Digest, Failure, Party, Random, Reader, Writer};

use crate::curve::{Point, Scalar, encode_point, read_point};
use crate::dealing::plan::{ChainCode, Plan};
use crate::polynomial::Polynomial;
use crate::proof::Proof;
use crate::random;

/// A dealer's opening.
pub struct Opening {
    /// A commitment to each coefficient, exactly as many as sign.
    pub commitments: Vec<Point>,
    proof: Proof,
    /// Its part in the chain code.
    pub chain_code: Option<Digest>,
}

impl Opening {
    /// This party's own.
    pub fn new(plan: &Plan, constant: &Scalar, polynomial: &Polynomial, random: &mut dyn Random) -> Result<Self, Failure> {
        let commitments = polynomial.commit();
        let public = commitments.first().copied().unwrap_or_default();
        let proof = Proof::new(&plan.context, plan.me, constant, &public, random)?;
        let chain_code = match plan.chain_code {
            ChainCode::Contributed => Some(*random::bytes(random)?),
            ChainCode::Dealt(chain_code) => chain_code,
            ChainCode::Kept(_) => None,
        };
        Ok(Self {
            commitments,
            proof,
            chain_code,
        })
    }

    /// Reads a dealer's.
    pub fn read(plan: &Plan, reader: &mut Reader<'_>) -> Result<Self, Failure> {
        let commitments = (0..plan.threshold).map(|_| read_point(reader)).collect::<Result<_, _>>()?;
        let proof = Proof::read(reader)?;
        let chain_code = if reader.flag()? { Some(*reader.array()?) } else { None };
        let expected = match plan.chain_code {
            ChainCode::Contributed => chain_code.is_some(),
            ChainCode::Dealt(_) => true,
            ChainCode::Kept(_) => chain_code.is_none(),
        };
        if expected {
            Ok(Self {
                commitments,
                proof,
                chain_code,
            })
        } else {
            Err(reader.failure())
        }
    }

    /// The inverse of [`Opening::read`].
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        for point in &self.commitments {
            out.raw(&encode_point(point));
        }
        self.proof.write(&mut out);
        out.flag(self.chain_code.is_some());
        if let Some(chain_code) = &self.chain_code {
            out.raw(chain_code);
        }
        out.public()
    }

    /// What its constant commits to.
    pub fn constant(&self) -> Point {
        self.commitments.first().copied().unwrap_or_default()
    }

    /// Whether `dealer` knows its constant.
    pub fn is_proven(&self, plan: &Plan, dealer: Party) -> bool {
        self.proof.verify(&plan.context, dealer, &self.constant())
    }
}
