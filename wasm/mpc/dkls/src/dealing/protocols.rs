//! The three protocols that deal, from their parameters.

use alloc::vec::Vec;
use locket_ceremony::{Code, Digest, Failure, Hash, MAX_PARTIES, Outcome, Party, PartySet, Random, Reader};
use zeroize::Zeroizing;

use crate::curve::{Secret, decode_scalar, mul_public};
use crate::dealing::plan::{ChainCode, Dealer, Old, Plan};
use crate::polynomial::lagrange;
use crate::random;
use crate::share::{Public, Share};

const WRONG: Failure = Failure::usage(Code::Parameters);

/// Generates a key. Parameters: `session: 32, me: u8, t: u8, n: u8, chain code: flag`. The result is a share.
pub fn generate(reader: &mut Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let session: &Digest = reader.array()?;
    let (me, threshold, committee) = (reader.party()?, reader.u8()?, reader.u8()?);
    let with_chain_code = reader.flag()?;
    let context = Hash::new("locket/ecdsa/generate")
        .with(session)
        .with_u8(threshold)
        .with_u8(committee);
    let committee = read_committee(me, threshold, committee)?;
    let plan = Plan {
        context: context.with_u8(with_chain_code.into()).finish(),
        me,
        parties: committee.clone(),
        threshold,
        dealers: committee.iter().map(|party| Dealer { party, constant: None }).collect(),
        committee,
        chain_code: if with_chain_code {
            ChainCode::Contributed
        } else {
            ChainCode::Kept(None)
        },
        old: None,
    };
    let constant = random::scalar(random)?;
    plan.start(Some(constant), random)
}

/// Deals a key that exists. **Its dealer knows the whole key**, before and after.
///
/// Parameters: `session: 32, me: u8, t: u8, n: u8, dealer: u8, secret: bytes, chain code: bytes`,
/// the last two of 32 bytes, for the dealer only; the chain code may be empty. The result is a share.
pub fn import(reader: &mut Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let session: &Digest = reader.array()?;
    let (me, threshold, committee) = (reader.party()?, reader.u8()?, reader.u8()?);
    let (dealer, secret, chain_code) = (reader.party()?, reader.bytes()?, reader.bytes()?);
    let context = Hash::new("locket/ecdsa/import").with(session).with_u8(threshold).with_u8(committee);
    let committee = read_committee(me, threshold, committee)?;
    let mine = me == dealer;
    if !committee.contains(dealer) || mine == secret.is_empty() || (!mine && !chain_code.is_empty()) {
        return Err(WRONG);
    }
    let chain_code = if chain_code.is_empty() {
        None
    } else {
        Some(chain_code.try_into().map_err(|_| WRONG)?)
    };
    let constant = if mine { Some(read_key(secret)?) } else { None };
    let plan = Plan {
        context: context.with_u8(dealer.number()).finish(),
        me,
        parties: committee.clone(),
        threshold,
        dealers: alloc::vec![Dealer {
            party: dealer,
            constant: None
        }],
        committee,
        chain_code: ChainCode::Dealt(chain_code),
        old: None,
    };
    plan.start(constant, random)
}

/// Replaces a sharing by another of the same key: refresh, new members, another threshold, a lost share.
///
/// Parameters: `session: 32, me: u8, t: u8, n: u8, count: u8, count * (dealer: u8, old number: u8), public: bytes,
/// share: bytes`. The new committee is `1..=n`; dealers that leave have numbers above. `public` is the public part of
/// the old share, `share` the dealer's own, empty for the others. The result is a share, or empty for one who leaves.
pub fn reshare(reader: &mut Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let session: &Digest = reader.array()?;
    let (me, threshold, count) = (reader.party()?, reader.u8()?, reader.u8()?);
    let mut dealers: Vec<(Party, Party)> = Vec::new();
    for _ in 0..reader.u8()? {
        dealers.push((reader.party()?, reader.party()?));
    }
    let (public_bytes, share) = (reader.bytes()?, reader.bytes()?);
    let public = Public::decode(public_bytes)?;

    let committee = PartySet::first(count)?;
    if threshold < 2 || usize::from(threshold) > committee.count() || dealers.len() != usize::from(public.threshold) {
        return Err(WRONG);
    }
    let mut numbers: Vec<u8> = dealers.iter().map(|(dealer, _)| dealer.number()).collect();
    PartySet::new(&numbers)?;
    numbers.extend(committee.numbers());
    numbers.sort_unstable();
    numbers.dedup();
    let parties = PartySet::new(&numbers)?;
    let mut holders: Vec<u8> = dealers.iter().map(|(_, holder)| holder.number()).collect();
    holders.sort_unstable();
    let holders = PartySet::new(&holders)?;
    if !parties.contains(me) || parties.count() > MAX_PARTIES {
        return Err(WRONG);
    }

    let mut context = Hash::new("locket/ecdsa/reshare").with(session).with_u8(threshold).with_u8(count);
    let mut plans = Vec::new();
    for &(party, holder) in &dealers {
        context.add(&[party.number(), holder.number()]);
        let old = public.share(holder).ok_or(WRONG)?;
        plans.push(Dealer {
            party,
            constant: Some(mul_public(old, &lagrange(&holders, holder))),
        });
    }
    let holder = dealers.iter().find(|(dealer, _)| *dealer == me).map(|(_, holder)| *holder);
    let constant = my_constant(holder, &holders, &public, share)?;
    let plan = Plan {
        context: context.with(public_bytes).finish(),
        me,
        parties,
        committee,
        threshold,
        dealers: plans,
        chain_code: ChainCode::Kept(public.chain_code),
        old: Some(Old {
            key_id: public.key_id,
            epoch: public.epoch.checked_add(1).ok_or(WRONG)?,
        }),
    };
    plan.start(constant, random)
}

/// What the holder of an old share deals: its Lagrange-weighted share.
fn my_constant(holder: Option<Party>, holders: &PartySet, public: &Public, share: &[u8]) -> Result<Option<Secret>, Failure> {
    let Some(holder) = holder else {
        return if share.is_empty() { Ok(None) } else { Err(WRONG) };
    };
    let share = Share::decode(share)?;
    if share.party != holder || share.public != *public {
        return Err(WRONG);
    }
    Ok(Some(Zeroizing::new(lagrange(holders, holder) * *share.secret)))
}

fn read_committee(me: Party, threshold: u8, count: u8) -> Result<PartySet, Failure> {
    let committee = PartySet::first(count)?;
    if threshold < 2 || threshold > count || !committee.contains(me) {
        Err(WRONG)
    } else {
        Ok(committee)
    }
}

fn read_key(bytes: &[u8]) -> Result<Secret, Failure> {
    let secret = Zeroizing::new(decode_scalar(bytes.try_into().map_err(|_| WRONG)?).ok_or(WRONG)?);
    if secret.is_zero().into() { Err(WRONG) } else { Ok(secret) }
}
