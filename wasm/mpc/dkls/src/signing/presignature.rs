//! All of a signature but the digest. **Used twice, it gives the key away.**

use alloc::vec::Vec;
use locket_ceremony::{Code, Digest, Failure, Party, PartySet, Reader, Writer};
use zeroize::Zeroizing;

use crate::curve::{Point, Secret, encode_point, read_point, read_scalar, write_scalar};
use crate::share::SUITE;

/// The version of the encoding.
const VERSION: u8 = 1;

/// One presignature of one party. It cannot be copied, and signing takes it by value.
pub struct Presignature {
    /// Names it, the same for all parties.
    pub name: Digest,
    /// The sharing it was made with.
    pub setup: Digest,
    /// The derived key it signs for, and no other.
    pub key: Point,
    /// Whose part this is.
    pub me: Party,
    /// Who signs.
    pub parties: PartySet,
    /// `R`.
    pub nonce: Point,
    /// `phi_i`.
    pub phi: Secret,
    /// `u_i`.
    pub u: Secret,
    /// `v_i`.
    pub v: Secret,
}

impl Presignature {
    /// Decodes one. Fails with `usage`, [`Code::Presignature`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Failure> {
        let mut reader = Reader::request(bytes, Code::Presignature);
        let wrong = reader.failure();
        if reader.u8()? != VERSION || reader.u8()? != SUITE {
            return Err(wrong);
        }
        let (name, setup) = (*reader.array()?, *reader.array()?);
        let (key, me) = (read_point(&mut reader)?, reader.party()?);
        let count = reader.u8()?;
        let parties = PartySet::new(reader.slice(count.into())?).map_err(|_| wrong)?;
        if !parties.contains(me) {
            return Err(wrong);
        }
        let nonce = read_point(&mut reader)?;
        let mut scalar = || Ok(Zeroizing::new(read_scalar(&mut reader)?));
        let (phi, u, v) = (scalar()?, scalar()?, scalar()?);
        reader.end()?;
        Ok(Self {
            name,
            setup,
            key,
            me,
            parties,
            nonce,
            phi,
            u,
            v,
        })
    }

    /// The inverse of [`Presignature::decode`].
    pub fn encode(self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::new();
        out.u8(VERSION).u8(SUITE).raw(&self.name).raw(&self.setup);
        out.raw(&encode_point(&self.key)).party(self.me);
        let parties = self.parties.numbers();
        out.u8(u8::try_from(parties.len()).unwrap_or(0))
            .raw(&parties)
            .raw(&encode_point(&self.nonce));
        for scalar in [&self.phi, &self.u, &self.v] {
            write_scalar(&mut out, scalar);
        }
        out.secret()
    }
}
