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
            ChainCode::Dealt(Some(chain_code)) => Some(chain_code),
            ChainCode::Contributed | ChainCode::Dealt(None) => Some(*random::bytes(random)?),
            ChainCode::Kept => None,
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
        let chain_code = match plan.chain_code {
            ChainCode::Contributed | ChainCode::Dealt(_) => Some(*reader.array()?),
            ChainCode::Kept => None,
        };
        Ok(Self {
            commitments,
            proof,
            chain_code,
        })
    }

    /// The inverse of [`Opening::read`].
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        for point in &self.commitments {
            out.raw(&encode_point(point));
        }
        self.proof.write(&mut out);
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
