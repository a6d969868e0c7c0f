//! Two parties multiply: DKLs23, Protocol 5.2, with two inputs of Alice and one random of Bob. Part 3.4 of `SPEC.md`.

use alloc::vec::Vec;
use locket_ceremony::{Digest, Failure, Hash, Party, Random, Reader, Writer};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::curve::{Scalar, encode_scalar, hash_to_scalar, read_scalar, to_scalar, write_scalar};
use crate::ot::base::{ReceiverKeys, SenderKeys};
use crate::ot::block::Block;
use crate::ot::extension::{self, COUNT, Matrix, Received};
use crate::random;

/// Alice's inputs.
pub const INPUTS: usize = 2;

/// Her inputs, and the one that masks them in the check.
const COLUMNS: usize = INPUTS + 1;

/// Bytes of what Alice sends.
#[cfg(test)]
const PAYLOAD_BYTES: usize = 32 + COUNT * COLUMNS * 32 + 32 + 32;

/// Names one multiplication.
pub fn label(context: &Digest, alice: Party, bob: Party, item: u8) -> Digest {
    Hash::new("locket/ecdsa/multiplication")
        .with(context)
        .with_u8(alice.number())
        .with_u8(bob.number())
        .with_u8(item)
        .finish()
}

/// Bob between his message and Alice's.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Bob {
    #[zeroize(skip)]
    label: Digest,
    received: Received,
    /// His random input, `chi`.
    pub input: Scalar,
}

impl Bob {
    /// Draws the input and writes what Alice gets.
    pub fn new(label: Digest, keys: &SenderKeys, random: &mut dyn Random, out: &mut Writer) -> Result<Self, Failure> {
        let received = extension::receive(&label, keys, random, out)?;
        let input = gadget(&label)
            .zip(received.choices())
            .map(|(g, choice)| Scalar::conditional_select(&Scalar::ZERO, &g, choice))
            .fold(Scalar::ZERO, |sum, g| sum + g);
        Ok(Self { label, received, input })
    }

    /// His shares of the products; none if the consistency check fails, which is a ban of Alice.
    pub fn finish(self, payload: &Payload) -> Option<Zeroizing<[Scalar; INPUTS]>> {
        let pads = Pads::new(&self.label, &self.received.digest, &payload.salt);
        let transcript = pads.transcript(&payload.corrections);
        let theta = weights(&transcript);
        let mut check = Hash::new("locket/ecdsa/mu").with(&transcript);
        let mut shares = Zeroizing::new([Scalar::ZERO; INPUTS]);
        for ((((j, row), choice), corrections), g) in (0..)
            .zip(&self.received.rows)
            .zip(self.received.choices())
            .zip(&payload.corrections)
            .zip(gadget(&self.label))
        {
            let mut z = Zeroizing::new(pads.row(j, *row));
            for (z, correction) in z.iter_mut().zip(corrections) {
                *z += Scalar::conditional_select(&Scalar::ZERO, correction, choice);
            }
            let value = combine(&theta, &z) - Scalar::conditional_select(&Scalar::ZERO, &payload.eta, choice);
            check.add(Zeroizing::new(encode_scalar(&value)).as_ref());
            for (share, z) in shares.iter_mut().zip(z.iter()) {
                *share += g * z;
            }
        }
        bool::from(check.finish().ct_eq(&payload.mu)).then_some(shares)
    }
}

/// Alice's part: checks Bob's extension, writes what he gets, returns her shares of the products of `inputs` and his input.
///
/// None if the consistency check fails, which is a ban of Bob.
pub fn alice(
    label: &Digest,
    keys: &ReceiverKeys,
    matrix: &Matrix,
    inputs: &[Scalar; INPUTS],
    random: &mut dyn Random,
    out: &mut Writer,
) -> Result<Option<Zeroizing<[Scalar; INPUTS]>>, Failure> {
    let Some(sent) = matrix.check(label, keys) else { return Ok(None) };
    let salt = *random::bytes::<32>(random)?;
    let pads = Pads::new(label, &sent.digest, &salt);
    let [a0, a1] = inputs;
    let all = Zeroizing::new([*a0, *a1, *random::scalar(random)?]);
    let mut zeros = Zeroizing::new(Vec::with_capacity(COUNT));
    let mut corrections = Vec::with_capacity(COUNT);
    let mut shares = Zeroizing::new([Scalar::ZERO; INPUTS]);
    for ((j, row), g) in (0..).zip(&sent.rows).zip(gadget(label)) {
        let zero = pads.row(j, *row);
        let mut correction = zero;
        let one = Zeroizing::new(pads.row(j, row ^ sent.difference));
        for ((correction, one), a) in correction.iter_mut().zip(one.iter()).zip(all.iter()) {
            *correction += a - one;
        }
        for (share, zero) in shares.iter_mut().zip(&zero) {
            *share -= g * zero;
        }
        zeros.push(zero);
        corrections.push(correction);
    }
    let transcript = pads.transcript(&corrections);
    let theta = weights(&transcript);
    let mut check = Hash::new("locket/ecdsa/mu").with(&transcript);
    for zero in zeros.iter() {
        check.add(Zeroizing::new(encode_scalar(&combine(&theta, zero))).as_ref());
    }
    let payload = Payload {
        salt,
        corrections,
        eta: combine(&theta, &all),
        mu: check.finish(),
    };
    payload.write(out);
    Ok(Some(shares))
}

/// What Alice sends, read but not checked.
pub struct Payload {
    salt: Digest,
    corrections: Vec<[Scalar; COLUMNS]>,
    eta: Scalar,
    mu: Digest,
}

impl Payload {
    /// Reads it.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Failure> {
        let salt = *reader.array()?;
        let corrections = (0..COUNT)
            .map(|_| Ok([read_scalar(reader)?, read_scalar(reader)?, read_scalar(reader)?]))
            .collect::<Result<_, Failure>>()?;
        Ok(Self {
            salt,
            corrections,
            eta: read_scalar(reader)?,
            mu: *reader.array()?,
        })
    }

    fn write(&self, out: &mut Writer) {
        out.raw(&self.salt);
        for scalar in self.corrections.iter().flatten() {
            write_scalar(out, scalar);
        }
        write_scalar(out, &self.eta);
        out.raw(&self.mu);
    }
}

/// `g_j` for each OT `j`.
fn gadget(label: &Digest) -> impl Iterator<Item = Scalar> {
    let start = Hash::new("locket/ecdsa/gadget").with(label);
    (0..COUNT as u16).map(move |j| hash_to_scalar(start.clone().with(&j.to_le_bytes())))
}

/// `p(j, i, r)`: the pads of one multiplication.
struct Pads(Digest);

impl Pads {
    fn new(label: &Digest, matrix: &Digest, salt: &Digest) -> Self {
        Self(Hash::new("locket/ecdsa/pads").with(label).with(matrix).with(salt).finish())
    }

    fn row(&self, j: u16, row: Block) -> [Scalar; COLUMNS] {
        use sha2::Digest as _;
        let mut i = 0;
        [(); COLUMNS].map(|()| {
            // 51 bytes, so that it is one block of SHA-256: this runs 3,744 times in a signature of two.
            let hash = sha2::Sha256::new()
                .chain_update(self.0)
                .chain_update(j.to_le_bytes())
                .chain_update([i]);
            i += 1;
            to_scalar(hash.chain_update(row.to_le_bytes()).finalize().into())
        })
    }

    fn transcript(&self, corrections: &[[Scalar; COLUMNS]]) -> Digest {
        let mut hash = Hash::new("locket/ecdsa/multiplication/payload").with(&self.0);
        for scalar in corrections.iter().flatten() {
            hash.add(&encode_scalar(scalar));
        }
        hash.finish()
    }
}

/// `theta`, which nobody knows before the corrections are fixed.
fn weights(transcript: &Digest) -> [Scalar; INPUTS] {
    let mut i = 0;
    [(); INPUTS].map(|()| {
        let weight = hash_to_scalar(Hash::new("locket/ecdsa/theta").with(transcript).with_u8(i));
        i += 1;
        weight
    })
}

/// The last value plus the others times their weights.
fn combine(theta: &[Scalar; INPUTS], [z0, z1, z2]: &[Scalar; COLUMNS]) -> Scalar {
    let [theta0, theta1] = theta;
    *z2 + theta0 * z0 + theta1 * z1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ot::extension::tests::base_keys;
    use crate::testing::{TestRandom, party};
    use locket_ceremony::Code;

    struct Run {
        bob: Bob,
        payload: Vec<u8>,
        inputs: [Scalar; 2],
        alice: Zeroizing<[Scalar; 2]>,
    }

    fn run(seed: u64) -> Run {
        let mut random = TestRandom::seeded(seed);
        let (pairs, keys) = base_keys(&mut random);
        let label = label(&[1; 32], party(1), party(2), 0);
        let (mut to_alice, mut to_bob) = (Writer::new(), Writer::new());
        let bob = Bob::new(label, &pairs, &mut random, &mut to_alice).unwrap();
        let matrix = Matrix::read(&mut Reader::message(&to_alice.public(), party(2))).unwrap();
        let inputs = [*random::scalar(&mut random).unwrap(), *random::scalar(&mut random).unwrap()];
        let alice = alice(&label, &keys, &matrix, &inputs, &mut random, &mut to_bob).unwrap().unwrap();
        Run {
            bob,
            payload: to_bob.public(),
            inputs,
            alice,
        }
    }

    fn read(bytes: &[u8]) -> Result<Payload, Failure> {
        let mut reader = Reader::message(bytes, party(1));
        let payload = Payload::read(&mut reader)?;
        reader.end()?;
        Ok(payload)
    }

    #[test]
    fn shares_add_up_to_the_products() {
        let Run {
            bob,
            payload,
            inputs,
            alice,
        } = run(40);
        assert_eq!(payload.len(), PAYLOAD_BYTES);
        let chi = bob.input;
        let shares = bob.finish(&read(&payload).unwrap()).unwrap();
        for ((a, c), d) in inputs.iter().zip(alice.iter()).zip(shares.iter()) {
            assert!(*c + d == *a * chi);
        }
    }

    #[test]
    fn every_changed_field_fails_the_check() {
        let mut random = TestRandom::seeded(41);
        let corrections = 32 + 32 * random.below(COUNT * COLUMNS);
        for (name, at) in [("salt", 0), ("eta", PAYLOAD_BYTES - 33), ("mu", PAYLOAD_BYTES - 1)] {
            let Run { bob, mut payload, .. } = run(42);
            payload[at] ^= 1;
            assert!(bob.finish(&read(&payload).unwrap()).is_none(), "{name}");
        }
        // Any change of a correction changes the weights, and with them the check of every OT.
        let Run { bob, mut payload, .. } = run(42);
        payload[corrections + 31] ^= 1;
        assert!(bob.finish(&read(&payload).unwrap()).is_none(), "correction at {corrections}");
    }

    #[test]
    fn another_input_in_one_ot_passes_only_with_the_choice_guessed() {
        for guess in [0, 1] {
            let mut random = TestRandom::seeded(43);
            let (pairs, keys) = base_keys(&mut random);
            let label = label(&[1; 32], party(1), party(2), 0);
            let mut to_alice = Writer::new();
            let bob = Bob::new(label, &pairs, &mut random, &mut to_alice).unwrap();
            let sent = Matrix::read(&mut Reader::message(&to_alice.public(), party(2)))
                .unwrap()
                .check(&label, &keys)
                .unwrap();
            let pads = Pads::new(&label, &sent.digest, &[9; 32]);
            let all = [Scalar::from(3u32), Scalar::from(4u32), Scalar::from(5u32)];
            let cheated = 7;
            let mut corrections = Vec::new();
            let mut zeros = Vec::new();
            for (j, row) in (0..).zip(&sent.rows) {
                let (zero, one) = (pads.row(j, *row), pads.row(j, row ^ sent.difference));
                let mut correction = [0, 1, 2].map(|i| zero[i] - one[i] + all[i]);
                if j == cheated {
                    correction[0] += Scalar::ONE;
                }
                corrections.push(correction);
                zeros.push(zero);
            }
            let transcript = pads.transcript(&corrections);
            let theta = weights(&transcript);
            let mut check = Hash::new("locket/ecdsa/mu").with(&transcript);
            for (j, zero) in (0..).zip(&zeros) {
                let error = if j == cheated && guess == 1 { theta[0] } else { Scalar::ZERO };
                check.add(&encode_scalar(&(combine(&theta, zero) + error)));
            }
            let payload = Payload {
                salt: [9; 32],
                corrections,
                eta: combine(&theta, &all),
                mu: check.finish(),
            };
            let bit = bob.received.choices().nth(cheated.into()).unwrap().unwrap_u8();
            assert_eq!(bob.finish(&payload).is_some(), guess == bit);
        }
    }

    #[test]
    fn bob_cannot_compute_the_inputs() {
        // A curious Bob: every correction, unmasked with every pad of its OT that a row he has gives.
        let Run { bob, payload, inputs, .. } = run(45);
        let payload = read(&payload).unwrap();
        let pads = Pads::new(&bob.label, &bob.received.digest, &payload.salt);
        let rows = &bob.received.rows;
        for ((j, corrections), choice) in (0..).zip(&payload.corrections).zip(bob.received.choices()) {
            let row = rows[usize::from(j)];
            let mine = pads.row(j, row);
            for i in 0..INPUTS {
                let masked = corrections[i];
                // With his choice he has one of the two pads: `A` for 0, `A'` for 1.
                let has = if choice.into() { masked + mine[i] } else { masked - mine[i] };
                assert!(inputs.iter().all(|a| *a != has && *a != -has && *a != masked), "OT {j}");
                for other in [row ^ 1, row ^ rows[0], row ^ rows[1], rows[0], bob.received.choices[0]] {
                    let other = pads.row(j, other)[i];
                    let guess = if choice.into() { has - other } else { has + other };
                    assert!(inputs.iter().all(|a| *a != guess), "OT {j}");
                }
            }
        }
    }

    #[test]
    fn refuses_what_does_not_decode() {
        let payload = run(44).payload;
        let malformed = Some(Failure::retry_from(party(1), Code::Malformed));
        assert_eq!(read(&payload[..PAYLOAD_BYTES - 1]).err(), malformed);
        assert_eq!(read(&[payload.clone(), alloc::vec![0]].concat()).err(), malformed);
        let mut order = payload;
        order[32..64].fill(255);
        assert_eq!(read(&order).err(), malformed);
    }

    #[test]
    fn labels_differ_by_everything() {
        let all = [
            label(&[1; 32], party(1), party(2), 0),
            label(&[2; 32], party(1), party(2), 0),
            label(&[1; 32], party(2), party(1), 0),
            label(&[1; 32], party(1), party(3), 0),
            label(&[1; 32], party(1), party(2), 1),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|b| a != b));
        }
    }
}
