//! The whole key, put together on one device. **From then on it is as safe as that device, and the shares protect nothing.**

use alloc::boxed::Box;
use alloc::vec::Vec;
use locket_ceremony::{Ceremony, Code, Digest, Failure, Hash, Inbox, Outcome, Party, PartySet, Random, Reader, Step};
use zeroize::Zeroizing;

use crate::curve::{base, encode_scalar, read_scalar};
use crate::polynomial::lagrange;
use crate::share::Share;

/// Parameters: `session: 32, share: bytes, parties: bytes, receiver: u8`. Result: the key, 32 bytes, for the receiver; for
/// others nothing.
///
/// `parties` are at least `t`, the receiver among them. The one round broadcasts a digest of the key and of who is to have
/// it, and sends the receiver each share.
pub fn export(mut reader: Reader<'_>, _: &mut dyn Random) -> Result<Outcome, Failure> {
    let session: &[u8; 32] = reader.array()?;
    let share = Share::decode(reader.bytes()?)?;
    let parties = share.public.quorum(reader.bytes()?, share.party)?;
    let receiver = reader.party()?;
    reader.end()?;
    if !parties.contains(receiver) {
        return Err(Failure::usage(Code::Parameters));
    }
    let context = Hash::new("locket/ecdsa/export")
        .with(session)
        .with(&share.public.encode())
        .with(&parties.numbers());
    let context = context.with_u8(receiver.number()).finish();
    let secret = |to| {
        if to == receiver {
            encode_scalar(&share.secret).to_vec()
        } else {
            Vec::new()
        }
    };
    let direct = parties.others(share.party).map(|to| (to, secret(to))).collect();
    let step = Step {
        round: 1,
        broadcast: context.to_vec(),
        direct,
    };
    Ok(Outcome::Next(
        step,
        Box::new(Exporting {
            context,
            parties,
            receiver,
            share,
        }),
    ))
}

/// Waits for the shares, or for the word that others were asked for theirs too.
struct Exporting {
    context: Digest,
    parties: PartySet,
    receiver: Party,
    share: Share,
}

impl Ceremony for Exporting {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _: &mut dyn Random) -> Result<Outcome, Failure> {
        self.finish(inbox).map_err(|failure| failure.in_round(1))
    }
}

impl Exporting {
    fn finish(self, inbox: Inbox<'_>) -> Result<Outcome, Failure> {
        let Self {
            context,
            parties,
            receiver,
            share,
        } = self;
        let mut sum = Zeroizing::new(lagrange(&parties, share.party) * *share.secret);
        for message in inbox.from_all(&parties, share.party)? {
            if message.broadcast != context {
                return Err(Failure::retry_from(message.from, Code::Context));
            }
            let mut reader = message.read_direct();
            if share.party == receiver {
                let secret = Zeroizing::new(read_scalar(&mut reader)?);
                if share.public.share(message.from) != Some(&base(&secret)) {
                    return Err(Failure::blame(message.from, Code::Fragment));
                }
                *sum += lagrange(&parties, message.from) * *secret;
            }
            reader.end()?;
        }
        let key = if share.party == receiver {
            encode_scalar(&sum).to_vec()
        } else {
            Vec::new()
        };
        Ok(Outcome::Done(Zeroizing::new(key)))
    }
}
