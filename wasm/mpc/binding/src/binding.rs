//! Requests, answers, and the ceremonies under way.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use locket_ceremony::{Ceremony, Code, Failure, Inbox, Outcome, Random, Reader, Writer};
use zeroize::Zeroizing;

use crate::suites;

/// The version of requests.
const VERSION: u8 = 1;

/// The most ceremonies open at once.
const MAX_OPEN: usize = 64;

/// The most multiplications that one request may time.
const MAX_MULTIPLICATIONS: u32 = 1 << 16;

/// The ceremonies under way, by handle. A handle is never given out twice.
#[derive(Default)]
pub struct Binding {
    open: BTreeMap<u32, Box<dyn Ceremony>>,
    last: u32,
}

impl Binding {
    /// Nothing under way.
    pub const fn new() -> Self {
        Self {
            open: BTreeMap::new(),
            last: 0,
        }
    }

    /// Answers one request: status 0 and the payload, or status 1 and the error. Both may hold secrets.
    pub fn call(&mut self, op: u32, request: &[u8], random: &mut dyn Random) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::new();
        match self.answer(op, request, random) {
            Ok(payload) => out.u8(0).raw(&payload),
            Err(Failure { class, code, party, round }) => {
                let party = party.map_or(0, |party| party.number());
                out.u8(1).u8(class as u8).u16(code as u16).u8(party).u8(round)
            }
        };
        out.secret()
    }

    fn answer(&mut self, op: u32, request: &[u8], random: &mut dyn Random) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let mut reader = Reader::request(request, Code::Request);
        if reader.u8()? != VERSION {
            return Err(Failure::usage(Code::Version));
        }
        match op {
            1 => self.open(reader, random),
            2 => self.advance(reader, random),
            3 => self.close(reader),
            4 => {
                let share = reader.bytes()?;
                reader.end()?;
                suites::describe(share).map(Zeroizing::new)
            }
            5 => locket_dkls::derive_key(reader.rest()).map(Zeroizing::new),
            255 => multiply(reader),
            _ => Err(Failure::usage(Code::Unknown)),
        }
    }

    /// `suite: u8, protocol: u8, parameters: bytes` to `handle: u32` and a step.
    fn open(&mut self, mut reader: Reader<'_>, random: &mut dyn Random) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let (suite, protocol, parameters) = (reader.u8()?, reader.u8()?, reader.bytes()?);
        reader.end()?;
        let handle = self
            .last
            .checked_add(1)
            .filter(|_| self.open.len() < MAX_OPEN)
            .ok_or(Failure::usage(Code::Full))?;
        let outcome = suites::open(suite, protocol, parameters, random)?;
        self.last = handle;
        let mut out = Writer::new();
        out.u32(handle);
        self.keep(handle, outcome, &mut out);
        Ok(out.secret())
    }

    /// `handle: u32` and an inbox to a step. The handle is gone if it fails.
    fn advance(&mut self, mut reader: Reader<'_>, random: &mut dyn Random) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let handle = reader.u32()?;
        let ceremony = self.open.remove(&handle).ok_or(Failure::usage(Code::Handle))?;
        let inbox = Inbox::decode(&mut reader)?;
        reader.end()?;
        let outcome = ceremony.advance(inbox, random)?;
        let mut out = Writer::new();
        self.keep(handle, outcome, &mut out);
        Ok(out.secret())
    }

    /// `handle: u32` to nothing. The state is overwritten.
    fn close(&mut self, mut reader: Reader<'_>) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let handle = reader.u32()?;
        reader.end()?;
        self.open.remove(&handle).ok_or(Failure::usage(Code::Handle))?;
        Ok(Zeroizing::default())
    }

    fn keep(&mut self, handle: u32, outcome: Outcome, out: &mut Writer) {
        outcome.encode(out);
        if let Outcome::Next(_, next) = outcome {
            self.open.insert(handle, next);
        }
    }
}

/// `count: u32` to the last of as many products of the generator: the measure of everything else.
fn multiply(mut reader: Reader<'_>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let count = reader.u32()?;
    reader.end()?;
    if count > MAX_MULTIPLICATIONS {
        return Err(Failure::usage(Code::Request));
    }
    Ok(Zeroizing::new(locket_dkls::multiply_generator(count).to_vec()))
}
