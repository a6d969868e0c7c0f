//! The host's randomness, which may fail, in the shape that frost-core takes, which may not.
use locket_ceremony::{Failure, Random};
use rand_core::{CryptoRng, Error, RngCore, impls};

/// Runs `draw`. If the host failed meanwhile, what was drawn is dropped and the failure returned.
pub fn with_rng<T>(random: &mut dyn Random, draw: impl FnOnce(&mut Rng<'_>) -> T) -> Result<T, Failure> {
    let mut rng = Rng { random, failure: None };
    let drawn = draw(&mut rng);
    rng.failure.map_or(Ok(drawn), Err)
}

/// See [`with_rng`].
pub struct Rng<'a> {
    random: &'a mut dyn Random,
    failure: Option<Failure>,
}

impl RngCore for Rng<'_> {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        if self.failure.is_none() {
            self.failure = self.random.fill(out).err();
        }
        if self.failure.is_some() {
            // Not zero: callers that want a scalar other than zero would ask for ever.
            out.fill(1);
        }
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

impl CryptoRng for Rng<'_> {}
