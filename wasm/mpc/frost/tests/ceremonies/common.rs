//! Runs ceremonies among parties in one process, with a hand between them that may change what is sent.
use std::collections::BTreeMap;

use locket_ceremony::{Failure, Inbox, Message, Outcome, Party, Random, Writer};
use sha2::{Digest, Sha256};

/// Random bytes that a seed determines.
pub struct Seeded(Sha256);

impl Seeded {
    pub fn new(seed: &str) -> Self {
        Self(Sha256::new_with_prefix(seed))
    }
}

impl Random for Seeded {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Failure> {
        for chunk in out.chunks_mut(32) {
            self.0.update([1]);
            chunk.copy_from_slice(&self.0.clone().finalize()[..chunk.len()]);
        }
        Ok(())
    }
}

/// A message on its way.
pub struct Letter<'a> {
    pub round: u8,
    pub from: u8,
    pub to: u8,
    pub broadcast: &'a mut Vec<u8>,
    pub direct: &'a mut Vec<u8>,
}

pub type Results = BTreeMap<u8, Result<Vec<u8>, Failure>>;

/// Opens a ceremony for each party; `parameters` are those of one.
pub fn open(suite: u8, protocol: u8, parties: &[u8], seed: &str, parameters: impl Fn(u8) -> Vec<u8>) -> BTreeMap<u8, Outcome> {
    let open = |&party: &u8| {
        let mut random = Seeded::new(&format!("{seed} {party}"));
        (party, locket_frost::open(suite, protocol, &parameters(party), &mut random).unwrap())
    };
    parties.iter().map(open).collect()
}

/// Runs a ceremony until it ends or somebody fails. Then only those who failed have a result.
pub fn run(mut outcomes: BTreeMap<u8, Outcome>, mut hand: impl FnMut(Letter<'_>)) -> Results {
    loop {
        let mut steps = BTreeMap::new();
        let mut states = BTreeMap::new();
        let mut done = Results::new();
        for (party, outcome) in outcomes {
            match outcome {
                Outcome::Next(step, state) => {
                    steps.insert(party, step);
                    states.insert(party, state);
                }
                Outcome::Done(result) => {
                    done.insert(party, Ok(result.to_vec()));
                }
            }
        }
        if states.is_empty() {
            return done;
        }
        assert!(done.is_empty(), "a party ended before the others");
        let mut failed = Results::new();
        outcomes = BTreeMap::new();
        for (to, state) in states {
            let mut mail = Vec::new();
            for (&from, step) in steps.iter().filter(|(from, _)| **from != to) {
                let mut broadcast = step.broadcast.clone();
                let mut direct = step
                    .direct
                    .iter()
                    .find(|(party, _)| party.number() == to)
                    .expect("a message for each")
                    .1
                    .clone();
                hand(Letter {
                    round: step.round,
                    from,
                    to,
                    broadcast: &mut broadcast,
                    direct: &mut direct,
                });
                mail.push((Party::new(from).unwrap(), broadcast, direct));
            }
            let mail = mail
                .iter()
                .map(|(from, broadcast, direct)| Message {
                    from: *from,
                    broadcast,
                    direct,
                })
                .collect();
            match state.advance(Inbox::new(mail), &mut Seeded::new("later")) {
                Ok(outcome) => {
                    outcomes.insert(to, outcome);
                }
                Err(failure) => {
                    failed.insert(to, Err(failure));
                }
            }
        }
        if !failed.is_empty() {
            return failed;
        }
    }
}

/// Runs with nobody between, and wants everybody to end well.
pub fn run_well(outcomes: BTreeMap<u8, Outcome>) -> BTreeMap<u8, Vec<u8>> {
    run(outcomes, |_| {})
        .into_iter()
        .map(|(party, result)| (party, result.unwrap()))
        .collect()
}

pub const SESSION: [u8; 32] = [7; 32];

/// Parameters in the order of the arguments: numbers as they are, the rest as `bytes`.
pub fn parameters(numbers: &[u8], bytes: &[&[u8]]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.raw(&SESSION).raw(numbers);
    for bytes in bytes {
        writer.bytes(bytes);
    }
    writer.public()
}

pub type Shares = BTreeMap<u8, Vec<u8>>;

/// Makes a key of `t` of `n`.
pub fn keygen(suite: u8, t: u8, n: u8, seed: &str) -> Shares {
    let parties: Vec<u8> = (1..=n).collect();
    run_well(open(suite, 1, &parties, seed, |me| parameters(&[me, t, n], &[])))
}

/// Opens a signing ceremony.
pub fn open_sign(suite: u8, shares: &Shares, signers: &[u8], root: &[u8], message: &[u8], seed: &str) -> BTreeMap<u8, Outcome> {
    open(suite, 2, signers, seed, |me| {
        parameters(&[], &[&shares[&me], signers, root, message])
    })
}

/// Signs, and wants all to have the same signature.
pub fn sign(suite: u8, shares: &Shares, signers: &[u8], root: &[u8], message: &[u8]) -> Vec<u8> {
    let signatures = run_well(open_sign(suite, shares, signers, root, message, "sign"));
    let first = signatures.values().next().unwrap().clone();
    assert!(signatures.values().all(|signature| *signature == first));
    first
}

/// The key id in a share's header.
pub fn key_id(share: &[u8]) -> &[u8] {
    &share[2..34]
}

/// Opens a refresh among all.
pub fn open_refresh(suite: u8, shares: &Shares) -> BTreeMap<u8, Outcome> {
    let parties: Vec<u8> = shares.keys().copied().collect();
    open(suite, 3, &parties, "refresh", |me| parameters(&[], &[&shares[&me]]))
}

/// Opens a resharing. `dealers` are pairs of a party of the ceremony and its old index.
pub fn open_reshare(suite: u8, old: &Shares, t: u8, n: u8, dealers: &[(u8, u8)]) -> BTreeMap<u8, Outcome> {
    let pairs: Vec<u8> = dealers.iter().flat_map(|(party, index)| [*party, *index]).collect();
    let mut parties: Vec<u8> = (1..=n).chain(dealers.iter().map(|(party, _)| *party)).collect();
    parties.sort_unstable();
    parties.dedup();
    open(suite, 4, &parties, "reshare", |me| {
        let share = dealers
            .iter()
            .find(|(party, _)| *party == me)
            .map_or(&[][..], |(_, index)| &old[index]);
        with_key_id(parameters(&[me, t, n], &[&pairs]), key_id(&old[&dealers[0].1]), share)
    })
}

/// Opens a repair of a lost share.
pub fn open_repair(suite: u8, shares: &Shares, helpers: &[u8], lost: u8) -> BTreeMap<u8, Outcome> {
    let mut parties = helpers.to_vec();
    parties.push(lost);
    parties.sort_unstable();
    open(suite, 5, &parties, "repair", |me| {
        let share = if me == lost { &[][..] } else { &shares[&me] };
        with_key_id(parameters(&[lost], &[helpers]), key_id(&shares[&helpers[0]]), share)
    })
}

/// Opens an import of a whole key by `dealer`.
pub fn open_import(suite: u8, t: u8, n: u8, dealer: u8, form: u8, secret: &[u8]) -> BTreeMap<u8, Outcome> {
    let parties: Vec<u8> = (1..=n).collect();
    open(suite, 6, &parties, "import", |me| {
        parameters(&[me, t, n, dealer, form], &[if me == dealer { secret } else { b"" }])
    })
}

/// Opens an export of a whole key to `receiver`.
pub fn open_export(suite: u8, shares: &Shares, parties: &[u8], receiver: u8) -> BTreeMap<u8, Outcome> {
    open(suite, 7, parties, "export", |me| {
        let mut all = parameters(&[], &[&shares[&me], parties]);
        all.push(receiver);
        all
    })
}

fn with_key_id(mut all: Vec<u8>, key_id: &[u8], share: &[u8]) -> Vec<u8> {
    all.extend_from_slice(key_id);
    all.extend_from_slice(&u32::try_from(share.len()).unwrap().to_le_bytes());
    all.extend_from_slice(share);
    all
}
