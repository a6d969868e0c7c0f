//! The third round: everything multiplied is checked against everything published. What is left is a presignature.

use alloc::boxed::Box;
use alloc::vec::Vec;
use locket_ceremony::{Ceremony, Code, Digest, Failure, Hash, Inbox, Message, Outcome, Party, Random, Writer};
use zeroize::Zeroizing;

use crate::curve::{Point, Scalar, base, encode_point, read_point, read_scalar};
use crate::ecdsa::x_scalar;
use crate::ot::multiplication::{INPUTS, Payload};
use crate::signing::combine;
use crate::signing::commit::commitment;
use crate::signing::job::Job;
use crate::signing::multiply::Item;
use crate::signing::presignature::Presignature;

/// Multiplied as Alice; waits for the others to do so.
pub struct Multiplied {
    pub job: Job,
    pub items: Vec<Item>,
}

/// What one party sent for one signature, decoded.
struct Received {
    from: Party,
    nonce: Point,
    blind: Digest,
    key_part: Point,
    payload: Payload,
    /// Commitments to Alice's shares of the products.
    committed: [Point; INPUTS],
    psi: Scalar,
}

impl Ceremony for Multiplied {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, _: &mut dyn Random) -> Result<Outcome, Failure> {
        self.finish(inbox).map_err(|failure| failure.in_round(2))
    }
}

impl Multiplied {
    fn finish(self, inbox: Inbox<'_>) -> Result<Outcome, Failure> {
        let Self { job, items } = self;
        let messages = inbox.from_all(&job.parties, job.me)?;
        // By party, then by item. Nothing is checked before everything is read, no multiplication before all openings.
        let received = messages
            .iter()
            .map(|message| read(job.count, message))
            .collect::<Result<Vec<_>, _>>()?;
        for (party, of_party) in received.iter().enumerate() {
            for ((index, item), one) in (0..).zip(&items).zip(of_party) {
                if item.commitments.get(party) != Some(&commitment(&job.context, one.from, index, &one.blind, &one.nonce)) {
                    return Err(Failure::blame(one.from, Code::Commitment));
                }
            }
        }
        let mut of_parties: Vec<_> = received.into_iter().map(Vec::into_iter).collect();
        let mut presignatures = Vec::new();
        for (index, item) in (0..).zip(items) {
            let received: Vec<Received> = of_parties.iter_mut().filter_map(Iterator::next).collect();
            presignatures.push(check(&job, index, item, received)?);
        }
        match &job.digests {
            Some(digests) => combine::start(3, None, presignatures, digests),
            None => {
                let mut out = Writer::new();
                for presignature in presignatures {
                    out.bytes(&presignature.encode());
                }
                Ok(Outcome::Done(out.secret()))
            }
        }
    }
}

fn read(count: usize, message: &Message<'_>) -> Result<Vec<Received>, Failure> {
    let (mut broadcast, mut direct) = (message.read_broadcast(), message.read_direct());
    let received = (0..count)
        .map(|_| {
            Ok(Received {
                from: message.from,
                nonce: read_point(&mut broadcast)?,
                blind: *broadcast.array()?,
                key_part: read_point(&mut broadcast)?,
                payload: Payload::read(&mut direct)?,
                committed: [read_point(&mut direct)?, read_point(&mut direct)?],
                psi: read_scalar(&mut direct)?,
            })
        })
        .collect::<Result<_, Failure>>()?;
    broadcast.end()?;
    direct.end()?;
    Ok(received)
}

/// Checks the multiplications of one signature and sums them up.
fn check(job: &Job, index: u8, item: Item, received: Vec<Received>) -> Result<Presignature, Failure> {
    let (mut nonce, mut key) = (item.nonce, item.key_part);
    let mut phi = *item.phi;
    let mut sums = Zeroizing::new([Scalar::ZERO; INPUTS]);
    for ((one, bob), alice) in received.into_iter().zip(item.bobs).zip(&item.products) {
        let chi = Zeroizing::new(bob.input);
        let shares = bob.finish(&one.payload).ok_or(Failure::ban(one.from, Code::Multiplication))?;
        for (((share, committed), published), (sum, alice)) in shares
            .iter()
            .zip(&one.committed)
            .zip([&one.nonce, &one.key_part])
            .zip(sums.iter_mut().zip(alice.iter()))
        {
            if published * &*chi != base(share) + committed {
                return Err(Failure::ban(one.from, Code::Product));
            }
            *sum += share + alice;
        }
        nonce += one.nonce;
        key += one.key_part;
        phi += one.psi;
    }
    if key != job.key {
        return Err(Failure::retry(Code::KeySum));
    }
    if nonce == Point::IDENTITY || x_scalar(&nonce).is_zero().into() {
        return Err(Failure::retry(Code::Signature));
    }
    let [u, v] = *sums;
    Ok(Presignature {
        name: Hash::new("locket/ecdsa/presignature")
            .with(&job.context)
            .with_u8(index)
            .with(&encode_point(&nonce))
            .finish(),
        setup: job.share.public.setup,
        key: job.key,
        me: job.me,
        parties: job.parties.clone(),
        nonce,
        phi: item.phi,
        u: Zeroizing::new(u + *item.r * phi),
        v: Zeroizing::new(v + *item.s * phi),
    })
}
