//! The lost share of one party, rebuilt by a quorum of the others. Nobody else learns it, and no share changes.
//!
//! Laing, Stinson, "A survey and refinement of repairable threshold schemes", 2018 (eprint 2017/1155), the enrolment
//! protocol. Every value is also shown in the exponent, so that whoever sends a wrong one is named.
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::marker::PhantomData;

use frost_core::keys::SigningShare;
use frost_core::keys::repairable::repair_share_part1;
use frost_core::{Element, Group, Identifier, compute_lagrange_coefficient};
use locket_ceremony::{Ceremony, Code, Digest, Failure, Hash, Inbox, Message, Outcome, Party, PartySet, Random, Reader};
use zeroize::Zeroizing;

use crate::confirming::Confirming;
use crate::rng::with_rng;
use crate::seat::{Seat, then};
use crate::share::{Public, Share};
use crate::suite::{Suite, identifier};
use crate::wire::{only_scalar, read_element, scalar_message, write_element};

/// Parameters: `session: 32, lost: u8, helpers: bytes, key id: 32, share: bytes`. `share` is empty for the party that
/// lost it, and to it alone the result is a share.
///
/// Helper `i` splits `zeta_i x_i` at random into one value for each helper. Round 1 broadcasts the context;
/// a helper adds what everybody may know of the key and, of each value, its product with the generator, and sends the values.
pub fn open<S: Suite>(mut parameters: Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let session = parameters.array::<32>()?;
    let lost = parameters.party()?;
    let helpers = PartySet::new(parameters.bytes()?)?;
    let key_id = *parameters.array::<32>()?;
    let share = parameters.bytes()?;
    parameters.end()?;
    let mut parties = helpers.numbers();
    parties.push(lost.number());
    parties.sort_unstable();
    let parties = PartySet::new(&parties)?;
    let context = Hash::new("locket/frost/repair").with_u8(S::NUMBER).with(session);
    let context = context.with_u8(lost.number()).with(&helpers.numbers()).with(&key_id);
    let setting = |me| {
        Ok(Setting {
            seat: Seat::new(me, parties, context)?,
            lost,
            helpers,
            key_id,
        })
    };
    if share.is_empty() {
        let setting = setting(lost)?;
        let broadcast = setting.seat.first_broadcast().public();
        let step = setting.seat.say(1, broadcast.clone());
        let suite = PhantomData;
        return Ok(then(step, Lost::<S> { setting, broadcast, suite }));
    }

    let share = Share::<S>::decode(share)?;
    let setting = setting(share.party)?;
    if share.party == lost || !setting.fits(&share.public)? {
        return Err(Failure::usage(Code::Parameters));
    }
    let ids = setting.helpers.iter().map(identifier).collect::<Result<Vec<_>, _>>()?;
    let lost = identifier(lost)?;
    let values = with_rng(random, |rng| repair_share_part1(&ids, &share.key, rng, lost))?;
    let values = values.map_err(|_| Failure::usage(Code::Parameters))?.into_values();
    let values: Vec<_> = values
        .map(|value| Zeroizing::new(SigningShare::<S>::new(value.to_scalar())))
        .collect();
    let mut writer = setting.seat.first_broadcast();
    share.public.write(&mut writer)?;
    values
        .iter()
        .try_for_each(|value| write_element::<S>(&mut writer, &in_exponent::<S>(value)))?;
    let broadcast = writer.public();
    let step = setting.seat.step(1, broadcast.clone(), |to| {
        let value = setting.helpers.iter().zip(&values).find(|(helper, _)| *helper == to);
        Ok(value.map_or_else(Vec::new, |(_, value)| scalar_message::<S>(value)))
    })?;
    Ok(then(
        step,
        Helper {
            setting,
            share,
            values,
            broadcast,
        },
    ))
}

/// What every party of a repair knows.
struct Setting {
    seat: Seat,
    lost: Party,
    helpers: PartySet,
    key_id: Digest,
}

/// What one helper broadcast.
struct Shown<S: Suite> {
    helper: Party,
    public: Public<S>,
    values: Vec<Element<S>>,
}

impl Setting {
    /// Whether this is the key meant, the lost share one of its, and the helpers a quorum.
    fn fits<S: Suite>(&self, public: &Public<S>) -> Result<bool, Failure> {
        let committee = public.committee;
        Ok(public.key_id()? == self.key_id && committee.contains(self.lost) && committee.quorum(&self.helpers.numbers()).is_ok())
    }

    /// What the other helpers broadcast, each checked by itself: its values sum to what its share is worth at the lost one's place.
    fn shown<S: Suite>(&self, messages: &[Message<'_>]) -> Result<Vec<Shown<S>>, Failure> {
        let ids: BTreeSet<Identifier<S>> = self.helpers.iter().map(identifier).collect::<Result<_, _>>()?;
        let lost = identifier(self.lost)?;
        let mut all = Vec::new();
        for message in messages {
            let mut reader = self.seat.read_first_broadcast(message)?;
            if message.from == self.lost {
                reader.end()?;
                message.read_direct().end()?;
                continue;
            }
            let public = Public::<S>::read(&mut reader)?;
            let values = self
                .helpers
                .iter()
                .map(|_| read_element::<S>(&mut reader))
                .collect::<Result<Vec<_>, _>>()?;
            reader.end()?;
            if !self.fits(&public)? {
                return Err(Failure::retry_from(message.from, Code::Context));
            }
            let zeta = compute_lagrange_coefficient(&ids, Some(lost), identifier(message.from)?);
            let worth = public.share_of(message.from)?.to_element() * zeta.map_err(|_| Failure::usage(Code::Parameters))?;
            if sum::<S>(&values) != worth {
                return Err(Failure::blame(message.from, Code::Constant));
            }
            all.push(Shown {
                helper: message.from,
                public,
                values,
            });
        }
        Ok(all)
    }
}

/// A helper that waits for the others' values; then it adds up its own for the party that lost its share.
struct Helper<S: Suite> {
    setting: Setting,
    share: Share<S>,
    values: Vec<Zeroizing<SigningShare<S>>>,
    broadcast: Vec<u8>,
}

impl<S: Suite> Ceremony for Helper<S> {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
        let Self {
            setting,
            share,
            values,
            broadcast,
        } = *self;
        let seat = setting.seat.clone();
        let messages = seat.receive(inbox)?;
        let place = setting
            .helpers
            .iter()
            .position(|helper| helper == seat.me)
            .ok_or(Failure::usage(Code::Parameters))?;
        let mut sigma = values.into_iter().nth(place).ok_or(Failure::usage(Code::Parameters))?;
        for shown in setting.shown::<S>(&messages)? {
            if shown.public != share.public {
                return Err(Failure::retry_from(shown.helper, Code::Context));
            }
            let message = messages
                .iter()
                .find(|message| message.from == shown.helper)
                .ok_or(Failure::usage(Code::Inbox))?;
            let value = only_scalar::<S>(message.read_direct())?;
            if shown.values.get(place) != Some(&in_exponent::<S>(&value)) {
                return Err(Failure::blame(shown.helper, Code::Fragment));
            }
            *sigma = SigningShare::new(sigma.to_scalar() + value.to_scalar());
        }
        let digest = seat.transcript(&broadcast, &messages).finish();
        let step = seat.step(2, Vec::new(), |to| {
            Ok(if to == setting.lost {
                scalar_message::<S>(&sigma)
            } else {
                Vec::new()
            })
        })?;
        Ok(then(step, Helped { seat, digest }))
    }
}

/// A helper that has nothing more to receive but the word that the share is there.
struct Helped {
    seat: Seat,
    digest: Digest,
}

impl Ceremony for Helped {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
        let Self { seat, digest } = *self;
        seat.hear(inbox)?.iter().try_for_each(|message| message.read_broadcast().end())?;
        Ok(Confirming::say(seat, 3, digest, Zeroizing::default()))
    }
}

/// The party that lost its share. It waits for what the helpers broadcast.
struct Lost<S: Suite> {
    setting: Setting,
    broadcast: Vec<u8>,
    suite: PhantomData<S>,
}

impl<S: Suite> Ceremony for Lost<S> {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
        let Setting { seat, .. } = &self.setting;
        let messages = seat.hear(inbox)?;
        let shown = self.setting.shown::<S>(&messages)?;
        let public = shown.first().ok_or(Failure::usage(Code::Inbox))?.public.clone();
        // Who has no share cannot tell which of two helpers is right.
        if shown.iter().any(|other| other.public != public) {
            return Err(Failure::retry(Code::Context));
        }
        let mut sums: Vec<Element<S>> = self.setting.helpers.iter().map(|_| S::Group::identity()).collect();
        for shown in &shown {
            sums.iter_mut().zip(&shown.values).for_each(|(sum, value)| *sum = *sum + *value);
        }
        // The helpers' shares lie on the polynomial of the lost one, or the key they agree on is none.
        if sum::<S>(&sums) != public.share_of(self.setting.lost)?.to_element() {
            return Err(Failure::retry(Code::Context));
        }
        let digest = self.setting.seat.transcript(&self.broadcast, &messages).finish();
        let Setting { seat, .. } = self.setting;
        Ok(then(
            seat.say(2, Vec::new()),
            Rebuilding {
                seat,
                public,
                sums,
                digest,
            },
        ))
    }
}

/// The party that lost its share waits for the sums. Their sum is the share.
struct Rebuilding<S: Suite> {
    seat: Seat,
    public: Public<S>,
    sums: Vec<Element<S>>,
    digest: Digest,
}

impl<S: Suite> Ceremony for Rebuilding<S> {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _random: &mut dyn Random) -> Result<Outcome, Failure> {
        let Self {
            seat,
            public,
            sums,
            digest,
        } = *self;
        let mut secret = Zeroizing::new(SigningShare::<S>::default());
        for (message, shown) in seat.receive(inbox)?.iter().zip(sums) {
            message.read_broadcast().end()?;
            let sigma = only_scalar::<S>(message.read_direct())?;
            if in_exponent::<S>(&sigma) != shown {
                return Err(Failure::blame(message.from, Code::Fragment));
            }
            *secret = SigningShare::new(secret.to_scalar() + sigma.to_scalar());
        }
        let share = Share::new(public, seat.me, &secret)?;
        Ok(Confirming::say(seat, 3, digest, share.encode()?))
    }
}

fn in_exponent<S: Suite>(value: &SigningShare<S>) -> Element<S> {
    S::Group::generator() * value.to_scalar()
}

fn sum<S: Suite>(elements: &[Element<S>]) -> Element<S> {
    elements.iter().fold(S::Group::identity(), |sum, element| sum + *element)
}
