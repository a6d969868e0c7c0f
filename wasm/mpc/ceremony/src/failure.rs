//! How a ceremony fails: a class that tells the host what to do, and a code that tells it why.

use crate::Party;

/// What the host must do about a failure. Part 1 of `SPEC.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// The caller's fault: a request that no other party caused.
    Usage = 0,
    /// Nothing secret was at risk. A new session may be tried.
    Retry = 1,
    /// The named party failed a check that may leak a bit of a secret. Never run with these correlations again.
    Ban = 2,
    /// The named party sent what an honest party cannot have sent.
    Blame = 3,
}

/// Why a ceremony failed. The numbers are part of the binding: part 8 of `SPEC.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Code {
    /// The request does not decode.
    Request = 1,
    /// The request has a version this build does not know.
    Version = 2,
    /// No ceremony is open under this handle.
    Handle = 3,
    /// No such operation, suite or protocol.
    Unknown = 4,
    /// The parameters of a ceremony contradict themselves or each other.
    Parameters = 5,
    /// The share does not decode, or belongs to another suite.
    Share = 6,
    /// The host's source of randomness failed.
    Random = 7,
    /// The inbox does not hold exactly one message of every other party.
    Inbox = 8,
    /// Too many ceremonies are open.
    Full = 9,
    /// The presignature does not decode, or belongs to another key, sharing or set of parties.
    Presignature = 10,

    /// A message does not decode.
    Malformed = 20,
    /// A party runs another session, another protocol, another key, or other parameters.
    Context = 21,
    /// What was opened is not what was committed to.
    Commitment = 22,
    /// A proof of knowledge does not verify.
    Proof = 23,
    /// A fragment does not lie on the dealer's polynomial.
    Fragment = 24,
    /// A dealer dealt something else than its share.
    Constant = 25,
    /// The parties ended with different views of what happened.
    Confirmation = 26,
    /// The public key would be the identity.
    Identity = 27,

    /// The consistency check of oblivious transfer extension failed.
    Extension = 40,
    /// The consistency check of a multiplication failed.
    Multiplication = 41,
    /// A party multiplied other numbers than the ones it published.
    Product = 42,
    /// The published shares of the key do not sum to the public key.
    KeySum = 43,
    /// The signature does not verify.
    Signature = 44,
}

/// One failed ceremony or request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What to do about it.
    pub class: Class,
    /// Why.
    pub code: Code,
    /// Whose message showed it; none where no party can be named.
    pub party: Option<Party>,
    /// The round whose messages were being read, counted from 1; 0 before the first.
    pub round: u8,
}

impl Failure {
    /// The caller's fault.
    pub const fn usage(code: Code) -> Self {
        Self {
            class: Class::Usage,
            code,
            party: None,
            round: 0,
        }
    }

    /// Nothing was at risk; no party can be named.
    pub const fn retry(code: Code) -> Self {
        Self {
            class: Class::Retry,
            code,
            party: None,
            round: 0,
        }
    }

    /// Nothing was at risk; `party` sent what did not fit.
    pub const fn retry_from(party: Party, code: Code) -> Self {
        Self {
            class: Class::Retry,
            code,
            party: Some(party),
            round: 0,
        }
    }

    /// `party` failed a check that may leak.
    pub const fn ban(party: Party, code: Code) -> Self {
        Self {
            class: Class::Ban,
            code,
            party: Some(party),
            round: 0,
        }
    }

    /// `party` provably deviated.
    pub const fn blame(party: Party, code: Code) -> Self {
        Self {
            class: Class::Blame,
            code,
            party: Some(party),
            round: 0,
        }
    }

    /// The same failure, found in the messages of `round`.
    #[must_use]
    pub const fn in_round(mut self, round: u8) -> Self {
        self.round = round;
        self
    }
}
