//! The three protocols that sign, from their parameters.

use alloc::vec::Vec;
use locket_ceremony::{Code, Digest, Failure, Hash, Outcome, PartySet, Random, Reader};

use crate::derive::{derive, read_path};
use crate::share::Share;
use crate::signing::combine;
use crate::signing::job::{Job, MAX_ITEMS};
use crate::signing::presignature::Presignature;

const WRONG: Failure = Failure::usage(Code::Parameters);

/// Signs. Parameters: `session: 32, signers: u8 count and numbers, path: u8 count and u32 indices, share: bytes,
/// count: u8, count * (digest: 32)`. The result is `count: u8, count * (valid: flag, if valid r: 32, s: 32, recovery: u8)`.
pub fn sign(reader: &mut Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let mut job = read_job(reader, "locket/ecdsa/sign")?;
    let digests: Vec<Digest> = (0..job.count).map(|_| reader.array().copied()).collect::<Result<_, _>>()?;
    let mut context = Hash::new("locket/ecdsa/sign/digests").with(&job.context);
    for digest in &digests {
        context.add(digest);
    }
    job.context = context.finish();
    job.digests = Some(digests);
    job.start(random)
}

/// Presigns. Parameters: those of [`sign`] without digests. The result is `count: u8, count * (presignature: bytes)`.
pub fn presign(reader: &mut Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    read_job(reader, "locket/ecdsa/presign")?.start(random)
}

/// Signs with a presignature. Parameters: `session: 32, presignature: bytes, digest: 32`. The result is that of [`sign`].
pub fn finish(reader: &mut Reader<'_>, _: &mut dyn Random) -> Result<Outcome, Failure> {
    let session: &Digest = reader.array()?;
    let presignature = Presignature::decode(reader.bytes()?)?;
    let digest = *reader.array()?;
    let context = Hash::new("locket/ecdsa/finish")
        .with(session)
        .with(&presignature.name)
        .with(&digest)
        .finish();
    combine::start(1, Some(context), alloc::vec![presignature], &[digest])
}

fn read_job(reader: &mut Reader<'_>, domain: &str) -> Result<Job, Failure> {
    let session: &Digest = reader.array()?;
    let signers = reader.u8()?;
    let parties = PartySet::new(reader.slice(signers.into())?)?;
    let path = read_path(reader)?;
    let share = Share::decode(reader.bytes()?)?;
    let count = reader.u8()?;
    let committee = share.public.committee()?;
    let known = parties.iter().all(|party| committee.contains(party)) && parties.contains(share.party);
    if !known || parties.count() != usize::from(share.public.threshold) || !(1..=MAX_ITEMS).contains(&count) {
        return Err(WRONG);
    }
    let derived = derive(&share.public, &path)?;
    let mut context = Hash::new(domain).with(session).with(&share.public.setup).with(&parties.numbers());
    for index in &path {
        context.add(&index.to_le_bytes());
    }
    Ok(Job {
        context: context.with_u8(count).finish(),
        me: share.party,
        parties,
        share,
        tweak: derived.tweak,
        key: derived.key,
        count,
        digests: None,
    })
}
