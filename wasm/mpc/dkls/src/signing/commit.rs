//! The first round: nonces are committed to, and each party offers its side of the multiplications as Bob.

use alloc::boxed::Box;
use alloc::vec::Vec;
use locket_ceremony::{Code, Digest, Failure, Outcome, Party, Random, Step, Writer};

use crate::curve::{POINT_BYTES, Point, Secret, base, encode_point};
use crate::ot::multiplication::{self, Bob};
use crate::pair::Peer;
use crate::proof::commit;
use crate::random;
use crate::signing::job::Job;
use crate::signing::multiply::Committed;

/// One signature, after the first round.
pub struct Item {
    pub r: Secret,
    pub phi: Secret,
    pub nonce: Point,
    pub blind: Digest,
    /// With each other party, ascending.
    pub bobs: Vec<Bob>,
}

/// What is committed to: the item and the nonce point.
pub fn commitment(context: &Digest, party: Party, item: u8, blind: &Digest, nonce: &Point) -> Digest {
    let mut value = [item; 1 + POINT_BYTES];
    for (to, byte) in value.iter_mut().skip(1).zip(encode_point(nonce)) {
        *to = byte;
    }
    commit(context, party, blind, &value)
}

impl Job {
    /// Opens the ceremony.
    pub fn start(self, random: &mut dyn Random) -> Result<Outcome, Failure> {
        let mut broadcast = Writer::new();
        broadcast.raw(&self.context);
        let others: Vec<Party> = self.parties.others(self.me).collect();
        let mut direct: Vec<Writer> = others.iter().map(|_| Writer::new()).collect();
        let mut items = Vec::new();
        for index in (0..).take(self.count) {
            let (r, phi) = (random::scalar(random)?, random::scalar(random)?);
            let nonce = base(&r);
            let blind = *random::bytes(random)?;
            broadcast.raw(&commitment(&self.context, self.me, index, &blind, &nonce));
            let mut bobs = Vec::new();
            for (other, out) in others.iter().zip(&mut direct) {
                let label = multiplication::label(&self.context, *other, self.me, index);
                bobs.push(Bob::new(label, &self.peer(*other)?.sent, random, out)?);
            }
            items.push(Item {
                r,
                phi,
                nonce,
                blind,
                bobs,
            });
        }
        let broadcast = broadcast.public();
        let direct = others.into_iter().zip(direct.into_iter().map(Writer::public)).collect();
        let step = Step {
            round: 1,
            broadcast: broadcast.clone(),
            direct,
        };
        Ok(Outcome::Next(
            step,
            Box::new(Committed {
                job: self,
                broadcast,
                items,
            }),
        ))
    }

    /// What this party shares with another that signs.
    pub fn peer(&self, party: Party) -> Result<&Peer, Failure> {
        self.share.peer(party).ok_or(Failure::usage(Code::Parameters))
    }
}
