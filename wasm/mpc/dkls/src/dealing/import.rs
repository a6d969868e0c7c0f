//! A whole key split by one who has it. **It was whole before, and whoever copied it then signs alone.**

use locket_ceremony::{Code, Digest, Failure, Hash, Outcome, PartySet, Random, Reader};
use zeroize::Zeroizing;

use crate::curve::{Secret, decode_scalar};
use crate::dealing::generate::committee;
use crate::dealing::plan::{ChainCode, Plan};

/// Parameters: `session: 32, me: u8, t: u8, n: u8, dealer: u8, form: u8, secret: bytes`. Result: the share.
///
/// `secret` is empty for all but the dealer. Form 0 is the key, 32 bytes, and its chain code is drawn; form 1 is the key
/// and its chain code, 64 bytes.
pub fn import(mut reader: Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let wrong = Failure::usage(Code::Parameters);
    let session: &[u8; 32] = reader.array()?;
    let (me, threshold, count) = (reader.party()?, reader.u8()?, reader.u8()?);
    let (dealer, with_chain_code, secret) = (reader.party()?, reader.flag()?, reader.bytes()?);
    reader.end()?;
    let committee = committee(me, threshold, count)?;
    if !committee.contains(dealer) || secret.is_empty() == (me == dealer) {
        return Err(wrong);
    }
    let (constant, chain_code) = match (secret.split_first_chunk(), with_chain_code) {
        (None, _) if secret.is_empty() => (None, None),
        (Some((key, [])), false) => (Some(decode_key(key).ok_or(wrong)?), None),
        (Some((key, chain_code)), true) => {
            let chain_code: Digest = chain_code.try_into().map_err(|_| wrong)?;
            (Some(decode_key(key).ok_or(wrong)?), Some(chain_code))
        }
        _ => return Err(wrong),
    };
    let numbers = [threshold, count, dealer.number(), with_chain_code.into()];
    let plan = Plan {
        context: Hash::new("locket/ecdsa/import").with(session).with(&numbers).finish(),
        me,
        parties: committee.clone(),
        dealers: PartySet::new(&[dealer.number()])?,
        committee,
        threshold,
        chain_code: ChainCode::Dealt(chain_code),
        moved: None,
    };
    plan.start(constant.as_deref(), random)
}

fn decode_key(bytes: &[u8; 32]) -> Option<Secret> {
    decode_scalar(bytes).map(Zeroizing::new).filter(|key| !bool::from(key.is_zero()))
}
