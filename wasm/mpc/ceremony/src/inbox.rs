//! What a party received in one round.

use alloc::vec::Vec;

use crate::{Code, Failure, Party, PartySet, Reader};

/// What one party sent to this one in a round. Every byte of it is hostile.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// Who sent it, as the channel below authenticated.
    pub from: Party,
    /// What it sent to everybody.
    pub broadcast: &'a [u8],
    /// What it sent to this party alone.
    pub direct: &'a [u8],
}

impl<'a> Message<'a> {
    /// Reads the broadcast.
    pub const fn read_broadcast(&self) -> Reader<'a> {
        Reader::message(self.broadcast, self.from)
    }

    /// Reads the direct message.
    pub const fn read_direct(&self) -> Reader<'a> {
        Reader::message(self.direct, self.from)
    }
}

/// The messages of one round, one from each other party, ascending.
pub struct Inbox<'a>(Vec<Message<'a>>);

impl<'a> Inbox<'a> {
    /// Takes messages as they are; [`Inbox::from_all`] is what checks them.
    pub const fn new(messages: Vec<Message<'a>>) -> Self {
        Self(messages)
    }

    /// Decodes `count: u8, count * (party: u8, broadcast: bytes, direct: bytes)`.
    ///
    /// Fails with [`Code::Request`].
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, Failure> {
        (0..reader.u8()?)
            .map(|_| {
                Ok(Message {
                    from: reader.party()?,
                    broadcast: reader.bytes()?,
                    direct: reader.bytes()?,
                })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The messages, if there is exactly one from each of `parties` but `me`, ascending.
    ///
    /// Fails with [`Code::Inbox`].
    pub fn from_all(self, parties: &PartySet, me: Party) -> Result<Vec<Message<'a>>, Failure> {
        if self.0.iter().map(|message| message.from).eq(parties.others(me)) {
            Ok(self.0)
        } else {
            Err(Failure::usage(Code::Inbox))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn from(numbers: &[u8]) -> Inbox<'static> {
        Inbox::new(
            numbers
                .iter()
                .filter_map(|&n| Party::new(n))
                .map(|from| Message {
                    from,
                    broadcast: b"",
                    direct: b"",
                })
                .collect(),
        )
    }

    #[test]
    fn wants_one_message_of_every_other_party() -> Result<(), Failure> {
        let parties = PartySet::first(3)?;
        let me = parties.iter().nth(1).ok_or(Failure::usage(Code::Parameters))?;
        assert_eq!(from(&[1, 3]).from_all(&parties, me)?.len(), 2);
        for wrong in [
            vec![1],
            vec![3],
            vec![3, 1],
            vec![1, 1],
            vec![1, 2, 3],
            vec![1, 3, 4],
            vec![1, 3, 3],
            vec![],
        ] {
            assert_eq!(
                from(&wrong).from_all(&parties, me).err(),
                Some(Failure::usage(Code::Inbox)),
                "{wrong:?}"
            );
        }
        Ok(())
    }

    #[test]
    fn decodes_strictly() -> Result<(), Failure> {
        let bytes = b"\x01\x02\x01\0\0\0b\x02\0\0\0dd";
        let mut reader = Reader::request(bytes, Code::Request);
        let inbox = Inbox::decode(&mut reader)?;
        reader.end()?;
        let [message] = inbox.0.as_slice() else {
            return Err(Failure::usage(Code::Inbox));
        };
        assert_eq!(
            (message.from.number(), message.broadcast, message.direct),
            (2, &b"b"[..], &b"dd"[..])
        );
        for length in 0..bytes.len() {
            let cut = bytes.get(..length).unwrap_or_default();
            assert_eq!(
                Inbox::decode(&mut Reader::request(cut, Code::Request)).err(),
                Some(Failure::usage(Code::Request))
            );
        }
        let huge = b"\x01\x02\xff\xff\xff\xff";
        assert_eq!(
            Inbox::decode(&mut Reader::request(huge, Code::Request)).err(),
            Some(Failure::usage(Code::Request))
        );
        Ok(())
    }
}
