//! What a party keeps of a key, and the half of it that everybody may know.
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use frost_core::keys::{KeyPackage, PublicKeyPackage, SigningShare, VerifiableSecretSharingCommitment as Commitment, VerifyingShare};
use frost_core::{Group, VerifyingKey};
use locket_ceremony::{Code, Digest, Failure, Hash, Party, Reader, Writer};
use zeroize::Zeroizing;

use crate::committee::Committee;
use crate::suite::{Suite, identifier};
use crate::wire::{read_element, read_scalar, write_element, write_scalar};

const VERSION: u8 = 1;

/// What everybody may know of a key in one epoch.
#[derive(Clone, PartialEq, Eq)]
pub struct Public<S: Suite> {
    /// How often the key's shares have been replaced.
    pub epoch: u32,
    /// How many parties there are and how many sign.
    pub committee: Committee,
    /// The key, and of each party the public half of its share.
    pub package: PublicKeyPackage<S>,
}

impl<S: Suite> Public<S> {
    /// The key whose shares lie on the polynomial committed to.
    pub fn from_commitment(epoch: u32, committee: Committee, commitment: &Commitment<S>) -> Result<Self, Failure> {
        let members = committee.members().map(identifier).collect::<Result<_, _>>()?;
        let package = PublicKeyPackage::from_commitment(&members, commitment).map_err(|_| Failure::usage(Code::Parameters))?;
        Self { epoch, committee, package }.checked()
    }

    /// The same key in the next epoch, after the shares of a polynomial through zero were added to it.
    pub fn shifted(&self, commitment: &Commitment<S>) -> Result<Self, Failure> {
        let mut shares = BTreeMap::new();
        for (id, share) in self.package.verifying_shares() {
            let shift = VerifyingShare::from_commitment(*id, commitment).to_element();
            shares.insert(*id, VerifyingShare::new(share.to_element() + shift));
        }
        let package = PublicKeyPackage::new(shares, *self.package.verifying_key(), self.package.min_signers());
        Self {
            epoch: self.next_epoch()?,
            committee: self.committee,
            package,
        }
        .checked()
    }

    /// The number of the epoch that follows. Fails with [`Code::Parameters`] after 2^32 of them.
    pub fn next_epoch(&self) -> Result<u32, Failure> {
        self.epoch.checked_add(1).ok_or(Failure::usage(Code::Parameters))
    }

    /// What names the key in all its epochs.
    pub fn key_id(&self) -> Result<Digest, Failure> {
        let mut key = Writer::new();
        write_element::<S>(&mut key, &self.package.verifying_key().to_element())?;
        Ok(Hash::new("locket/key-id").with_u8(S::NUMBER).with(&key.public()).finish())
    }

    /// The public half of a party's share. Fails with [`Code::Parameters`] if it has none.
    pub fn share_of(&self, party: Party) -> Result<&VerifyingShare<S>, Failure> {
        self.package
            .verifying_shares()
            .get(&identifier(party)?)
            .ok_or(Failure::usage(Code::Parameters))
    }

    /// As bytes: `version: u8, suite: u8, key id: 32, epoch: u32, t: u8, n: u8, key, n * share`.
    pub fn write(&self, writer: &mut Writer) -> Result<(), Failure> {
        writer.u8(VERSION).u8(S::NUMBER).raw(&self.key_id()?).u32(self.epoch);
        writer.u8(self.committee.threshold()).u8(self.committee.parties());
        write_element::<S>(writer, &self.package.verifying_key().to_element())?;
        self.package
            .verifying_shares()
            .values()
            .try_for_each(|share| write_element::<S>(writer, &share.to_element()))
    }

    /// Adds all of it to a hash.
    pub fn add_to(&self, hash: &mut Hash) -> Result<(), Failure> {
        let mut writer = Writer::new();
        self.write(&mut writer)?;
        hash.add(&writer.public());
        Ok(())
    }

    /// The inverse of [`Public::write`]. Fails as its reader does.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Failure> {
        let failure = reader.failure();
        if (reader.u8()?, reader.u8()?) != (VERSION, S::NUMBER) {
            return Err(failure);
        }
        let key_id = reader.array::<32>()?;
        let epoch = reader.u32()?;
        let committee = Committee::new(reader.u8()?, reader.u8()?).map_err(|_| failure)?;
        let key = VerifyingKey::new(read_element::<S>(reader)?);
        let mut shares = BTreeMap::new();
        for member in committee.members() {
            shares.insert(identifier(member)?, VerifyingShare::new(read_element::<S>(reader)?));
        }
        let package = PublicKeyPackage::new(shares, key, Some(committee.threshold().into()));
        let public = Self { epoch, committee, package };
        if public.key_id()? == *key_id { Ok(public) } else { Err(failure) }
    }

    /// Fails if the key or a share is zero, which not even one honest party's randomness leaves to happen.
    fn checked(self) -> Result<Self, Failure> {
        let zero = S::Group::identity();
        let shares = self.package.verifying_shares().values();
        if self.package.verifying_key().to_element() == zero || shares.into_iter().any(|share| share.to_element() == zero) {
            return Err(Failure::retry(Code::Identity));
        }
        Ok(self)
    }
}

/// A party's share of a key. Secret; overwritten when dropped.
pub struct Share<S: Suite> {
    /// The half everybody may know.
    pub public: Public<S>,
    /// Whose share it is.
    pub party: Party,
    /// The secret half, as frost-core signs with it.
    pub key: KeyPackage<S>,
}

impl<S: Suite> Share<S> {
    /// Fails with [`Code::Share`] if the secret half is not of the public one.
    pub fn new(public: Public<S>, party: Party, secret: &SigningShare<S>) -> Result<Self, Failure> {
        let theirs = public.share_of(party)?;
        if VerifyingShare::from(*secret) != *theirs {
            return Err(Failure::usage(Code::Share));
        }
        let threshold = public.committee.threshold().into();
        let key = KeyPackage::new(identifier(party)?, *secret, *theirs, *public.package.verifying_key(), threshold);
        Ok(Self { public, party, key })
    }

    /// As bytes: the public half, `party: u8`, the secret scalar.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let mut writer = Writer::new();
        self.public.write(&mut writer)?;
        writer.party(self.party);
        write_scalar(&mut writer, self.key.signing_share());
        Ok(writer.secret())
    }

    /// The inverse of [`Share::encode`], strict.
    ///
    /// Fails with [`Code::Share`] for bytes cut, continued or changed, and for a share of another suite.
    pub fn decode(bytes: &[u8]) -> Result<Self, Failure> {
        let mut reader = Reader::request(bytes, Code::Share);
        let public = Public::read(&mut reader)?;
        let party = reader.party()?;
        let secret = read_scalar::<S>(&mut reader)?;
        reader.end()?;
        if !public.committee.contains(party) {
            return Err(Failure::usage(Code::Share));
        }
        Self::new(public, party, &secret)
    }
}
