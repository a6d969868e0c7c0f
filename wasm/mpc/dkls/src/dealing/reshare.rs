//! New shares of a key that exists: refresh, another committee or threshold, a lost share.

use alloc::vec::Vec;
use locket_ceremony::{Code, Failure, Hash, Outcome, Party, PartySet, Random, Reader};
use zeroize::Zeroizing;

use crate::dealing::plan::{ChainCode, Moved, Plan};
use crate::polynomial::lagrange;
use crate::share::Share;

const WRONG: Failure = Failure::usage(Code::Parameters);

/// Parameters: `session: 32, me: u8, t: u8, n: u8, dealers: bytes, key id: 32, share: bytes`.
/// Result: the share of the next epoch, or nothing for a dealer who leaves.
///
/// The new committee are the parties `1..=n` of this ceremony. `dealers` are pairs of a party of this ceremony, ascending,
/// and the number its old share has; one who is not of the new committee has a number above `n`. `share` is a dealer's old
/// share, and empty for others. Any `t` of the old committee, or more, deal.
pub fn reshare(mut reader: Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let session: &[u8; 32] = reader.array()?;
    let (me, threshold, count) = (reader.party()?, reader.u8()?, reader.u8()?);
    let (pairs, key_id, share) = (reader.bytes()?, reader.array()?, reader.bytes()?);
    reader.end()?;
    let numbers = [threshold, count];
    let context = Hash::new("locket/ecdsa/reshare")
        .with(session)
        .with(&numbers)
        .with(pairs)
        .with(key_id)
        .finish();
    let committee = PartySet::first(count)?;
    if threshold < 2 || threshold > count {
        return Err(WRONG);
    }
    let (pairs, []) = pairs.as_chunks::<2>() else { return Err(WRONG) };
    let dealers = PartySet::new(&pairs.iter().map(|[party, _]| *party).collect::<Vec<_>>())?;
    let holders = pairs
        .iter()
        .map(|[_, holder]| Party::new(*holder))
        .collect::<Option<Vec<_>>>()
        .ok_or(WRONG)?;
    let parties = union(&committee, &dealers)?;
    if !parties.contains(me) || share.is_empty() == dealers.contains(me) {
        return Err(WRONG);
    }
    let share = if share.is_empty() { None } else { Some(Share::decode(share)?) };
    let moved = Moved::new(*key_id, holders, share.as_ref().map(|share| share.public.clone()))?;
    let plan = Plan {
        context,
        me,
        parties,
        committee,
        dealers,
        threshold,
        chain_code: ChainCode::Kept,
        moved: Some(moved),
    };
    start(plan, share, random)
}

/// Parameters: `session: 32, share: bytes`. All parties take part, and all deal. Result: the share of the next epoch.
pub fn refresh(mut reader: Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let session: &[u8; 32] = reader.array()?;
    let share = Share::decode(reader.bytes()?)?;
    reader.end()?;
    let committee = share.public.committee()?;
    let plan = Plan {
        context: Hash::new("locket/ecdsa/refresh")
            .with(session)
            .with(&share.public.encode())
            .finish(),
        me: share.party,
        parties: committee.clone(),
        dealers: committee.clone(),
        threshold: share.public.threshold,
        chain_code: ChainCode::Kept,
        moved: Some(Moved::new(
            share.public.key_id(),
            committee.iter().collect(),
            Some(share.public.clone()),
        )?),
        committee,
    };
    start(plan, Some(share), random)
}

/// A dealer deals its share, weighted so that the constants of all dealers sum to the key.
fn start(plan: Plan, share: Option<Share>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let Some(share) = share else { return plan.start(None, random) };
    if plan.moved.as_ref().and_then(|moved| moved.holder_of(&plan.dealers, plan.me)) != Some(share.party) {
        return Err(WRONG);
    }
    let holders = plan.moved.as_ref().map(|moved| moved.holders()).ok_or(WRONG)?;
    let constant = Zeroizing::new(lagrange(holders, share.party) * *share.secret);
    plan.start(Some(&constant), random)
}

fn union(a: &PartySet, b: &PartySet) -> Result<PartySet, Failure> {
    let mut numbers = [a.numbers(), b.numbers()].concat();
    numbers.sort_unstable();
    numbers.dedup();
    PartySet::new(&numbers)
}
