//! A new key, which is never in one place.

use locket_ceremony::{Code, Failure, Hash, Outcome, Party, PartySet, Random, Reader};

use crate::dealing::plan::{ChainCode, Plan};
use crate::random;

/// Parameters: `session: 32, me: u8, t: u8, n: u8`. Result: the share.
pub fn generate(mut reader: Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let session: &[u8; 32] = reader.array()?;
    let (me, threshold, count) = (reader.party()?, reader.u8()?, reader.u8()?);
    reader.end()?;
    let committee = committee(me, threshold, count)?;
    let plan = Plan {
        context: Hash::new("locket/ecdsa/generate").with(session).with(&[threshold, count]).finish(),
        me,
        parties: committee.clone(),
        dealers: committee.clone(),
        committee,
        threshold,
        chain_code: ChainCode::Contributed,
        moved: None,
    };
    plan.start(Some(&*random::scalar(random)?), random)
}

/// The parties `1..=count`, if `threshold` of them can sign and `me` is one. Fails with [`Code::Parameters`].
pub fn committee(me: Party, threshold: u8, count: u8) -> Result<PartySet, Failure> {
    let committee = PartySet::first(count)?;
    if threshold < 2 || threshold > count || !committee.contains(me) {
        return Err(Failure::usage(Code::Parameters));
    }
    Ok(committee)
}
