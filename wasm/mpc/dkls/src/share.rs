//! What a party keeps between ceremonies, and the part of it that everybody may know. Part 3.1 of `SPEC.md`.

use alloc::vec::Vec;
use locket_ceremony::{Code, Digest, Failure, Hash, MAX_PARTIES, Party, PartySet, Reader, Writer};
use zeroize::Zeroizing;

use crate::curve::{Point, Secret, base, encode_point, read_nonzero_scalar, read_point, write_scalar};
use crate::pair::Peer;

/// The version of the encodings here.
const VERSION: u8 = 1;

/// The number of this suite: part 7 of `SPEC.md`.
pub const SUITE: u8 = 1;

/// The public part of a sharing.
#[derive(Clone, PartialEq)]
pub struct Public {
    /// Names the sharing.
    pub setup: Digest,
    /// How often the key's shares were replaced.
    pub epoch: u32,
    /// How many parties sign.
    pub threshold: u8,
    /// The chain code of derivation.
    pub chain_code: Digest,
    /// The public key.
    pub key: Point,
    /// The public share of each party, from party 1.
    pub shares: Vec<Point>,
}

impl Public {
    /// Names the key, in all its sharings.
    pub fn key_id(&self) -> Digest {
        Hash::new("locket/key-id").with_u8(SUITE).with(&encode_point(&self.key)).finish()
    }

    /// The parties that hold a share.
    pub fn committee(&self) -> Result<PartySet, Failure> {
        PartySet::first(u8::try_from(self.shares.len()).unwrap_or(0))
    }

    /// At least as many holders as sign, ascending, `me` among them. Fails with `usage`, [`Code::Parameters`].
    pub fn quorum(&self, numbers: &[u8], me: Party) -> Result<PartySet, Failure> {
        let quorum = PartySet::new(numbers)?;
        let all_hold = quorum.iter().all(|party| self.share(party).is_some());
        if quorum.count() < usize::from(self.threshold) || !all_hold || !quorum.contains(me) {
            return Err(Failure::usage(Code::Parameters));
        }
        Ok(quorum)
    }

    /// The public share of a party; none if it holds none.
    pub fn share(&self, party: Party) -> Option<&Point> {
        self.shares.get(usize::from(party.number()).wrapping_sub(1))
    }

    /// Decodes one on its own. Fails with `usage`, [`Code::Share`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Failure> {
        let mut reader = Reader::request(bytes, Code::Share);
        let public = Self::read(&mut reader)?;
        reader.end()?;
        Ok(public)
    }

    /// The inverse of [`Public::decode`].
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.write(&mut out);
        out.public()
    }

    /// Reads one. Fails as the reader does.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Failure> {
        let wrong = reader.failure();
        if reader.u8()? != VERSION || reader.u8()? != SUITE {
            return Err(wrong);
        }
        let (setup, epoch) = (*reader.array()?, reader.u32()?);
        let (threshold, count) = (reader.u8()?, reader.u8()?);
        if threshold < 2 || threshold > count || usize::from(count) > MAX_PARTIES {
            return Err(wrong);
        }
        let chain_code = *reader.array()?;
        let key = read_point(reader)?;
        let shares = (0..count).map(|_| read_point(reader)).collect::<Result<_, _>>()?;
        Ok(Self {
            setup,
            epoch,
            threshold,
            chain_code,
            key,
            shares,
        })
    }

    fn write(&self, out: &mut Writer) {
        let count = u8::try_from(self.shares.len()).unwrap_or(0);
        out.u8(VERSION)
            .u8(SUITE)
            .raw(&self.setup)
            .u32(self.epoch)
            .u8(self.threshold)
            .u8(count)
            .raw(&self.chain_code);
        for point in core::iter::once(&self.key).chain(&self.shares) {
            out.raw(&encode_point(point));
        }
    }
}

/// A party's share of a key, with its secrets.
pub struct Share {
    /// What everybody may know.
    pub public: Public,
    /// Whose it is.
    pub party: Party,
    /// The value of the polynomial at the party's number.
    pub secret: Secret,
    /// What it shares with each other party, ascending.
    pub peers: Vec<Peer>,
}

impl Share {
    /// Decodes a share and checks it against its own public part. Fails with `usage`, [`Code::Share`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Failure> {
        let mut reader = Reader::request(bytes, Code::Share);
        let wrong = reader.failure();
        let public = Public::read(&mut reader)?;
        let party = reader.party()?;
        let secret = Zeroizing::new(read_nonzero_scalar(&mut reader)?);
        let committee = public.committee()?;
        let peers = committee
            .others(party)
            .map(|_| Peer::read(&mut reader))
            .collect::<Result<Vec<_>, _>>()?;
        reader.end()?;
        let whole = peers.iter().map(|peer| peer.party).eq(committee.others(party));
        if !whole || public.share(party) != Some(&base(&secret)) {
            return Err(wrong);
        }
        Ok(Self {
            public,
            party,
            secret,
            peers,
        })
    }

    /// The inverse of [`Share::decode`].
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::new();
        self.public.write(&mut out);
        out.party(self.party);
        write_scalar(&mut out, &self.secret);
        for peer in &self.peers {
            peer.write(&mut out);
        }
        out.secret()
    }

    /// What this party shares with another of its committee.
    pub fn peer(&self, party: Party) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.party == party)
    }
}
