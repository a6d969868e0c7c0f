//! A key moved to another committee: other parties, another threshold, or both. The key stays.
//!
//! Desmedt, Jajodia, "Redistributing secret shares to new access structures", 1997, with Feldman's checks as Wong,
//! Wang and Wing added them ("Verifiable secret redistribution", 2002): each old party of a quorum deals
//! `lambda_i x_i` to the new committee.
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use frost_core::keys::SigningShare;
use frost_core::{Identifier, Scalar, compute_lagrange_coefficient};
use locket_ceremony::{Ceremony, Code, Digest, Failure, Hash, Inbox, Outcome, Party, PartySet, Random, Reader};
use zeroize::Zeroizing;

use crate::committee::Committee;
use crate::confirming::Confirming;
use crate::dealing::{Dealing, Gathered};
use crate::rng::with_rng;
use crate::seat::{Seat, then};
use crate::share::{Public, Share};
use crate::suite::{Suite, identifier};
use crate::wire::{only_scalar, read_commitment, scalar_message, write_commitment};

/// Parameters: `session: 32, me: u8, t: u8, n: u8, dealers: bytes, key id: 32, share: bytes`.
///
/// The new committee are the parties `1..=n` of this ceremony. `dealers` are pairs of a party of this ceremony,
/// ascending, and the index its old share has; a dealer who is not of the new committee has a number above `n`.
/// `share` is a dealer's old share, and empty for others. The result is the new share, or empty for a dealer who leaves.
///
/// Round 1 broadcasts the context; a dealer adds what everybody may know of the old key, and `t` commitments, and sends the parts.
pub fn open<S: Suite>(mut parameters: Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let wrong = Failure::usage(Code::Parameters);
    let session = parameters.array::<32>()?;
    let me = parameters.party()?;
    let committee = Committee::new(parameters.u8()?, parameters.u8()?)?;
    let pairs = parameters.bytes()?;
    let key_id = *parameters.array::<32>()?;
    let share = parameters.bytes()?;
    parameters.end()?;
    let dealers = Dealers::read(pairs)?;
    let sizes = [committee.threshold(), committee.parties()];
    let context = Hash::new("locket/frost/reshare").with_u8(S::NUMBER).with(session);
    let context = context.with(&sizes).with(pairs).with(&key_id);
    let seat = Seat::new(me, dealers.and_members(committee)?, context)?;
    let mut writer = seat.first_broadcast();
    let Some(index) = dealers.index_of(me) else {
        if !share.is_empty() {
            return Err(wrong);
        }
        let broadcast = writer.public();
        let step = seat.say(1, broadcast.clone());
        return Ok(then(
            step,
            Dealt::<S> {
                seat,
                committee,
                dealers,
                key_id,
                mine: None,
                broadcast,
            },
        ));
    };

    let share = Share::<S>::decode(share)?;
    if share.party != index || !dealers.fit(&share.public, &key_id)? {
        return Err(wrong);
    }
    let constant = dealers.lambda::<S>(index)? * share.key.signing_share().to_scalar();
    let constant = Zeroizing::new(SigningShare::<S>::new(constant));
    let dealing = with_rng(random, |rng| Dealing::of(&constant, committee, rng))?;
    share.public.write(&mut writer)?;
    write_commitment::<S>(&mut writer, dealing.commitment().coefficients())?;
    let broadcast = writer.public();
    let step = seat.step(1, broadcast.clone(), |to| {
        if committee.contains(to) {
            Ok(scalar_message::<S>(&*dealing.part(to)?))
        } else {
            Ok(Vec::new())
        }
    })?;
    let mine = Some(Mine {
        public: share.public,
        dealing,
    });
    Ok(then(
        step,
        Dealt {
            seat,
            committee,
            dealers,
            key_id,
            mine,
            broadcast,
        },
    ))
}

/// The old parties who deal: of each its number in this ceremony and its old index.
struct Dealers(Vec<(Party, Party)>);

impl Dealers {
    fn read(pairs: &[u8]) -> Result<Self, Failure> {
        let mut reader = Reader::request(pairs, Code::Parameters);
        let mut dealers = Vec::new();
        while !reader.is_empty() {
            dealers.push((reader.party()?, reader.party()?));
        }
        let ascending = dealers.is_sorted_by(|(a, _), (b, _)| a < b);
        if ascending {
            Ok(Self(dealers))
        } else {
            Err(Failure::usage(Code::Parameters))
        }
    }

    /// The parties of the ceremony.
    fn and_members(&self, committee: Committee) -> Result<PartySet, Failure> {
        let mut parties: Vec<u8> = self
            .0
            .iter()
            .map(|(party, _)| party.number())
            .chain(1..=committee.parties())
            .collect();
        parties.sort_unstable();
        parties.dedup();
        PartySet::new(&parties)
    }

    fn index_of(&self, party: Party) -> Option<Party> {
        self.0.iter().find(|(dealer, _)| *dealer == party).map(|(_, index)| *index)
    }

    fn indices(&self) -> BTreeSet<u8> {
        self.0.iter().map(|(_, index)| index.number()).collect()
    }

    /// Whether this is the key meant, and the dealers are different parties of it and enough.
    fn fit<S: Suite>(&self, public: &Public<S>, key_id: &Digest) -> Result<bool, Failure> {
        let indices: Vec<u8> = self.indices().into_iter().collect();
        Ok(indices.len() == self.0.len() && public.committee.quorum(&indices).is_ok() && public.key_id()? == *key_id)
    }

    /// What a dealer's share counts in the key.
    fn lambda<S: Suite>(&self, index: Party) -> Result<Scalar<S>, Failure> {
        let indices = self
            .0
            .iter()
            .map(|(_, index)| identifier(*index))
            .collect::<Result<BTreeSet<Identifier<S>>, _>>()?;
        compute_lagrange_coefficient(&indices, None, identifier(index)?).map_err(|_| Failure::usage(Code::Parameters))
    }
}

/// What a dealer keeps of its own part in it.
struct Mine<S: Suite> {
    public: Public<S>,
    dealing: Dealing<S>,
}

/// Waits for commitments and parts; then confirms.
struct Dealt<S: Suite> {
    seat: Seat,
    committee: Committee,
    dealers: Dealers,
    key_id: Digest,
    mine: Option<Mine<S>>,
    broadcast: Vec<u8>,
}

impl<S: Suite> Ceremony for Dealt<S> {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
        let Self {
            seat,
            committee,
            dealers,
            key_id,
            mine,
            broadcast,
        } = *self;
        let messages = seat.receive(inbox)?;
        let member = committee.contains(seat.me);
        let mut old = mine.as_ref().map(|mine| mine.public.clone());
        let mut gathered = Gathered::<S>::new();
        match &mine {
            Some(mine) if member => gathered.add_own(seat.me, &mine.dealing)?,
            Some(mine) => gathered.add_commitment(mine.dealing.commitment().clone()),
            None => {}
        }
        for message in &messages {
            let mut reader = seat.read_first_broadcast(message)?;
            let Some(index) = dealers.index_of(message.from) else {
                reader.end()?;
                message.read_direct().end()?;
                continue;
            };
            let public = Public::<S>::read(&mut reader)?;
            let commitment = read_commitment::<S>(&mut reader, committee.threshold())?;
            reader.end()?;
            if !dealers.fit(&public, &key_id)? {
                return Err(Failure::retry_from(message.from, Code::Context));
            }
            if old.as_ref().is_some_and(|old| *old != public) {
                // Who has no old share cannot tell which of two dealers is right.
                let differs = Failure::retry_from(message.from, Code::Context);
                return Err(if mine.is_some() { differs } else { Failure::retry(Code::Context) });
            }
            let owed = public.share_of(index)?.to_element() * dealers.lambda::<S>(index)?;
            if commitment.coefficients().first().map(|constant| constant.value()) != Some(owed) {
                return Err(Failure::blame(message.from, Code::Constant));
            }
            old = Some(public);
            if member {
                gathered.add(message.from, seat.me, &*only_scalar::<S>(message.read_direct())?, commitment)?;
            } else {
                message.read_direct().end()?;
                gathered.add_commitment(commitment);
            }
        }
        let mut hash = seat.transcript(&broadcast, &messages);
        let old = old.ok_or(Failure::usage(Code::Inbox))?;
        let (secret, commitment) = gathered.sum()?;
        let new = Public::from_commitment(old.next_epoch()?, committee, &commitment)?;
        // The old shares lie on one polynomial through the key, or the key they agree on is none.
        if new.package.verifying_key() != old.package.verifying_key() {
            return Err(Failure::retry(Code::Context));
        }
        new.add_to(&mut hash)?;
        let result = if member {
            Share::new(new, seat.me, &secret)?.encode()?
        } else {
            Zeroizing::default()
        };
        Ok(Confirming::say(seat, 2, hash.finish(), result))
    }
}
