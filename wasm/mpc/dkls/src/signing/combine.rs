//! The last round: one broadcast of each party, and the signature.

use alloc::boxed::Box;
use alloc::vec::Vec;
use locket_ceremony::{Ceremony, Code, Digest, Failure, Inbox, Message, Outcome, Party, PartySet, Random, Step, Writer};

use crate::curve::{Point, Scalar, read_scalar, to_scalar, write_scalar};
use crate::ecdsa::{SIGNATURE_BYTES, signature, x_scalar};
use crate::signing::presignature::Presignature;

/// Sent its part of each signature; waits for the others'.
struct Combining {
    round: u8,
    /// What the others' broadcasts begin with, where the parties have not agreed before.
    context: Option<Digest>,
    me: Party,
    parties: PartySet,
    items: Vec<Item>,
}

struct Item {
    digest: Digest,
    key: Point,
    nonce: Point,
    u: Scalar,
    w: Scalar,
}

/// Uses presignatures up. `round` is the number of the round this makes.
pub fn start(round: u8, context: Option<Digest>, presignatures: Vec<Presignature>, digests: &[Digest]) -> Result<Outcome, Failure> {
    let first = presignatures.first().ok_or(Failure::usage(Code::Parameters))?;
    let (me, parties) = (first.me, first.parties.clone());
    let mut broadcast = Writer::new();
    if let Some(context) = &context {
        broadcast.raw(context);
    }
    let mut items = Vec::new();
    for (presignature, digest) in presignatures.into_iter().zip(digests) {
        let Presignature { key, nonce, phi, u, v, .. } = presignature;
        let w = to_scalar(*digest) * *phi + x_scalar(&nonce) * *v;
        write_scalar(&mut broadcast, &u);
        write_scalar(&mut broadcast, &w);
        items.push(Item {
            digest: *digest,
            key,
            nonce,
            u: *u,
            w,
        });
    }
    let direct = parties.others(me).map(|party| (party, Vec::new())).collect();
    let step = Step {
        round,
        broadcast: broadcast.public(),
        direct,
    };
    Ok(Outcome::Next(
        step,
        Box::new(Combining {
            round,
            context,
            me,
            parties,
            items,
        }),
    ))
}

impl Ceremony for Combining {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _: &mut dyn Random) -> Result<Outcome, Failure> {
        let round = self.round;
        self.finish(inbox).map_err(|failure| failure.in_round(round))
    }
}

impl Combining {
    fn finish(mut self, inbox: Inbox<'_>) -> Result<Outcome, Failure> {
        let messages = inbox.from_all(&self.parties, self.me)?;
        for message in &messages {
            self.add(message)?;
        }
        let mut out = Writer::new();
        let mut valid = false;
        for item in &self.items {
            let inverse: Option<Scalar> = item.u.invert_vartime().into();
            let signature = inverse.and_then(|inverse| signature(&item.digest, &item.key, &item.nonce, &(item.w * inverse)));
            valid |= signature.is_some();
            out.raw(&signature.unwrap_or([0; SIGNATURE_BYTES]));
        }
        if valid {
            Ok(Outcome::Done(out.secret()))
        } else {
            Err(Failure::retry(Code::Signature))
        }
    }

    fn add(&mut self, message: &Message<'_>) -> Result<(), Failure> {
        message.read_direct().end()?;
        let mut reader = message.read_broadcast();
        if let Some(context) = &self.context
            && reader.array()? != context
        {
            return Err(Failure::retry_from(message.from, Code::Context));
        }
        for item in &mut self.items {
            item.u += read_scalar(&mut reader)?;
            item.w += read_scalar(&mut reader)?;
        }
        reader.end()
    }
}
