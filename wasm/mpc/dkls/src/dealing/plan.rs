//! Who deals what to whom, and the first round.

use alloc::boxed::Box;
use alloc::vec::Vec;
use locket_ceremony::{Ceremony, Code, Digest, Failure, Inbox, Outcome, Party, PartySet, Random, Reader, Step, Writer};

use crate::curve::{Point, Scalar, mul_public, write_scalar};
use crate::dealing::open::Opened;
use crate::dealing::opening::Opening;
use crate::pair::Setup;
use crate::polynomial::{Polynomial, lagrange};
use crate::proof::commit;
use crate::random;
use crate::share::Public;

/// Where the chain code comes from.
pub enum ChainCode {
    /// All dealers contribute.
    Contributed,
    /// The one dealer decides, or draws it; known beforehand to that dealer alone.
    Dealt(Option<Digest>),
    /// It is what it was.
    Kept,
}

/// The key whose shares are replaced.
pub struct Moved {
    key_id: Digest,
    /// The number of each dealer's old share, in the order of dealers.
    of_dealers: Vec<Party>,
    /// The same, ascending.
    holders: PartySet,
    /// The old sharing: known to dealers from the start, to others after the first round.
    pub old: Option<Public>,
}

impl Moved {
    /// Fails with [`Code::Parameters`] if a holder deals twice, or if `old` cannot be the sharing they hold.
    pub fn new(key_id: Digest, of_dealers: Vec<Party>, old: Option<Public>) -> Result<Self, Failure> {
        let mut numbers: Vec<u8> = of_dealers.iter().map(|party| party.number()).collect();
        numbers.sort_unstable();
        let moved = Self {
            key_id,
            of_dealers,
            holders: PartySet::new(&numbers)?,
            old: None,
        };
        if old.as_ref().is_some_and(|old| !moved.fits(old)) {
            return Err(Failure::usage(Code::Parameters));
        }
        Ok(Self { old, ..moved })
    }

    /// The old numbers of those who deal.
    pub const fn holders(&self) -> &PartySet {
        &self.holders
    }

    /// The number of a dealer's old share.
    pub fn holder_of(&self, dealers: &PartySet, dealer: Party) -> Option<Party> {
        dealers
            .iter()
            .zip(&self.of_dealers)
            .find(|(party, _)| *party == dealer)
            .map(|(_, holder)| *holder)
    }

    /// What the constant of a dealer must commit to.
    pub fn constant_of(&self, dealers: &PartySet, dealer: Party) -> Option<Point> {
        let holder = self.holder_of(dealers, dealer)?;
        Some(mul_public(self.old.as_ref()?.share(holder)?, &lagrange(&self.holders, holder)))
    }

    /// Enough deal, all of them hold a share, and the shares that are dealt are the key.
    fn fits(&self, old: &Public) -> bool {
        let mut sum = Point::IDENTITY;
        for holder in self.holders.iter() {
            let Some(share) = old.share(holder) else { return false };
            sum += mul_public(share, &lagrange(&self.holders, holder));
        }
        self.holders.count() >= usize::from(old.threshold) && old.key_id() == self.key_id && sum == old.key && old.epoch < u32::MAX
    }

    /// Reads what a dealer says the old sharing is. All must say the same.
    fn hear(&mut self, reader: &mut Reader<'_>, from: Party) -> Result<(), Failure> {
        let theirs = Public::read(reader)?;
        let same = match &self.old {
            Some(old) => *old == theirs,
            None => self.fits(&theirs),
        };
        if !same {
            return Err(Failure::retry_from(from, Code::Context));
        }
        self.old = Some(theirs);
        Ok(())
    }
}

/// What all rounds need to know.
pub struct Plan {
    /// Names the run and everything agreed on.
    pub context: Digest,
    /// This party.
    pub me: Party,
    /// All of the ceremony.
    pub parties: PartySet,
    /// Those who end with a share.
    pub committee: PartySet,
    /// Those who deal.
    pub dealers: PartySet,
    /// How many of the committee will sign.
    pub threshold: u8,
    /// Where the chain code comes from.
    pub chain_code: ChainCode,
    /// The key, if it is not new.
    pub moved: Option<Moved>,
}

impl Plan {
    /// Opens the ceremony. `constant` is what this party deals, if it does.
    pub fn start(self, constant: Option<&Scalar>, random: &mut dyn Random) -> Result<Outcome, Failure> {
        let (mut polynomial, mut opening) = (None, Vec::new());
        if let Some(constant) = constant {
            let dealt = Polynomial::random(constant, self.threshold, random)?;
            opening = Opening::new(&self, constant, &dealt, random)?.encode();
            polynomial = Some(dealt);
        }
        let blind = *random::bytes::<32>(random)?;
        let mut broadcast = Writer::new();
        broadcast.raw(&self.context).raw(&commit(&self.context, self.me, &blind, &opening));
        if self.dealers.contains(self.me)
            && let Some(old) = self.moved.as_ref().and_then(|moved| moved.old.as_ref())
        {
            broadcast.raw(&old.encode());
        }
        let direct = self.parties.others(self.me).map(|party| (party, Vec::new())).collect();
        let step = Step {
            round: 1,
            broadcast: broadcast.public(),
            direct,
        };
        Ok(Outcome::Next(
            step,
            Box::new(Committed {
                plan: self,
                polynomial,
                opening,
                blind,
            }),
        ))
    }
}

/// Committed to an opening.
struct Committed {
    plan: Plan,
    polynomial: Option<Polynomial>,
    opening: Vec<u8>,
    blind: Digest,
}

impl Ceremony for Committed {
    fn advance(self: Box<Self>, inbox: Inbox<'_>, random: &mut dyn Random) -> Result<Outcome, Failure> {
        let Self {
            mut plan,
            polynomial,
            opening,
            blind,
        } = *self;
        let commitments = read_commitments(&mut plan, inbox).map_err(|failure| failure.in_round(1))?;
        let mut setups = Vec::new();
        if plan.committee.contains(plan.me) {
            for peer in plan.committee.others(plan.me) {
                setups.push(Setup::new(&plan.context, plan.me, peer, random)?);
            }
        }
        let mut direct = Vec::new();
        for party in plan.parties.others(plan.me) {
            let mut out = Writer::new();
            if plan.committee.contains(party) {
                if let Some(polynomial) = &polynomial {
                    write_scalar(&mut out, &polynomial.at(party));
                }
                if let Some(setup) = setups.iter().find(|setup| setup.peer == party) {
                    setup.write(&mut out);
                }
            }
            direct.push((party, core::mem::take(&mut *out.secret())));
        }
        let mut broadcast = Writer::new();
        broadcast.raw(&blind).raw(&opening);
        let step = Step {
            round: 2,
            broadcast: broadcast.public(),
            direct,
        };
        let fragment = polynomial.map(|polynomial| polynomial.at(plan.me));
        Ok(Outcome::Next(
            step,
            Box::new(Opened {
                plan,
                fragment,
                opening,
                commitments,
                setups,
            }),
        ))
    }
}

fn read_commitments(plan: &mut Plan, inbox: Inbox<'_>) -> Result<Vec<Digest>, Failure> {
    let messages = inbox.from_all(&plan.parties, plan.me)?;
    let mut commitments = Vec::new();
    for message in messages {
        let mut reader = message.read_broadcast();
        if *reader.array::<32>()? != plan.context {
            return Err(Failure::retry_from(message.from, Code::Context));
        }
        commitments.push(*reader.array()?);
        if let Some(moved) = plan.moved.as_mut().filter(|_| plan.dealers.contains(message.from)) {
            moved.hear(&mut reader, message.from)?;
        }
        reader.end()?;
        message.read_direct().end()?;
    }
    Ok(commitments)
}
