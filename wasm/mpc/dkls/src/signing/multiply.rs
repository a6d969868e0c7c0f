//! The second round: the others' extensions are checked, and each party multiplies as Alice.

use alloc::boxed::Box;
use alloc::vec::Vec;
use locket_ceremony::{Ceremony, Code, Digest, Failure, Hash, Inbox, Message, Outcome, Random, Step, Writer};
use zeroize::Zeroizing;

use crate::curve::{Point, Scalar, Secret, base, encode_point, write_scalar};
use crate::ot::base::ReceiverKeys;
use crate::ot::extension::Matrix;
use crate::ot::multiplication::{self, Bob, INPUTS, alice};
use crate::polynomial::lagrange;
use crate::signing::commit::Item as CommittedItem;
use crate::signing::job::Job;
use crate::signing::product::Multiplied;

/// Committed; waits for the others' commitments and extensions.
pub struct Committed {
    pub job: Job,
    /// What this party broadcast.
    pub broadcast: Vec<u8>,
    pub items: Vec<CommittedItem>,
}

/// One signature, after the second round.
pub struct Item {
    pub r: Secret,
    pub phi: Secret,
    /// This party's additive share of the key.
    pub s: Secret,
    pub nonce: Point,
    pub key_part: Point,
    pub bobs: Vec<Bob>,
    /// Alice's shares of the products with each other party, ascending.
    pub products: Vec<Zeroizing<[Scalar; INPUTS]>>,
    /// The commitments of the others, ascending.
    pub commitments: Vec<Digest>,
}

/// What one party sent, decoded.
struct Received {
    commitments: Vec<Digest>,
    matrices: Vec<Matrix>,
}

impl Ceremony for Committed {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
        self.multiply(inbox, random).map_err(|failure| failure.in_round(1))
    }
}

impl Committed {
    fn multiply(self, inbox: Inbox<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
        let Self { job, broadcast, items } = self;
        let messages = inbox.from_all(&job.parties, job.me)?;
        // Agreement before everything else: a party with other parameters is no cheater.
        for message in &messages {
            if *message.read_broadcast().array::<32>()? != job.context {
                return Err(Failure::retry_from(message.from, Code::Context));
            }
        }
        let received = messages
            .iter()
            .map(|message| read(job.count, message))
            .collect::<Result<Vec<_>, _>>()?;
        let name = round_name(&job, &broadcast, &messages);
        let weight = lagrange(&job.parties, job.me);

        let mut broadcast = Writer::new();
        let mut direct: Vec<Writer> = messages.iter().map(|_| Writer::new()).collect();
        let mut multiplied = Vec::new();
        for (index, item) in (0..).zip(items) {
            let mut s = Zeroizing::new(weight * (*job.share.secret + job.tweak));
            for message in &messages {
                *s += job.peer(message.from)?.zero_share(job.me, &name, index);
            }
            let key_part = base(&s);
            broadcast
                .raw(&encode_point(&item.nonce))
                .raw(&item.blind)
                .raw(&encode_point(&key_part));

            let inputs = Zeroizing::new([*item.r, *s]);
            let (mut products, mut commitments) = (Vec::new(), Vec::new());
            for (((message, received), bob), out) in messages.iter().zip(&received).zip(&item.bobs).zip(&mut direct) {
                let (Some(matrix), Some(commitment)) = (
                    received.matrices.get(usize::from(index)),
                    received.commitments.get(usize::from(index)),
                ) else {
                    continue;
                };
                let label = multiplication::label(&job.context, job.me, message.from, index);
                let keys: &ReceiverKeys = &job.peer(message.from)?.received;
                let shares = alice(&label, keys, matrix, &inputs, random, out)?;
                let shares = shares.ok_or(Failure::ban(message.from, Code::Extension))?;
                for share in shares.iter() {
                    out.raw(&encode_point(&base(share)));
                }
                write_scalar(out, &(*item.phi - bob.input));
                products.push(shares);
                commitments.push(*commitment);
            }
            let CommittedItem { r, phi, nonce, bobs, .. } = item;
            multiplied.push(Item {
                r,
                phi,
                s,
                nonce,
                key_part,
                bobs,
                products,
                commitments,
            });
        }
        let direct = messages
            .iter()
            .map(|message| message.from)
            .zip(direct.into_iter().map(Writer::public))
            .collect();
        let step = Step {
            round: 2,
            broadcast: broadcast.public(),
            direct,
        };
        Ok(Outcome::Next(step, Box::new(Multiplied { job, items: multiplied })))
    }
}

fn read(count: usize, message: &Message<'_>) -> Result<Received, Failure> {
    let mut reader = message.read_broadcast();
    reader.array::<32>()?;
    let commitments = (0..count).map(|_| reader.array().copied()).collect::<Result<_, _>>()?;
    reader.end()?;
    let mut reader = message.read_direct();
    let matrices = (0..count).map(|_| Matrix::read(&mut reader)).collect::<Result<_, _>>()?;
    reader.end()?;
    Ok(Received { commitments, matrices })
}

/// A name for this run that no party chose alone: the hash of all first broadcasts.
fn round_name(job: &Job, mine: &[u8], messages: &[Message<'_>]) -> Digest {
    let mut hash = Hash::new("locket/ecdsa/round-1").with(&job.context);
    let mut others = messages.iter();
    for party in job.parties.iter() {
        let broadcast = if party == job.me {
            Some(mine)
        } else {
            others.next().map(|message| message.broadcast)
        };
        hash.add(broadcast.unwrap_or_default());
    }
    hash.finish()
}
