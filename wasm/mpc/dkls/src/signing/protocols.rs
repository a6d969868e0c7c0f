//! The three protocols that sign, from their parameters.

use alloc::vec::Vec;
use locket_ceremony::{Code, Digest, Failure, Hash, Outcome, Random, Reader};

use crate::derive::{derive, read_path};
use crate::share::Share;
use crate::signing::combine;
use crate::signing::job::{Job, MAX_ITEMS};
use crate::signing::presignature::Presignature;

const WRONG: Failure = Failure::usage(Code::Parameters);

/// Parameters: `session: 32, share: bytes, signers: bytes, path: bytes, digests: bytes`, exactly `t` signers ascending and
/// 1 to 32 digests of 32 bytes.
///
/// Result, for each digest: `r: 32, s: 32, recovery: u8`, or 65 zeros if no valid signature came of it. If none did, the
/// ceremony fails.
pub fn sign(mut reader: Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let job = read_job(&mut reader)?;
    let (digests, rest) = reader.bytes()?.as_chunks::<32>();
    reader.end()?;
    if !rest.is_empty() || digests.is_empty() || digests.len() > MAX_ITEMS {
        return Err(WRONG);
    }
    let context = Hash::new("locket/ecdsa/sign")
        .with(&job.context)
        .with(digests.as_flattened())
        .finish();
    Job {
        context,
        count: digests.len(),
        digests: Some(digests.to_vec()),
        ..job
    }
    .start(random)
}

/// Parameters: `session: 32, share: bytes, signers: bytes, path: bytes, count: u8`. Result: `count * (presignature: bytes)`.
pub fn presign(mut reader: Reader<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
    let job = read_job(&mut reader)?;
    let count = reader.u8()?;
    reader.end()?;
    if count == 0 || usize::from(count) > MAX_ITEMS {
        return Err(WRONG);
    }
    let context = Hash::new("locket/ecdsa/presign").with(&job.context).with_u8(count).finish();
    Job {
        context,
        count: count.into(),
        ..job
    }
    .start(random)
}

/// Parameters: `session: 32, share: bytes, presignature: bytes, digest: 32`. Result: that of [`sign`].
///
/// Fails with [`Code::Presignature`] if it is not of this share: of another key, party or epoch.
pub fn finish(mut reader: Reader<'_>, _: &mut dyn Random) -> Result<Outcome, Failure> {
    let session: &Digest = reader.array()?;
    let share = Share::decode(reader.bytes()?)?;
    let presignature = Presignature::decode(reader.bytes()?)?;
    let digest = *reader.array()?;
    reader.end()?;
    if presignature.setup != share.public.setup || presignature.me != share.party {
        return Err(Failure::usage(Code::Presignature));
    }
    let context = Hash::new("locket/ecdsa/finish")
        .with(session)
        .with(&presignature.name)
        .with(&digest)
        .finish();
    combine::start(1, Some(context), Vec::from([presignature]), &[digest])
}

/// What signing and presigning share.
fn read_job(reader: &mut Reader<'_>) -> Result<Job, Failure> {
    let session: &Digest = reader.array()?;
    let share = Share::decode(reader.bytes()?)?;
    let parties = share.public.quorum(reader.bytes()?, share.party)?;
    let path = read_path(reader)?;
    if parties.count() != usize::from(share.public.threshold) {
        return Err(WRONG);
    }
    let derived = derive(&share.public, &path)?;
    let mut context = Hash::new("locket/ecdsa/signing")
        .with(session)
        .with(&share.public.setup)
        .with(&parties.numbers());
    for index in &path {
        context.add(&index.to_le_bytes());
    }
    Ok(Job {
        context: context.finish(),
        me: share.party,
        parties,
        share,
        tweak: derived.tweak,
        key: derived.key,
        count: 0,
        digests: None,
    })
}
