//! The steps whose time must not depend on secrets, for `examples/timing.rs` to time. Each takes its secret from the caller.

use alloc::vec::Vec;
use locket_ceremony::{Failure, Party, Random, Reader, Writer};

use crate::curve::{self, encode_point, to_scalar};
use crate::ot::base::{self, Receiver, ReceiverKeys, Sender, SenderKeys};
use crate::ot::block::multiply;
use crate::ot::extension::{self, Matrix};
use crate::ot::multiplication::{Bob, alice};

const LABEL: [u8; 32] = [1; 32];

/// Whose message it is does not matter here.
const ANYBODY: Party = match Party::new(1) {
    Some(party) => party,
    None => unreachable!(),
};

/// A product in GF(2^128).
pub fn product(a: u128, b: u128) -> u128 {
    multiply(a, b)
}

/// The receiver's side of base OTs. The first 16 bytes it draws are its choices.
pub fn base_receiver(random: &mut dyn Random) -> Result<usize, Failure> {
    let mut out = Writer::new();
    Receiver::new(LABEL, random)?.write(&mut out);
    Ok(out.len())
}

/// The sender's side of base OTs, with the answer to a receiver's message. The first 32 bytes it draws are its secret.
pub struct BaseSender(Vec<u8>);

impl BaseSender {
    /// A receiver's message to answer.
    pub fn new(random: &mut dyn Random) -> Result<Self, Failure> {
        let mut out = Writer::new();
        Receiver::new(LABEL, random)?.write(&mut out);
        Ok(Self(out.public()))
    }

    /// Both keys of each OT.
    pub fn keys(&self, random: &mut dyn Random) -> Result<usize, Failure> {
        let sender = Sender::new(LABEL, random)?;
        Ok(sender.finish(&mut Reader::message(&self.0, ANYBODY))?.keys.len())
    }
}

/// What a key share or a nonce is multiplied with to be published: the generator.
pub fn publish(secret: [u8; 32]) -> [u8; 33] {
    encode_point(&curve::base(&to_scalar(secret)))
}

/// Bob's side of a multiplication: 32 bytes of salt are drawn first, then 80 of choices.
pub fn bob(random: &mut dyn Random) -> Result<usize, Failure> {
    let keys = SenderKeys {
        keys: Vec::from([[[3; 32], [4; 32]]; base::COUNT]),
    };
    let mut out = Writer::new();
    let bob = Bob::new(LABEL, &keys, random, &mut out)?;
    Ok(out.len() + usize::from(bob.input.is_zero().unwrap_u8()))
}

/// The sender's check of an extension, with these choices of its base OTs.
pub struct Extension {
    matrix: Matrix,
    keys: SenderKeys,
}

impl Extension {
    /// An honest receiver's message.
    pub fn new(random: &mut dyn Random) -> Result<Self, Failure> {
        let keys = SenderKeys {
            keys: Vec::from([[[3; 32], [4; 32]]; base::COUNT]),
        };
        let mut out = Writer::new();
        extension::receive(&LABEL, &keys, random, &mut out)?;
        let matrix = Matrix::read(&mut Reader::message(&out.public(), ANYBODY))?;
        Ok(Self { matrix, keys })
    }

    /// Alice's side of the multiplication that it is for, with these inputs.
    pub fn multiply(&self, inputs: [[u8; 32]; 2], random: &mut dyn Random) -> Result<usize, Failure> {
        let keys = ReceiverKeys {
            choices: [0; base::CHOICE_BYTES],
            keys: self.keys.keys.iter().map(|[zero, _]| *zero).collect(),
        };
        let mut out = Writer::new();
        alice(&LABEL, &keys, &self.matrix, &inputs.map(to_scalar), random, &mut out)?;
        Ok(out.len())
    }

    /// Whether it passes, which it does.
    pub fn check(&self, choices: [u8; base::CHOICE_BYTES]) -> bool {
        let keys = base::bits(&choices)
            .zip(&self.keys.keys)
            .map(|(choice, [zero, one])| if choice.into() { *one } else { *zero });
        let keys = ReceiverKeys {
            choices,
            keys: keys.collect(),
        };
        self.matrix.check(&LABEL, &keys).is_some()
    }
}
