//! The second round: openings, fragments and pairwise setups are read and checked, and the sharing is made.

use alloc::boxed::Box;
use alloc::vec::Vec;
use k256::elliptic_curve::group::Group;
use locket_ceremony::{Ceremony, Code, Digest, Failure, Hash, Inbox, Message, Outcome, Party, Random, Reader, Step};
use zeroize::Zeroizing;

use crate::curve::{Point, Secret, base, encode_point, read_scalar};
use crate::dealing::confirm::Confirming;
use crate::dealing::opening::Opening;
use crate::dealing::plan::{ChainCode, Plan};
use crate::pair::{Peer, Setup};
use crate::polynomial::committed_at;
use crate::proof::commit;
use crate::share::{Public, Share};

/// Opened; waits for the others' openings.
pub struct Opened {
    pub plan: Plan,
    /// What this party dealt to itself.
    pub fragment: Option<Secret>,
    pub opening: Vec<u8>,
    /// The others' commitments, ascending.
    pub commitments: Vec<Digest>,
    pub setups: Vec<Setup>,
}

/// One dealer's part, checked.
struct Dealt {
    opening: Opening,
    fragment: Option<Secret>,
}

/// What one message held, decoded.
struct Received<'a> {
    from: Party,
    blind: &'a Digest,
    opened: &'a [u8],
    opening: Option<Opening>,
    fragment: Option<Secret>,
    peer: Option<(Peer, Digest)>,
}

impl Ceremony for Opened {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _: &mut dyn Random) -> Result<Outcome, Failure> {
        self.finish(inbox).map_err(|failure| failure.in_round(2))
    }
}

impl Opened {
    fn finish(self, inbox: Inbox<'_>) -> Result<Outcome, Failure> {
        let Self {
            plan,
            fragment,
            opening,
            commitments,
            setups,
        } = self;
        let messages = inbox.from_all(&plan.parties, plan.me)?;
        let mut setups = setups.into_iter();
        let received = messages
            .iter()
            .map(|message| read(&plan, message, &mut setups))
            .collect::<Result<Vec<_>, _>>()?;

        // Openings are hashed and dealers summed by ascending party, this one in its place.
        let mut transcript = Hash::new("locket/ecdsa/setup").with(&plan.context);
        let mut dealt: Vec<(Party, Dealt)> = Vec::new();
        let mut peers = Vec::new();
        let mut pair_digests = Vec::new();
        let mut received = received.into_iter().zip(commitments);
        let mut mine = Some((opening, fragment));
        for party in plan.parties.iter() {
            if party == plan.me {
                let Some((bytes, fragment)) = mine.take() else { continue };
                transcript.add(&bytes);
                if plan.dealers.contains(party) {
                    let mut reader = Reader::request(&bytes, Code::Parameters);
                    dealt.push((
                        party,
                        Dealt {
                            opening: Opening::read(&plan, &mut reader)?,
                            fragment,
                        },
                    ));
                }
                continue;
            }
            let Some((one, commitment)) = received.next() else { continue };
            transcript.add(one.opened);
            if commit(&plan.context, one.from, one.blind, one.opened) != commitment {
                return Err(Failure::blame(one.from, Code::Commitment));
            }
            if let Some(opening) = one.opening {
                check(&plan, one.from, &opening, one.fragment.as_ref())?;
                dealt.push((
                    one.from,
                    Dealt {
                        opening,
                        fragment: one.fragment,
                    },
                ));
            }
            if let Some((peer, digest)) = one.peer {
                peers.push(peer);
                pair_digests.push((one.from, digest));
            }
        }
        make(plan, transcript, &dealt, peers, pair_digests)
    }
}

fn read<'a>(plan: &Plan, message: &Message<'a>, setups: &mut impl Iterator<Item = Setup>) -> Result<Received<'a>, Failure> {
    let from = message.from;
    let mut reader = message.read_broadcast();
    let blind = reader.array()?;
    let opened = reader.rest();
    let opening = if plan.dealers.contains(from) {
        Some(Opening::read(plan, &mut reader)?)
    } else {
        None
    };
    reader.end()?;

    let mut reader = message.read_direct();
    let (mut fragment, mut peer) = (None, None);
    if plan.committee.contains(plan.me) {
        if plan.dealers.contains(from) {
            fragment = Some(Zeroizing::new(read_scalar(&mut reader)?));
        }
        if plan.committee.contains(from) {
            // Setups are in the order of the committee, and so are messages.
            let setup = setups.next().ok_or(reader.failure())?;
            peer = Some(setup.finish(&mut reader)?);
        }
    }
    reader.end()?;
    Ok(Received {
        from,
        blind,
        opened,
        opening,
        fragment,
        peer,
    })
}

/// What a dealer opened and dealt is what it must be.
fn check(plan: &Plan, dealer: Party, opening: &Opening, fragment: Option<&Secret>) -> Result<(), Failure> {
    if !opening.is_proven(plan, dealer) {
        return Err(Failure::blame(dealer, Code::Proof));
    }
    let required = plan.moved.as_ref().map(|moved| moved.constant_of(&plan.dealers, dealer));
    if required.is_some_and(|required| required != Some(opening.constant())) {
        return Err(Failure::blame(dealer, Code::Constant));
    }
    if fragment.is_some_and(|fragment| base(fragment) != committed_at(&opening.commitments, plan.me)) {
        return Err(Failure::blame(dealer, Code::Fragment));
    }
    Ok(())
}

/// Makes the sharing from what was dealt, and the step that confirms it.
fn make(
    plan: Plan,
    mut transcript: Hash,
    dealt: &[(Party, Dealt)],
    peers: Vec<Peer>,
    pair_digests: Vec<(Party, Digest)>,
) -> Result<Outcome, Failure> {
    let mut sum = alloc::vec![Point::IDENTITY; plan.threshold.into()];
    for (_, one) in dealt {
        for (sum, commitment) in sum.iter_mut().zip(&one.opening.commitments) {
            *sum += commitment;
        }
    }
    let key = sum.first().copied().unwrap_or_default();
    let shares: Vec<Point> = plan.committee.iter().map(|party| committed_at(&sum, party)).collect();
    if core::iter::once(&key).chain(&shares).any(|point| point.is_identity().into()) {
        return Err(Failure::retry(Code::Identity));
    }
    let start = Hash::new("locket/ecdsa/chain-code").with(&plan.context);
    let mut contributions = dealt.iter().filter_map(|(_, one)| one.opening.chain_code);
    let old = plan.moved.and_then(|moved| moved.old);
    let chain_code = match (&old, plan.chain_code) {
        (Some(old), _) => old.chain_code,
        (None, ChainCode::Contributed) => contributions.fold(start, |hash, part| hash.with(&part)).finish(),
        (None, _) => contributions.next().ok_or(Failure::usage(Code::Parameters))?,
    };
    transcript.add(&old.as_ref().map(Public::encode).unwrap_or_default());
    transcript.add(&chain_code);
    for point in core::iter::once(&key).chain(&shares) {
        transcript.add(&encode_point(point));
    }
    let setup = transcript.finish();
    let epoch = old.map_or(0, |old| old.epoch.wrapping_add(1));
    let result = plan.committee.contains(plan.me).then(|| Share {
        public: Public {
            setup,
            epoch,
            threshold: plan.threshold,
            chain_code,
            key,
            shares,
        },
        party: plan.me,
        secret: Zeroizing::new(dealt.iter().filter_map(|(_, one)| one.fragment.as_deref()).sum()),
        peers,
    });
    let direct = plan
        .parties
        .others(plan.me)
        .map(|party| {
            (
                party,
                digest_of(&pair_digests, party).map(|digest| digest.to_vec()).unwrap_or_default(),
            )
        })
        .collect();
    let step = Step {
        round: 3,
        broadcast: setup.to_vec(),
        direct,
    };
    Ok(Outcome::Next(
        step,
        Box::new(Confirming {
            me: plan.me,
            parties: plan.parties,
            setup,
            pair_digests,
            result,
        }),
    ))
}

/// The digest of the setup with `party`, if there was one.
pub fn digest_of(pair_digests: &[(Party, Digest)], party: Party) -> Option<&Digest> {
    pair_digests.iter().find(|(peer, _)| *peer == party).map(|(_, digest)| digest)
}
