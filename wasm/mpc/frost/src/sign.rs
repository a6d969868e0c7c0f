//! Signing in two rounds: RFC 9591, section 5, every signer being the coordinator too.
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use frost_core::keys::{KeyPackage, PublicKeyPackage};
use frost_core::round1::{NonceCommitment, SigningCommitments, SigningNonces, commit};
use frost_core::round2::{SignatureShare, sign};
use frost_core::{Error, SigningPackage, aggregate};
use locket_ceremony::{Ceremony, Code, Failure, Hash, Inbox, Outcome, Random, Reader};

use crate::rng::with_rng;
use crate::seat::{Seat, then};
use crate::share::Share;
use crate::suite::{Suite, identifier, party};
use crate::wire::{read_element, write_element};

/// Parameters: `session: 32, share: bytes, signers: bytes, root: bytes, message: bytes`. Result: the signature, 64 bytes.
///
/// `signers` are at least `t` parties, ascending. `root` is empty, or for Taproot the Merkle root of its scripts.
/// Round 1 broadcasts, after the context, the commitments to two nonces.
pub fn open<S: Suite>(mut parameters: Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let session = parameters.array::<32>()?;
    let share = Share::<S>::decode(parameters.bytes()?)?;
    let signers = parameters.bytes()?;
    let root = parameters.bytes()?;
    let message = parameters.bytes()?;
    parameters.end()?;
    if !S::admits(message.len(), root) {
        return Err(Failure::usage(Code::Parameters));
    }
    let mut context = Hash::new("locket/frost/sign").with_u8(S::NUMBER).with(session);
    share.public.add_to(&mut context)?;
    let context = context.with(signers).with(root).with(message);
    let seat = Seat::new(share.party, share.public.committee.quorum(signers)?, context)?;

    let key = S::key_that_signs(&share.key, root);
    let (nonces, commitments) = with_rng(random, |rng| commit(key.signing_share(), rng))?;
    let mut writer = seat.first_broadcast();
    write_element::<S>(&mut writer, &commitments.hiding().value())?;
    write_element::<S>(&mut writer, &commitments.binding().value())?;
    let next = Committed {
        nonces,
        key,
        public: S::public_that_signs(&share.public.package, root),
        message: message.to_vec(),
        seat,
    };
    Ok(then(next.seat.say(1, writer.public()), next))
}

/// Waits for the others' commitments; then signs. The nonces are used up by that, whatever comes of it.
struct Committed<S: Suite> {
    seat: Seat,
    nonces: SigningNonces<S>,
    key: KeyPackage<S>,
    public: PublicKeyPackage<S>,
    message: Vec<u8>,
}

impl<S: Suite> Ceremony for Committed<S> {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
        let mut commitments = BTreeMap::from([(identifier(self.seat.me)?, *self.nonces.commitments())]);
        for message in self.seat.hear(inbox)? {
            let mut reader = self.seat.read_first_broadcast(&message)?;
            let hiding = NonceCommitment::new(read_element::<S>(&mut reader)?);
            let binding = NonceCommitment::new(read_element::<S>(&mut reader)?);
            reader.end()?;
            commitments.insert(identifier(message.from)?, SigningCommitments::new(hiding, binding));
        }
        let package = SigningPackage::new(commitments, &self.message);
        let mine = sign(&package, &self.nonces, &self.key).map_err(|_| Failure::retry(Code::Identity))?;
        let Self { seat, public, .. } = *self;
        Ok(then(
            seat.say(2, mine.serialize()),
            Signed {
                seat,
                public,
                package,
                mine,
            },
        ))
    }
}

/// Waits for the others' signature shares; then adds them up.
struct Signed<S: Suite> {
    seat: Seat,
    public: PublicKeyPackage<S>,
    package: SigningPackage<S>,
    mine: SignatureShare<S>,
}

impl<S: Suite> Ceremony for Signed<S> {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
        let mut shares = BTreeMap::from([(identifier(self.seat.me)?, self.mine)]);
        for message in self.seat.hear(inbox)? {
            let mut reader = message.read_broadcast();
            let share = SignatureShare::deserialize(reader.slice(32)?).map_err(|_| reader.failure())?;
            reader.end()?;
            shares.insert(identifier(message.from)?, share);
        }
        // Verifies the signature, and each share if that fails, to find whose is wrong.
        let signature = aggregate(&self.package, &shares, &self.public).map_err(blame)?;
        let bytes = signature.serialize().map_err(|_| Failure::retry(Code::Identity))?;
        Ok(Outcome::Done(bytes.into()))
    }
}

fn blame<S: Suite>(error: Error<S>) -> Failure {
    match error.culprits().first().and_then(party) {
        Some(party) => Failure::blame(party, Code::Signature),
        None => Failure::retry(Code::Signature),
    }
}
