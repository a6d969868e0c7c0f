//! Randomness comes from the host, which may fail.

use crate::Failure;

/// A source of uniformly random bytes.
pub trait Random {
    /// Fills all of `out`, or fails with [`crate::Code::Random`], in which case `out` must not be used.
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Failure>;
}
