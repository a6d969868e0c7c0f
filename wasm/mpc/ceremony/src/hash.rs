//! SHA-256 over labelled, length-prefixed parts, so that no two different inputs are the same bytes.

use sha2::{Digest as _, Sha256};

/// What a hash gives.
pub type Digest = [u8; 32];

/// A hash under way. Part 2 of `SPEC.md`:
/// `SHA-256(len(domain) || domain || len(part_1) || part_1 || ...)`, each length a `u32`, least significant byte first.
#[derive(Clone)]
pub struct Hash(Sha256);

impl Hash {
    /// Begins one. `domain` says what for; no two uses share one.
    pub fn new(domain: &str) -> Self {
        Self(Sha256::new()).with(domain.as_bytes())
    }

    /// With one more part.
    #[must_use]
    pub fn with(mut self, part: &[u8]) -> Self {
        self.add(part);
        self
    }

    /// With one more part of one byte.
    #[must_use]
    pub fn with_u8(self, part: u8) -> Self {
        self.with(&[part])
    }

    /// Adds a part.
    pub fn add(&mut self, part: &[u8]) {
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        self.0.update(length.to_le_bytes());
        self.0.update(part);
    }

    /// The digest of all parts.
    pub fn finish(self) -> Digest {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let digest = |parts: &[&[u8]]| parts.iter().fold(Hash::new("test"), |hash, part| hash.with(part)).finish();
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert_ne!(digest(&[b"abc"]), digest(&[b"abc", b""]));
        assert_ne!(Hash::new("a").with(b"b").finish(), Hash::new("ab").with(b"").finish());
    }

    #[test]
    fn is_sha_256_of_the_documented_bytes() {
        let mut hash = Sha256::new();
        hash.update(b"\x04\0\0\0test\x02\0\0\0hi\x01\0\0\0\x07");
        let expected: Digest = hash.finalize().into();
        assert_eq!(Hash::new("test").with(b"hi").with_u8(7).finish(), expected);
    }
}
