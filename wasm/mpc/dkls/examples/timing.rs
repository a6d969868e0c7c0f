//! Does the time of a step tell its secret? After Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?"
//! (eprint 2016/1123): two classes of secrets, one fixed and one random, in random order, and Welch's t of their times.
//! A |t| above 4.5 is evidence of a leak; one below is none of its absence. On a busy machine it means little.
//!
//!     cargo run --release -p locket-dkls --features timing --example timing [samples]
#![allow(clippy::expect_used)]

use std::hint::black_box;
use std::time::Instant;

use locket_ceremony::{Failure, Hash, Random};
use locket_dkls::timing;

/// Reproducible bytes, the drawn secret in their midst.
struct Source<'a> {
    counter: u64,
    skip: usize,
    secret: &'a [u8],
}

impl Random for Source<'_> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Failure> {
        if self.skip == 0 && out.len() == self.secret.len() {
            out.copy_from_slice(self.secret);
        } else {
            for chunk in out.chunks_mut(32) {
                self.counter += 1;
                let block = Hash::new("timing").with(&self.counter.to_le_bytes()).finish();
                chunk.iter_mut().zip(block).for_each(|(to, byte)| *to = byte);
            }
        }
        self.skip = self.skip.wrapping_sub(1);
        Ok(())
    }
}

/// Welch's t of two sets of times, the slowest tenth of each left out.
fn welch(classes: &mut [Vec<f64>; 2]) -> f64 {
    let moments = classes.each_mut().map(|times| {
        times.sort_by(f64::total_cmp);
        times.truncate(times.len() * 9 / 10);
        let n = times.len() as f64;
        let mean = times.iter().sum::<f64>() / n;
        (mean, times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (n - 1.0) / n)
    });
    let [(a, variance_a), (b, variance_b)] = moments;
    (a - b) / (variance_a + variance_b).sqrt()
}

/// Times `step` on secrets of `length` bytes, either all `fixed` or random. A scalar's `fixed` is not 0, which is drawn again.
fn measure(name: &str, samples: usize, length: usize, fixed: u8, mut step: impl FnMut(&[u8])) {
    let mut classes = [Vec::new(), Vec::new()];
    for i in 0..samples as u64 {
        let dice = [0u8, 1, 2].map(|n| Hash::new("dice").with(&i.to_le_bytes()).with_u8(n).finish());
        let class = usize::from(dice.concat().last().is_some_and(|byte| byte & 1 == 1));
        let mut secret = dice.concat().repeat(1 + length / 96);
        secret.truncate(length);
        if class == 0 {
            secret.fill(fixed);
        }
        let start = Instant::now();
        step(black_box(&secret));
        let time = start.elapsed().as_secs_f64();
        classes.iter_mut().skip(class).take(1).for_each(|times| times.push(time));
    }
    let t = welch(&mut classes);
    println!(
        "{name:<24} {samples:>8} samples  t = {t:+.2}{}",
        if t.abs() > 4.5 { "  LOOK HERE" } else { "" }
    );
}

fn main() {
    let samples: usize = std::env::args()
        .nth(1)
        .map_or(1000, |samples| samples.parse().expect("a number of samples"));
    let block = |bytes: &[u8]| u128::from_le_bytes(bytes.try_into().expect("16 bytes"));
    measure("product in GF(2^128)", samples * 100, 16, 0, |secret| {
        black_box(timing::product(0x1234_5678_9abc_def0_1357_9bdf_0246_8ace, block(secret)));
    });
    let extension = timing::Extension::new(&mut Source {
        counter: 0,
        skip: usize::MAX,
        secret: &[],
    })
    .expect("an extension");
    measure("extension, sender", samples, 16, 0, |secret| {
        assert!(extension.check(secret.try_into().expect("16 bytes")));
    });
    measure("multiplication, Bob", samples, 80, 0, |secret| {
        black_box(
            timing::bob(&mut Source {
                counter: 0,
                skip: 1,
                secret,
            })
            .expect("a multiplication"),
        );
    });
    measure("base OT, receiver", samples / 10, 16, 0, |secret| {
        black_box(
            timing::base_receiver(&mut Source {
                counter: 0,
                skip: 0,
                secret,
            })
            .expect("base OTs"),
        );
    });
    let sender = timing::BaseSender::new(&mut Source {
        counter: 0,
        skip: usize::MAX,
        secret: &[],
    })
    .expect("a receiver's message");
    measure("base OT, sender", samples / 10, 32, 17, |secret| {
        black_box(
            sender
                .keys(&mut Source {
                    counter: 0,
                    skip: 0,
                    secret,
                })
                .expect("base OTs"),
        );
    });
    measure("multiplication, Alice", samples, 64, 17, |secret| {
        let (a, b) = secret.split_at(32);
        let inputs = [a, b].map(|half| half.try_into().expect("32 bytes"));
        black_box(
            extension
                .multiply(
                    inputs,
                    &mut Source {
                        counter: 0,
                        skip: usize::MAX,
                        secret: &[],
                    },
                )
                .expect("a multiplication"),
        );
    });
    measure("share or nonce to point", samples * 10, 32, 17, |secret| {
        black_box(timing::publish(secret.try_into().expect("32 bytes")));
    });
}
