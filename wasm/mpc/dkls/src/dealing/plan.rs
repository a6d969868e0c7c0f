//! Who deals what to whom, and the first round.

use alloc::boxed::Box;
use alloc::vec::Vec;
use locket_ceremony::{Ceremony, Code, Digest, Failure, Inbox, Outcome, Party, PartySet, Random, Step, Writer};

use crate::curve::{Point, Secret};
use crate::dealing::open::Opened;
use crate::dealing::opening::Opening;
use crate::pair::Setup;
use crate::polynomial::Polynomial;
use crate::proof::commit;
use crate::random;

/// One who deals.
pub struct Dealer {
    /// Its number in this ceremony.
    pub party: Party,
    /// What its constant must commit to; none if only knowledge of it is proven.
    pub constant: Option<Point>,
}

/// Where the chain code comes from.
#[derive(Clone, Copy)]
pub enum ChainCode {
    /// All dealers contribute.
    Contributed,
    /// The one dealer decides; present for that dealer itself only.
    Dealt(Option<Digest>),
    /// It is what it was.
    Kept(Option<Digest>),
}

/// The key whose sharing is replaced.
pub struct Old {
    /// Its id.
    pub key_id: Digest,
    /// The epoch of the sharing to be made.
    pub epoch: u32,
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
    /// How many of them will sign.
    pub threshold: u8,
    /// Those who deal, ascending.
    pub dealers: Vec<Dealer>,
    /// Where the chain code comes from.
    pub chain_code: ChainCode,
    /// The key, if it is not new.
    pub old: Option<Old>,
}

impl Plan {
    /// This party deals.
    pub fn deals(&self, party: Party) -> bool {
        self.dealers.iter().any(|dealer| dealer.party == party)
    }

    /// Opens the ceremony. `constant` is what this party deals, if it does.
    pub fn start(self, constant: Option<Secret>, random: &mut dyn Random) -> Result<Outcome, Failure> {
        let polynomial = constant.map(|constant| Polynomial::random(&constant, self.threshold, random).map(|p| (constant, p)));
        let (polynomial, opening) = match polynomial.transpose()? {
            Some((constant, polynomial)) => {
                let opening = Opening::new(&self, &constant, &polynomial, random)?;
                (Some(polynomial), opening.encode())
            }
            None => (None, Vec::new()),
        };
        let blind = *random::bytes::<32>(random)?;
        let mut broadcast = Writer::new();
        broadcast.raw(&self.context).raw(&commit(&self.context, self.me, &blind, &opening));
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
            plan,
            polynomial,
            opening,
            blind,
        } = *self;
        let commitments = read_commitments(&plan, inbox).map_err(|failure| failure.in_round(1))?;
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
                    crate::curve::write_scalar(&mut out, &polynomial.at(party));
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

fn read_commitments(plan: &Plan, inbox: Inbox<'_>) -> Result<Vec<Digest>, Failure> {
    let messages = inbox.from_all(&plan.parties, plan.me)?;
    let mut commitments = Vec::new();
    for message in messages {
        let mut reader = message.read_broadcast();
        let (context, commitment) = (reader.array::<32>()?, *reader.array()?);
        reader.end()?;
        message.read_direct().end()?;
        if *context != plan.context {
            return Err(Failure::retry_from(message.from, Code::Context));
        }
        commitments.push(commitment);
    }
    Ok(commitments)
}
