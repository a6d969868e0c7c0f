//! What two parties set up once per sharing: base OTs in both roles and a seed of zero shares. Parts 3.2 and 3.6 of `SPEC.md`.

use alloc::vec::Vec;
use locket_ceremony::{Digest, Failure, Hash, Party, Random, Reader, Writer};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::curve::{POINT_BYTES, Scalar, hash_to_scalar};
use crate::ot::base::{self, Receiver, ReceiverKeys, Sender, SenderKeys};
use crate::random;

/// Bytes of what each sends the other.
pub const MESSAGE_BYTES: usize = 32 + POINT_BYTES + base::RECEIVER_MESSAGE_BYTES;

/// The secrets shared with one other party.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Peer {
    /// The other.
    #[zeroize(skip)]
    pub party: Party,
    /// What both make zero shares from.
    pub zero_seed: Digest,
    /// Base OTs this party sent: it is Bob with these.
    pub sent: SenderKeys,
    /// Base OTs this party received: it is Alice with these.
    pub received: ReceiverKeys,
}

impl Peer {
    /// This party's half of the zero share with the other, for the use `name`. The two halves sum to 0.
    pub fn zero_share(&self, me: Party, name: &Digest, item: u8) -> Scalar {
        let share = hash_to_scalar(Hash::new("locket/ecdsa/zero-share").with(&self.zero_seed).with(name).with_u8(item));
        if me < self.party { share } else { -share }
    }

    /// Reads one.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Failure> {
        let party = reader.party()?;
        let zero_seed = *reader.array()?;
        let pairs = (0..base::COUNT)
            .map(|_| Ok([*reader.array()?, *reader.array()?]))
            .collect::<Result<_, Failure>>();
        let sent = SenderKeys { keys: pairs? };
        let choices = *reader.array()?;
        let keys = (0..base::COUNT).map(|_| Ok(*reader.array()?)).collect::<Result<_, Failure>>()?;
        Ok(Self {
            party,
            zero_seed,
            sent,
            received: ReceiverKeys { choices, keys },
        })
    }

    /// Writes it.
    pub fn write(&self, out: &mut Writer) {
        out.party(self.party).raw(&self.zero_seed);
        for key in self.sent.keys.iter().flatten() {
            out.raw(key);
        }
        out.raw(&self.received.choices);
        for key in &self.received.keys {
            out.raw(key);
        }
    }
}

/// The setup with one other party, between this party's message and the other's.
pub struct Setup {
    /// The other.
    pub peer: Party,
    me: Party,
    context: Digest,
    half_seed: Zeroizing<Digest>,
    sender: Sender,
    receiver: Receiver,
    message: Zeroizing<Vec<u8>>,
}

impl Setup {
    /// Draws this party's side.
    pub fn new(context: &Digest, me: Party, peer: Party, random: &mut dyn Random) -> Result<Self, Failure> {
        let half_seed = random::bytes(random)?;
        let sender = Sender::new(base::label(context, me, peer), random)?;
        let receiver = Receiver::new(base::label(context, peer, me), random)?;
        let mut message = Writer::with_capacity(MESSAGE_BYTES);
        message.raw(half_seed.as_ref());
        sender.write(&mut message);
        receiver.write(&mut message);
        Ok(Self {
            peer,
            me,
            context: *context,
            half_seed,
            sender,
            receiver,
            message: message.secret(),
        })
    }

    /// What the other gets.
    pub fn write(&self, out: &mut Writer) {
        out.raw(&self.message);
    }

    /// Reads the other's side. Returns what they share, and a digest that both must have.
    pub fn finish(self, reader: &mut Reader<'_>) -> Result<(Peer, Digest), Failure> {
        let theirs: &[u8; MESSAGE_BYTES] = reader.clone().array()?;
        let their_half: &Digest = reader.array()?;
        let received = self.receiver.finish(reader)?;
        let sent = self.sender.finish(reader)?;
        let (low, high) = (self.me.min(self.peer), self.me.max(self.peer));
        let in_order = |domain, mine, theirs| {
            let (first, second) = if self.me == low { (mine, theirs) } else { (theirs, mine) };
            let hash = Hash::new(domain).with(&self.context).with_u8(low.number()).with_u8(high.number());
            hash.with(first).with(second).finish()
        };
        let zero_seed = in_order("locket/ecdsa/zero-seed", self.half_seed.as_slice(), their_half.as_slice());
        let digest = in_order("locket/ecdsa/pair", &self.message, theirs.as_slice());
        Ok((
            Peer {
                party: self.peer,
                zero_seed,
                sent,
                received,
            },
            digest,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestRandom, party};

    #[test]
    fn both_sides_end_with_matching_secrets() {
        let mut random = TestRandom::seeded(50);
        let a = Setup::new(&[1; 32], party(1), party(2), &mut random).unwrap();
        let b = Setup::new(&[1; 32], party(2), party(1), &mut random).unwrap();
        let (mut from_a, mut from_b) = (Writer::new(), Writer::new());
        a.write(&mut from_a);
        b.write(&mut from_b);
        assert_eq!(from_a.len(), MESSAGE_BYTES);
        let (a, digest_a) = a.finish(&mut Reader::message(&from_b.public(), party(2))).unwrap();
        let (b, digest_b) = b.finish(&mut Reader::message(&from_a.public(), party(1))).unwrap();
        assert_eq!(digest_a, digest_b);
        assert!(a.zero_share(party(1), &[3; 32], 0) + b.zero_share(party(2), &[3; 32], 0) == Scalar::ZERO);
        assert!(a.zero_share(party(1), &[3; 32], 0) != a.zero_share(party(1), &[3; 32], 1));
        for (sent, received) in [(&a.sent, &b.received), (&b.sent, &a.received)] {
            for ((pair, key), choice) in sent.keys.iter().zip(&received.keys).zip(base::bits(&received.choices)) {
                assert!(pair[usize::from(choice.unwrap_u8())] == *key);
            }
        }
        let mut out = Writer::new();
        a.write(&mut out);
        let bytes = out.public();
        let mut again = Writer::new();
        Peer::read(&mut Reader::message(&bytes, party(1))).unwrap().write(&mut again);
        assert!(again.public() == bytes);
    }
}
