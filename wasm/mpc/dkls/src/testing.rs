//! A seeded source of randomness and other things that only tests need.

use locket_ceremony::{Failure, Hash, Party, Random};

/// Reproducible bytes.
pub struct TestRandom {
    seed: u64,
    counter: u64,
}

impl TestRandom {
    /// The source of this seed.
    pub const fn seeded(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        let mut bytes = [0; 8];
        self.fill(&mut bytes).unwrap();
        (u64::from_le_bytes(bytes) % limit as u64) as usize
    }
}

impl Random for TestRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Failure> {
        for chunk in out.chunks_mut(32) {
            let block = Hash::new("test")
                .with(&self.seed.to_le_bytes())
                .with(&self.counter.to_le_bytes())
                .finish();
            self.counter += 1;
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

/// The party of a number other than 0.
pub fn party(number: u8) -> Party {
    Party::new(number).unwrap()
}
