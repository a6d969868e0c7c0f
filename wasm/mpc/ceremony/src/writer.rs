//! The inverse of the reader.

use alloc::vec::Vec;
use zeroize::{Zeroize, Zeroizing};

use crate::Party;

/// Writes one message or answer. What it held is overwritten when it grows or goes.
#[derive(Default)]
pub struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty one with room for `length` bytes.
    pub fn with_capacity(length: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(length)))
    }

    /// Appends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        let needed = self.0.len().saturating_add(bytes.len());
        if needed > self.0.capacity() {
            // A vector that grows by itself would leave its old room behind as it was.
            let mut grown = Vec::with_capacity(needed.max(self.0.capacity().saturating_mul(2)));
            grown.extend_from_slice(&self.0);
            self.0.zeroize();
            *self.0 = grown;
        }
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends one byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.raw(&[value])
    }

    /// Appends two bytes, least significant first.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    /// Appends four bytes, least significant first.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    /// Appends 0 or 1.
    pub fn flag(&mut self, value: bool) -> &mut Self {
        self.u8(u8::from(value))
    }

    /// Appends the number of a party.
    pub fn party(&mut self, party: Party) -> &mut Self {
        self.u8(party.number())
    }

    /// Appends a `u32` length and the bytes. Nothing a ceremony writes is near 4 GiB.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX)).raw(bytes)
    }

    /// How many bytes were written.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was written, for everybody to see. It is not overwritten when dropped.
    pub fn public(mut self) -> Vec<u8> {
        core::mem::take(&mut *self.0)
    }

    /// What was written, overwritten when dropped.
    pub fn secret(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}
