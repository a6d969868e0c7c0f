//! 128 base OTs of one ordered pair in one round: Masny and Rindal's endemic OT. Part 3.2 of `SPEC.md`.

use alloc::vec::Vec;
use k256::elliptic_curve::group::Group;
use locket_ceremony::{Digest, Failure, Hash, Party, Random, Reader, Writer};
use subtle::{Choice, ConditionallySelectable};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::curve::{POINT_BYTES, Point, Secret, base, encode_point, encode_points, encode_to_point, hash_to_point, read_point};
use crate::random;

/// How many OTs there are: the computational security parameter.
pub const COUNT: usize = 128;

/// A key that an OT gives.
pub type Key = [u8; 32];

/// Bytes of the choice bits.
pub const CHOICE_BYTES: usize = COUNT / 8;

/// What the receiver sends: two points for each OT.
pub const RECEIVER_MESSAGE_BYTES: usize = COUNT * 2 * POINT_BYTES;

/// Names the OTs that `sender` and `receiver` make in a session.
pub fn label(context: &Digest, sender: Party, receiver: Party) -> Digest {
    Hash::new("locket/ecdsa/base-ot")
        .with(context)
        .with_u8(sender.number())
        .with_u8(receiver.number())
        .finish()
}

/// Both keys of every OT: what the sender ends with.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SenderKeys {
    /// One pair for each OT.
    pub keys: Vec<[Key; 2]>,
}

/// The choice bits and the key of each choice: what the receiver ends with.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ReceiverKeys {
    /// Bit `k` chose in OT `k`; bits of a byte from the lowest.
    pub choices: [u8; CHOICE_BYTES],
    /// One for each OT.
    pub keys: Vec<Key>,
}

/// The sender between its message and the other's.
pub struct Sender {
    label: Digest,
    secret: Secret,
    public: Point,
}

impl Sender {
    /// Draws the one secret of all OTs.
    pub fn new(label: Digest, random: &mut dyn Random) -> Result<Self, Failure> {
        let secret = random::scalar(random)?;
        let public = base(&secret);
        Ok(Self { label, secret, public })
    }

    /// What the receiver gets.
    pub fn write(&self, out: &mut Writer) {
        out.raw(&encode_point(&self.public));
    }

    /// Reads the receiver's points and derives both keys of each OT.
    pub fn finish(self, reader: &mut Reader<'_>) -> Result<SenderKeys, Failure> {
        let public = encode_point(&self.public);
        let (mut theirs, mut shared) = (Vec::with_capacity(COUNT), Zeroizing::new(Vec::with_capacity(2 * COUNT)));
        for k in 0..COUNT as u8 {
            let mut encoded = reader.clone();
            let (b0, b1) = (read_point(reader)?, read_point(reader)?);
            let (e0, e1) = (encoded.array()?, encoded.array()?);
            let p0 = b0 + mask(&self.label, k, 0, e1);
            let p1 = b1 + mask(&self.label, k, 1, e0);
            if bool::from(p0.is_identity() | p1.is_identity()) {
                return Err(reader.failure());
            }
            theirs.push((e0, e1));
            shared.extend([p0 * *self.secret, p1 * *self.secret]);
        }
        let shared = Zeroizing::new(encode_points(&shared));
        let mut result = SenderKeys {
            keys: Vec::with_capacity(COUNT),
        };
        for ((k, (b0, b1)), [s0, s1]) in (0..).zip(theirs).zip(shared.as_chunks().0) {
            let instance = Instance {
                label: &self.label,
                k,
                public: &public,
                b0,
                b1,
            };
            result.keys.push([instance.key(0, s0), instance.key(1, s1)]);
        }
        Ok(result)
    }
}

/// The receiver between its message and the other's.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Receiver {
    #[zeroize(skip)]
    label: Digest,
    choices: [u8; CHOICE_BYTES],
    logarithms: Vec<k256::Scalar>,
    #[zeroize(skip)]
    points: Vec<[[u8; POINT_BYTES]; 2]>,
}

impl Receiver {
    /// Draws choices and points.
    pub fn new(label: Digest, random: &mut dyn Random) -> Result<Self, Failure> {
        let choices = *random::bytes::<CHOICE_BYTES>(random)?;
        let mut logarithms = Zeroizing::new(Vec::with_capacity(COUNT));
        let mut others = Vec::with_capacity(COUNT);
        for k in 0..COUNT as u8 {
            logarithms.push(*random::scalar(random)?);
            // A point whose logarithm nobody knows, this party included.
            let seed = random::bytes::<32>(random)?;
            others.push(hash_to_point("locket/ecdsa/base-ot/point", &[&label, &[k], seed.as_ref()]));
        }
        let others = encode_points(&others);
        let mut chosen = Vec::with_capacity(COUNT);
        for (((k, choice), y), other) in (0..).zip(bits(&choices)).zip(logarithms.iter()).zip(&others) {
            chosen.push(base(y) - mask(&label, k, choice.unwrap_u8(), other));
        }
        let chosen = encode_points(&chosen);
        let points = bits(&choices).zip(&chosen).zip(&others);
        let points = points
            .map(|((choice, a), b)| [select(a, b, choice), select(b, a, choice)])
            .collect();
        Ok(Self {
            label,
            choices,
            logarithms: core::mem::take(&mut *logarithms),
            points,
        })
    }

    /// What the sender gets.
    pub fn write(&self, out: &mut Writer) {
        for point in self.points.iter().flatten() {
            out.raw(point);
        }
    }

    /// Reads the sender's point and derives the key of each choice.
    pub fn finish(self, reader: &mut Reader<'_>) -> Result<ReceiverKeys, Failure> {
        let point = read_point(reader)?;
        let public = encode_point(&point);
        let shared: Zeroizing<Vec<Point>> = Zeroizing::new(self.logarithms.iter().map(|y| point * y).collect());
        let shared = Zeroizing::new(encode_points(&shared));
        let mut result = ReceiverKeys {
            choices: self.choices,
            keys: Vec::with_capacity(COUNT),
        };
        for (((k, choice), shared), [b0, b1]) in (0..).zip(bits(&self.choices)).zip(shared.iter()).zip(&self.points) {
            let instance = Instance {
                label: &self.label,
                k,
                public: &public,
                b0,
                b1,
            };
            result.keys.push(instance.key(choice.unwrap_u8(), shared));
        }
        Ok(result)
    }
}

/// What the oracles of one OT are bound to.
struct Instance<'a> {
    label: &'a Digest,
    k: u8,
    public: &'a [u8; POINT_BYTES],
    b0: &'a [u8; POINT_BYTES],
    b1: &'a [u8; POINT_BYTES],
}

impl Instance<'_> {
    fn key(&self, choice: u8, shared: &[u8; POINT_BYTES]) -> Key {
        Hash::new("locket/ecdsa/base-ot/key")
            .with(self.label)
            .with(&[self.k])
            .with(&[choice])
            .with(self.public)
            .with(self.b0)
            .with(self.b1)
            .with(shared)
            .finish()
    }
}

/// `F(k, c, P)`.
fn mask(label: &Digest, k: u8, choice: u8, other: &[u8; POINT_BYTES]) -> Point {
    encode_to_point("locket/ecdsa/base-ot/mask", &[label, &[k], &[choice], other])
}

/// `a` for choice 0, `b` for choice 1.
fn select(a: &[u8; POINT_BYTES], b: &[u8; POINT_BYTES], choice: Choice) -> [u8; POINT_BYTES] {
    <[u8; POINT_BYTES]>::conditional_select(a, b, choice)
}

/// The bits of these bytes, the lowest of each first.
pub fn bits(bytes: &[u8]) -> impl Iterator<Item = Choice> + Clone + '_ {
    bytes
        .iter()
        .flat_map(|byte| (0..8).map(move |shift| Choice::from((byte >> shift) & 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Scalar;
    use crate::testing::{TestRandom, party};
    use locket_ceremony::Code;

    fn run(seed: u64) -> (SenderKeys, ReceiverKeys) {
        let mut random = TestRandom::seeded(seed);
        let label = label(&[7; 32], party(1), party(2));
        let sender = Sender::new(label, &mut random).unwrap();
        let receiver = Receiver::new(label, &mut random).unwrap();
        let (mut to_receiver, mut to_sender) = (Writer::new(), Writer::new());
        sender.write(&mut to_receiver);
        receiver.write(&mut to_sender);
        assert_eq!((to_receiver.len(), to_sender.len()), (POINT_BYTES, RECEIVER_MESSAGE_BYTES));
        let (m, b) = (to_receiver.public(), to_sender.public());
        let mut reader = Reader::message(&b, party(2));
        let keys = sender.finish(&mut reader).unwrap();
        reader.end().unwrap();
        (keys, receiver.finish(&mut Reader::message(&m, party(1))).unwrap())
    }

    #[test]
    fn the_receiver_has_the_key_of_its_choice_and_not_the_other() {
        let (sender, receiver) = run(10);
        let mut ones = 0;
        for ((pair, key), choice) in sender.keys.iter().zip(&receiver.keys).zip(bits(&receiver.choices)) {
            let choice = usize::from(choice.unwrap_u8());
            ones += choice;
            assert!(pair[choice] == *key);
            assert!(pair[1 - choice] != *key);
        }
        assert!((32..96).contains(&ones), "{ones} of 128 choices are 1");
        let mut all: Vec<_> = sender.keys.iter().flatten().collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 2 * COUNT);
    }

    #[test]
    fn the_receivers_state_does_not_give_the_other_key() {
        // A curious receiver: every scalar it holds, every linear relation it knows between its own points.
        let mut random = TestRandom::seeded(11);
        let label = label(&[7; 32], party(1), party(2));
        let sender = Sender::new(label, &mut random).unwrap();
        let receiver = Receiver::new(label, &mut random).unwrap();
        let (public, m) = (encode_point(&sender.public), sender.public);
        let mut out = Writer::new();
        receiver.write(&mut out);
        let keys = sender.finish(&mut Reader::message(&out.public(), party(2))).unwrap();
        for ((((k, [b0, b1]), y), choice), pair) in (0u8..)
            .zip(&receiver.points)
            .zip(&receiver.logarithms)
            .zip(bits(&receiver.choices))
            .zip(&keys.keys)
        {
            let other = 1 - choice.unwrap_u8();
            let instance = Instance {
                label: &label,
                k,
                public: &public,
                b0,
                b1,
            };
            let as_scalar = |digest: Digest| crate::curve::to_scalar(digest);
            let bytes = if other == 0 { b0 } else { b1 };
            let candidates = [
                *y,
                -*y,
                Scalar::ONE,
                *y + Scalar::ONE,
                as_scalar(Hash::new("locket/ecdsa/base-ot/point").with(bytes).finish()),
                as_scalar(label),
                receiver.logarithms.iter().sum(),
            ];
            for candidate in candidates {
                for point in [m * candidate, m * candidate + Point::GENERATOR * candidate, m * candidate - m * *y] {
                    assert!(instance.key(other, &encode_point(&point)) != pair[usize::from(other)]);
                }
            }
            // The unchosen point is not a known multiple of the generator either.
            let unchosen = crate::curve::decode_point(bytes).unwrap() + mask(&label, k, other, if other == 0 { b1 } else { b0 });
            assert!(candidates.iter().all(|c| base(c) != unchosen));
        }
    }

    #[test]
    fn the_points_do_not_tell_the_sender_the_choices() {
        // A curious sender: neither the order of the two points nor their signs go with the choice.
        let mut random = TestRandom::seeded(14);
        let label = label(&[7; 32], party(1), party(2));
        let mut agreeing = [0; 3];
        for _ in 0..8 {
            let receiver = Receiver::new(label, &mut random).unwrap();
            for ([b0, b1], choice) in receiver.points.iter().zip(bits(&receiver.choices)) {
                let choice = bool::from(choice);
                for (count, tells) in agreeing.iter_mut().zip([b0[1..] < b1[1..], b0[0] == 2, b1[0] == 2]) {
                    *count += usize::from(tells == choice);
                }
            }
        }
        // Half of 1,024, within five standard deviations.
        assert!(agreeing.iter().all(|count| (432..592).contains(count)), "{agreeing:?}");
    }

    #[test]
    fn another_label_gives_other_keys() {
        let mut random = TestRandom::seeded(12);
        let (a, b) = (label(&[7; 32], party(1), party(2)), label(&[7; 32], party(2), party(1)));
        assert_ne!(a, b);
        assert_ne!(a, label(&[8; 32], party(1), party(2)));
        let sender = Sender::new(a, &mut random).unwrap();
        let receiver = Receiver::new(b, &mut random).unwrap();
        let (mut m, mut points) = (Writer::new(), Writer::new());
        sender.write(&mut m);
        receiver.write(&mut points);
        let sent = sender.finish(&mut Reader::message(&points.public(), party(2))).unwrap();
        let received = receiver.finish(&mut Reader::message(&m.public(), party(1))).unwrap();
        assert!(received.keys.iter().zip(&sent.keys).all(|(key, pair)| !pair.contains(key)));
    }

    #[test]
    fn refuses_points_that_are_none() {
        let mut random = TestRandom::seeded(13);
        let label = label(&[7; 32], party(1), party(2));
        let receiver = Receiver::new(label, &mut random).unwrap();
        let mut out = Writer::new();
        receiver.write(&mut out);
        let good = out.public();
        let malformed = Some(Failure::retry_from(party(2), Code::Malformed));
        let mut check = |bytes: &[u8]| {
            let sender = Sender::new(label, &mut random).unwrap();
            assert_eq!(sender.finish(&mut Reader::message(bytes, party(2))).err(), malformed);
        };
        for at in [0, 33, RECEIVER_MESSAGE_BYTES - 33] {
            let mut identity = good.clone();
            identity[at..at + 33].fill(0);
            check(&identity);
            let mut off_curve = identity;
            off_curve[at] = 2;
            off_curve[at + 32] = 5;
            check(&off_curve);
        }
        check(&good[..good.len() - 1]);
        check(&[]);
        // A pair made so that the key of choice 0 comes from the identity.
        let b1 = Point::GENERATOR;
        let mut cancelling = good;
        cancelling[..33].copy_from_slice(&encode_point(&-mask(&label, 0, 0, &encode_point(&b1))));
        cancelling[33..66].copy_from_slice(&encode_point(&b1));
        check(&cancelling);
        assert_eq!(
            receiver.finish(&mut Reader::message(&[0; 33], party(1))).err(),
            Some(Failure::retry_from(party(1), Code::Malformed))
        );
    }
}
