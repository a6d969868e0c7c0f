//! 416 OTs from 128: the revised KOS, which is SoftSpokenOT with k = 1. Part 3.3 of `SPEC.md`.
//!
//! The receiver of the base OTs is the sender here, and the other way round.

use alloc::vec::Vec;
use locket_ceremony::{Digest, Failure, Hash, Random, Reader, Writer};
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::ot::base::{self, Key, ReceiverKeys, SenderKeys};
use crate::ot::block::{BLOCK_BYTES, Block, mask, multiply, transpose};
use crate::random;

/// How many OTs one extension makes.
pub const COUNT: usize = 416;

/// Blocks of OTs in a column, the last not wholly used.
const DATA_BLOCKS: usize = COUNT.div_ceil(128);

/// Blocks in a column: the mask, then the OTs.
const BLOCKS: usize = 1 + DATA_BLOCKS;

/// Bytes of what the receiver sends.
#[cfg(test)]
const MESSAGE_BYTES: usize = 32 + base::COUNT * BLOCKS * BLOCK_BYTES + BLOCK_BYTES + base::COUNT * BLOCK_BYTES;

type Column = [Block; BLOCKS];

/// The extension receiver's result: it knows the pad of choice `x_j` of each OT `j`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Received {
    /// Names the extension: a hash of all that was sent.
    #[zeroize(skip)]
    pub digest: Digest,
    /// The choice of OT `j` is bit `j` of these bits.
    pub choices: [Block; DATA_BLOCKS],
    /// `t_j`, [`COUNT`] of them.
    pub rows: Vec<Block>,
}

impl Received {
    /// The choice of each OT.
    pub fn choices(&self) -> impl Iterator<Item = Choice> + '_ {
        self.choices
            .iter()
            .flat_map(|block| (0..128).map(move |shift| Choice::from(((block >> shift) & 1) as u8)))
            .take(COUNT)
    }
}

/// The extension sender's result: it knows both pads of each OT.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Sent {
    /// Names the extension: a hash of all that was received.
    #[zeroize(skip)]
    pub digest: Digest,
    /// What the rows of choice 0 and of choice 1 differ by.
    pub difference: Block,
    /// `q_j`, [`COUNT`] of them.
    pub rows: Vec<Block>,
}

/// Extends as the receiver, with random choices, and writes what the sender gets.
pub fn receive(label: &Digest, keys: &SenderKeys, random: &mut dyn Random, out: &mut Writer) -> Result<Received, Failure> {
    let salt = *random::bytes::<32>(random)?;
    let choices = Zeroizing::new(read_column(&*random::bytes::<{ BLOCKS * BLOCK_BYTES }>(random)?));
    let generator = Generator::new(label, &salt);
    let mut columns: Zeroizing<Vec<Column>> = Zeroizing::new(Vec::with_capacity(base::COUNT));
    let mut matrix = Vec::with_capacity(base::COUNT);
    for (k, [key0, key1]) in (0..).zip(&keys.keys) {
        let t = generator.column(k, key0);
        let mut u = generator.column(k, key1);
        xor(&mut u, &t);
        xor(&mut u, &choices);
        columns.push(t);
        matrix.push(u);
    }
    let digest = matrix_digest(label, &salt, &matrix);
    let chi = coefficients(&digest);
    out.raw(&salt);
    for block in matrix.iter().flatten() {
        out.raw(&block.to_le_bytes());
    }
    out.raw(&fold(&chi, &choices).to_le_bytes());
    for t in columns.iter() {
        out.raw(&fold(&chi, t).to_le_bytes());
    }
    let [_, data @ ..] = *choices;
    Ok(Received {
        digest,
        choices: data,
        rows: rows(&columns),
    })
}

/// What the receiver sent, read but not checked.
pub struct Matrix {
    salt: Digest,
    columns: Vec<Column>,
    choice_check: Block,
    column_checks: Vec<Block>,
}

impl Matrix {
    /// Reads it.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Failure> {
        let salt = *reader.array()?;
        let columns = (0..base::COUNT)
            .map(|_| Ok(read_column(reader.array()?)))
            .collect::<Result<_, Failure>>()?;
        let mut block = || Ok(Block::from_le_bytes(*reader.array()?));
        let choice_check = block()?;
        let column_checks = (0..base::COUNT).map(|_| block()).collect::<Result<_, Failure>>()?;
        Ok(Self {
            salt,
            columns,
            choice_check,
            column_checks,
        })
    }

    /// Extends as the sender; none if the consistency check fails, which is a ban of the receiver.
    pub fn check(&self, label: &Digest, keys: &ReceiverKeys) -> Option<Sent> {
        let digest = matrix_digest(label, &self.salt, &self.columns);
        let chi = coefficients(&digest);
        let generator = Generator::new(label, &self.salt);
        let mut columns: Zeroizing<Vec<Column>> = Zeroizing::new(Vec::with_capacity(base::COUNT));
        let mut good = Choice::from(1);
        for ((((k, key), choice), u), check) in (0..)
            .zip(&keys.keys)
            .zip(base::bits(&keys.choices))
            .zip(&self.columns)
            .zip(&self.column_checks)
        {
            let chosen = mask(choice);
            let mut q = generator.column(k, key);
            xor(&mut q, &u.map(|block| block & chosen));
            // Every column is checked before anything is decided.
            good &= fold(&chi, &q).ct_eq(&(check ^ (self.choice_check & chosen)));
            columns.push(q);
        }
        bool::from(good).then(|| Sent {
            digest,
            difference: Block::from_le_bytes(keys.choices),
            rows: rows(&columns),
        })
    }
}

/// `g(k, K)`: what both sides stretch the keys of an OT with.
struct Generator(Hash);

impl Generator {
    fn new(label: &Digest, salt: &Digest) -> Self {
        Self(Hash::new("locket/ecdsa/extension/seed").with(label).with(salt))
    }

    fn column(&self, k: u8, key: &Key) -> Column {
        let seed = Zeroizing::new(self.0.clone().with_u8(k).with(key).finish());
        let start = Hash::new("locket/ecdsa/extension/block").with(seed.as_ref());
        let mut bytes = Zeroizing::new([0; BLOCKS * BLOCK_BYTES]);
        for (b, chunk) in (0..).zip(bytes.chunks_mut(32)) {
            for (out, byte) in chunk.iter_mut().zip(start.clone().with_u8(b).finish()) {
                *out = byte;
            }
        }
        read_column(&bytes)
    }
}

fn read_column(bytes: &[u8; BLOCKS * BLOCK_BYTES]) -> Column {
    let mut column = [0; BLOCKS];
    for (block, chunk) in column.iter_mut().zip(bytes.as_chunks().0) {
        *block = Block::from_le_bytes(*chunk);
    }
    column
}

fn xor(to: &mut Column, other: &Column) {
    for (a, b) in to.iter_mut().zip(other) {
        *a ^= b;
    }
}

fn matrix_digest(label: &Digest, salt: &Digest, columns: &[Column]) -> Digest {
    let mut hash = Hash::new("locket/ecdsa/extension/matrix").with(label).with(salt);
    for column in columns {
        let mut bytes = [0; BLOCKS * BLOCK_BYTES];
        for (chunk, block) in bytes.as_chunks_mut().0.iter_mut().zip(column) {
            *chunk = block.to_le_bytes();
        }
        hash.add(&bytes);
    }
    hash.finish()
}

/// `chi_1 ... chi_4`, which nobody knows before the matrix is fixed.
fn coefficients(digest: &Digest) -> [Block; DATA_BLOCKS] {
    let mut b = 0;
    [(); DATA_BLOCKS].map(|()| {
        b += 1;
        let [low, _] = halves(&Hash::new("locket/ecdsa/extension/chi").with(digest).with_u8(b).finish());
        low
    })
}

fn halves(digest: &Digest) -> [Block; 2] {
    let mut out = [0; 2];
    for (half, chunk) in out.iter_mut().zip(digest.as_chunks().0) {
        *half = Block::from_le_bytes(*chunk);
    }
    out
}

/// The mask block plus the sum of all others, each times its coefficient.
fn fold(chi: &[Block; DATA_BLOCKS], column: &Column) -> Block {
    let [first, data @ ..] = column;
    chi.iter().zip(data).fold(*first, |sum, (a, b)| sum ^ multiply(*b, *a))
}

/// The first [`COUNT`] rows of the columns' data blocks.
fn rows(columns: &[Column]) -> Vec<Block> {
    let mut rows = Vec::with_capacity(DATA_BLOCKS * 128);
    for block in 1..BLOCKS {
        let mut square = Zeroizing::new([0; 128]);
        for (to, column) in square.iter_mut().zip(columns) {
            *to = column.get(block).copied().unwrap_or(0);
        }
        transpose(&mut square);
        rows.extend_from_slice(square.as_ref());
    }
    rows.truncate(COUNT);
    rows
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::testing::{TestRandom, party};

    /// Base OTs as 3.2 ends with them.
    pub fn base_keys(random: &mut TestRandom) -> (SenderKeys, ReceiverKeys) {
        let pairs: Vec<[Key; 2]> = (0..base::COUNT)
            .map(|_| [*random::bytes(random).unwrap(), *random::bytes(random).unwrap()])
            .collect();
        let choices: [u8; 16] = *random::bytes(random).unwrap();
        let keys = base::bits(&choices)
            .zip(&pairs)
            .map(|(choice, pair)| pair[usize::from(choice.unwrap_u8())])
            .collect();
        (SenderKeys { keys: pairs }, ReceiverKeys { choices, keys })
    }

    fn message(random: &mut TestRandom, keys: &SenderKeys) -> (Vec<u8>, Received) {
        let mut out = Writer::new();
        let received = receive(&[1; 32], keys, random, &mut out).unwrap();
        (out.public(), received)
    }

    fn check(bytes: &[u8], label: &Digest, keys: &ReceiverKeys) -> Option<Sent> {
        let mut reader = Reader::message(bytes, party(2));
        let matrix = Matrix::read(&mut reader).unwrap();
        reader.end().unwrap();
        matrix.check(label, keys)
    }

    #[test]
    fn rows_differ_by_the_choice() {
        let mut random = TestRandom::seeded(30);
        let (pairs, keys) = base_keys(&mut random);
        let (bytes, received) = message(&mut random, &pairs);
        assert_eq!(bytes.len(), MESSAGE_BYTES);
        let sent = check(&bytes, &[1; 32], &keys).unwrap();
        assert_eq!((sent.rows.len(), received.rows.len()), (COUNT, COUNT));
        assert_eq!(sent.digest, received.digest);
        for ((q, t), choice) in sent.rows.iter().zip(&received.rows).zip(received.choices()) {
            assert_eq!(*q, t ^ (sent.difference & mask(choice)));
        }
        assert!(received.choices().any(|choice| choice.into()) && !received.choices().all(|choice| choice.into()));
    }

    #[test]
    fn every_changed_field_fails_the_check() {
        let mut random = TestRandom::seeded(31);
        let (pairs, keys) = base_keys(&mut random);
        let (bytes, _) = message(&mut random, &pairs);
        let (u, x, t) = (32, MESSAGE_BYTES - 129 * 16, MESSAGE_BYTES - 128 * 16);
        let flip = |at: usize, bit: u8| {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << bit;
            check(&bad, &[1; 32], &keys).is_some()
        };
        assert!(!flip(0, 0), "salt");
        assert!(!flip(x, 3) && !flip(x + 15, 7), "choice check");
        for k in 0..base::COUNT {
            assert!(!flip(t + 16 * k + k % 16, 1), "column check {k}");
            assert!(!flip(u + 80 * k + k % 80, 2), "column {k}");
        }
        assert!(check(&bytes, &[2; 32], &keys).is_none(), "another session");
        assert!(check(&bytes, &[1; 32], &keys).is_some());
    }

    #[test]
    fn a_deviating_column_passes_only_with_its_choice_bit_guessed() {
        // The receiver uses other choices in column k, and computes the checks to fit a guess of bit k.
        for guess in [0u8, 1] {
            let mut random = TestRandom::seeded(32);
            let (pairs, keys) = base_keys(&mut random);
            let (bytes, _) = message(&mut random, &pairs);
            let mut matrix = Matrix::read(&mut Reader::message(&bytes, party(2))).unwrap();
            let k = 5;
            let error = [0, 1 << 77, 0, 0, 0];
            // All checks again under the changed coefficients, as the cheater can.
            xor(&mut matrix.columns[k], &error);
            let digest = matrix_digest(&[1; 32], &matrix.salt, &matrix.columns);
            let chi = coefficients(&digest);
            let generator = Generator::new(&[1; 32], &matrix.salt);
            let t: Vec<Column> = (0..).zip(&pairs.keys).map(|(k, pair)| generator.column(k, &pair[0])).collect();
            let mut choices = generator.column(0, &pairs.keys[0][1]);
            xor(&mut choices, &t[0]);
            xor(&mut choices, &matrix.columns[0]);
            matrix.choice_check = fold(&chi, &choices);
            matrix.column_checks = t.iter().map(|t| fold(&chi, t)).collect();
            if guess == 1 {
                matrix.column_checks[k] ^= fold(&chi, &error);
            }
            let bit = (keys.choices[k / 8] >> (k % 8)) & 1;
            assert_eq!(matrix.check(&[1; 32], &keys).is_some(), guess == bit);
        }
    }

    #[test]
    fn the_receiver_cannot_compute_the_other_row() {
        let mut random = TestRandom::seeded(33);
        let (pairs, keys) = base_keys(&mut random);
        let (bytes, received) = message(&mut random, &pairs);
        let sent = check(&bytes, &[1; 32], &keys).unwrap();
        let known: Vec<Block> = received.rows.iter().chain(&received.choices).copied().collect();
        for ((q, t), choice) in sent.rows.iter().zip(&received.rows).zip(received.choices()) {
            let other = q ^ (sent.difference & !mask(choice));
            assert_ne!(other, *t);
            // Not even as the sum of a row it has and anything else it has.
            assert!(known.iter().all(|value| other != *value && other != t ^ value));
        }
    }

    #[test]
    fn the_sender_cannot_compute_the_choices() {
        // A curious sender: each column of the matrix, unmasked with everything it can stretch its keys to.
        let mut random = TestRandom::seeded(35);
        let (pairs, keys) = base_keys(&mut random);
        let (bytes, received) = message(&mut random, &pairs);
        let matrix = Matrix::read(&mut Reader::message(&bytes, party(2))).unwrap();
        let generator = Generator::new(&[1; 32], &matrix.salt);
        let known: Vec<Column> = (0..).zip(&keys.keys).map(|(k, key)| generator.column(k, key)).collect();
        for (k, u) in matrix.columns.iter().enumerate() {
            for (other, mask) in known.iter().enumerate() {
                let mut guess = *u;
                xor(&mut guess, mask);
                assert_ne!(guess[1..], received.choices, "column {k} under key {other}");
            }
            assert_ne!(u[1..], received.choices, "column {k}");
        }
        // Whoever has the other key of one OT as well has them all: that key is what hides them.
        let mut guess = matrix.columns[0];
        for key in &pairs.keys[0] {
            xor(&mut guess, &generator.column(0, key));
        }
        assert_eq!(guess[1..], received.choices);
    }

    #[test]
    fn the_same_session_twice_repeats_nothing() {
        let mut random = TestRandom::seeded(34);
        let (pairs, _) = base_keys(&mut random);
        let (first, a) = message(&mut random, &pairs);
        let (second, b) = message(&mut random, &pairs);
        assert_ne!(first[..32], second[..32]);
        assert_ne!(a.digest, b.digest);
        assert!(a.rows.iter().zip(&b.rows).all(|(a, b)| a != b));
        // The sum of the matrices is not the sum of the choices, which it would be under one generator.
        let column = |bytes: &[u8]| u128::from_le_bytes(bytes[48..64].try_into().unwrap());
        assert_ne!(column(&first) ^ column(&second), a.choices[0] ^ b.choices[0]);
    }
}
