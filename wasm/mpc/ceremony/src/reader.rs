//! Strict decoding: nothing is allocated before its length was checked, nothing may follow the end.

use crate::{Code, Failure, Party};

/// Reads one message or request from its start. Every failure is the one it was made with.
#[derive(Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    failure: Failure,
}

impl<'a> Reader<'a> {
    /// A request of the host. It fails with `usage`, `code`.
    pub const fn request(bytes: &'a [u8], code: Code) -> Self {
        Self {
            rest: bytes,
            failure: Failure::usage(code),
        }
    }

    /// A message of `from`. It fails with `retry`, [`Code::Malformed`], naming the sender.
    pub const fn message(bytes: &'a [u8], from: Party) -> Self {
        Self {
            rest: bytes,
            failure: Failure::retry_from(from, Code::Malformed),
        }
    }

    /// What this reader fails with. For checks beyond its own.
    pub const fn failure(&self) -> Failure {
        self.failure
    }

    /// The next `length` bytes.
    pub fn slice(&mut self, length: usize) -> Result<&'a [u8], Failure> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or(self.failure)?;
        self.rest = rest;
        Ok(head)
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], Failure> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(self.failure)?;
        self.rest = rest;
        Ok(head)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, Failure> {
        self.array::<1>().map(|&[byte]| byte)
    }

    /// Two bytes, least significant first.
    pub fn u16(&mut self) -> Result<u16, Failure> {
        self.array().map(|bytes| u16::from_le_bytes(*bytes))
    }

    /// Four bytes, least significant first.
    pub fn u32(&mut self) -> Result<u32, Failure> {
        self.array().map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// One byte that is 0 or 1.
    pub fn flag(&mut self) -> Result<bool, Failure> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.failure),
        }
    }

    /// One byte that is not 0.
    pub fn party(&mut self) -> Result<Party, Failure> {
        Party::new(self.u8()?).ok_or(self.failure)
    }

    /// A `u32` length and that many bytes.
    pub fn bytes(&mut self) -> Result<&'a [u8], Failure> {
        let length = self.u32()?;
        self.slice(usize::try_from(length).map_err(|_| self.failure)?)
    }

    /// All that was not read yet.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether everything was read.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Fails if anything is left.
    pub fn end(self) -> Result<(), Failure> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.failure) }
    }
}
