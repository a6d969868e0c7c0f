//! Random scalars, bytes and bits from the host's source.

use locket_ceremony::{Failure, Random};
use zeroize::Zeroizing;

use crate::curve::{Secret, to_scalar};

/// `N` random bytes, overwritten when dropped.
pub fn bytes<const N: usize>(random: &mut dyn Random) -> Result<Zeroizing<[u8; N]>, Failure> {
    let mut out = Zeroizing::new([0; N]);
    random.fill(out.as_mut())?;
    Ok(out)
}

/// A random scalar other than 0: within 2^-127 of uniform.
pub fn scalar(random: &mut dyn Random) -> Result<Secret, Failure> {
    loop {
        let scalar = Zeroizing::new(to_scalar(*bytes::<32>(random)?));
        if !bool::from(scalar.is_zero()) {
            return Ok(scalar);
        }
    }
}
