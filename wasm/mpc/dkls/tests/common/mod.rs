//! Runs ceremonies of several parties in one process, with a hook between them.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use locket_ceremony::{Ceremony, Code, Failure, Hash, Inbox, Message, Outcome, Party, Random, Step, Writer};

pub struct TestRandom(pub u64, u64);

impl TestRandom {
    pub fn seeded(seed: u64) -> Self {
        Self(seed, 0)
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes).unwrap();
        bytes
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(u64::from_le_bytes(self.bytes(8).try_into().unwrap()) % u64::try_from(limit).unwrap()).unwrap()
    }
}

impl Random for TestRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Failure> {
        for chunk in out.chunks_mut(32) {
            let block = Hash::new("test").with(&self.0.to_le_bytes()).with(&self.1.to_le_bytes()).finish();
            self.1 += 1;
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

pub fn party(number: u8) -> Party {
    Party::new(number).unwrap()
}

/// What each party sent in one round, as the channel would carry it.
#[derive(Clone)]
pub struct Sent {
    pub from: Party,
    pub round: u8,
    pub broadcast: Vec<u8>,
    pub direct: Vec<(Party, Vec<u8>)>,
}

impl Sent {
    fn new(from: Party, step: &Step) -> Self {
        Self {
            from,
            round: step.round,
            broadcast: step.broadcast.clone(),
            direct: step.direct.clone(),
        }
    }

    pub fn to(&mut self, number: u8) -> &mut Vec<u8> {
        &mut self.direct.iter_mut().find(|(party, _)| party.number() == number).unwrap().1
    }
}

enum State {
    Running(Box<dyn Ceremony>),
    Ended(Result<Vec<u8>, Failure>),
}

pub type Opened = (u8, Result<Outcome, Failure>);

pub fn open(number: u8, protocol: u8, parameters: &[u8], random: &mut TestRandom) -> Opened {
    (number, locket_dkls::open(protocol, parameters, random))
}

/// Runs to the end. `tamper` may change what `to` gets of what was sent.
pub fn run(opened: Vec<Opened>, random: &mut TestRandom, mut tamper: impl FnMut(Party, &mut Sent)) -> Vec<Result<Vec<u8>, Failure>> {
    let mut sent = Vec::new();
    let mut states = Vec::new();
    for (number, outcome) in opened {
        match outcome {
            Ok(Outcome::Next(step, state)) => {
                sent.push(Sent::new(party(number), &step));
                states.push((party(number), State::Running(state)));
            }
            Ok(Outcome::Done(result)) => states.push((party(number), State::Ended(Ok(result.to_vec())))),
            Err(failure) => states.push((party(number), State::Ended(Err(failure)))),
        }
    }
    loop {
        let mut next = Vec::new();
        let mut running = false;
        states = states
            .into_iter()
            .map(|(me, state)| {
                let State::Running(state) = state else { return (me, state) };
                let mut seen: Vec<Sent> = sent.iter().filter(|sent| sent.from != me).cloned().collect();
                seen.iter_mut().for_each(|sent| tamper(me, sent));
                if seen.len() + 1 != sent.len() || sent.iter().any(|one| one.round != sent[0].round) {
                    return (me, State::Ended(Err(Failure::usage(Code::Inbox))));
                }
                let messages = seen
                    .iter()
                    .map(|sent| Message {
                        from: sent.from,
                        broadcast: &sent.broadcast,
                        direct: &sent.direct.iter().find(|(to, _)| *to == me).unwrap().1,
                    })
                    .collect();
                let state = match state.advance(Inbox::new(messages), random) {
                    Ok(Outcome::Next(step, state)) => {
                        next.push(Sent::new(me, &step));
                        running = true;
                        State::Running(state)
                    }
                    Ok(Outcome::Done(result)) => State::Ended(Ok(result.to_vec())),
                    Err(failure) => State::Ended(Err(failure)),
                };
                (me, state)
            })
            .collect();
        if !running {
            return states
                .into_iter()
                .map(|(_, state)| match state {
                    State::Ended(result) => result,
                    State::Running(_) => unreachable!(),
                })
                .collect();
        }
        sent = next;
    }
}

pub fn honest(_: Party, _: &mut Sent) {}

pub fn results(results: Vec<Result<Vec<u8>, Failure>>) -> Vec<Vec<u8>> {
    results.into_iter().map(|result| result.unwrap()).collect()
}

pub const GENERATE: u8 = 1;
pub const SIGN: u8 = 2;
pub const REFRESH: u8 = 3;
pub const RESHARE: u8 = 4;
pub const IMPORT: u8 = 6;
pub const EXPORT: u8 = 7;
pub const PRESIGN: u8 = 8;
pub const FINISH: u8 = 9;

pub fn write(fill: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::new();
    fill(&mut out);
    out.secret().to_vec()
}

pub fn open_generate(session: u8, t: u8, n: u8, random: &mut TestRandom) -> Vec<Opened> {
    (1..=n)
        .map(|me| open(me, GENERATE, &[&[session; 32][..], &[me, t, n]].concat(), random))
        .collect()
}

pub fn generate(t: u8, n: u8, random: &mut TestRandom) -> Vec<Vec<u8>> {
    let opened = open_generate(1, t, n, random);
    results(run(opened, random, honest))
}

pub struct Signing<'a> {
    pub session: u8,
    pub signers: &'a [u8],
    pub path: &'a [u32],
    pub digests: &'a [[u8; 32]],
}

impl Signing<'_> {
    /// Parameters up to what is signed.
    pub fn parameters(&self, share: &[u8]) -> Vec<u8> {
        let path: Vec<u8> = self.path.iter().flat_map(|index| index.to_le_bytes()).collect();
        write(|out| {
            out.raw(&[self.session; 32]).bytes(share).bytes(self.signers).bytes(&path);
        })
    }

    pub fn open(&self, shares: &[Vec<u8>], random: &mut TestRandom) -> Vec<Opened> {
        self.signers
            .iter()
            .map(|&me| {
                let share = &shares[usize::from(me) - 1];
                let mut parameters = self.parameters(share);
                parameters.extend(u32::try_from(32 * self.digests.len()).unwrap().to_le_bytes());
                parameters.extend(self.digests.concat());
                open(me, SIGN, &parameters, random)
            })
            .collect()
    }

    pub fn open_presign(&self, shares: &[Vec<u8>], count: usize, random: &mut TestRandom) -> Vec<Opened> {
        let count = u8::try_from(count).unwrap();
        let open = |&me: &u8| {
            let parameters = [self.parameters(&shares[usize::from(me) - 1]), vec![count]].concat();
            open(me, PRESIGN, &parameters, random)
        };
        self.signers.iter().map(open).collect()
    }
}

pub fn finish(session: u8, share: &[u8], presignature: &[u8], digest: &[u8; 32]) -> Vec<u8> {
    write(|out| {
        out.raw(&[session; 32]).bytes(share).bytes(presignature).raw(digest);
    })
}

/// What `describe` gives: key id, party, epoch, t, n, public key, public part.
pub fn describe(share: &[u8]) -> (Vec<u8>, [u8; 7], Vec<u8>, Vec<u8>) {
    let bytes = locket_dkls::describe(share).unwrap();
    assert_eq!((bytes[0], &bytes[40..44]), (1, &[33, 0, 0, 0][..]));
    (
        bytes[1..33].to_vec(),
        bytes[33..40].try_into().unwrap(),
        bytes[44..77].to_vec(),
        bytes[81..].to_vec(),
    )
}

/// The public part of a share.
pub fn public(share: &[u8]) -> Vec<u8> {
    describe(share).3
}

/// The public key of a share, at the end of a path.
pub fn key(share: &[u8], path: &[u32]) -> Vec<u8> {
    let path: Vec<u8> = path.iter().flat_map(|index| index.to_le_bytes()).collect();
    let parameters = write(|out| {
        out.bytes(&public(share)).bytes(&path);
    });
    locket_dkls::derive_key(&parameters).unwrap()[4..37].to_vec()
}

/// Checks with k256's own ECDSA, which the crate does not use, that each signature is one, with low s, and recovers the key.
pub fn verify(result: &[u8], key: &[u8], digests: &[[u8; 32]]) {
    use k256::ecdsa::signature::hazmat::PrehashVerifier;
    use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
    assert_eq!(result.len(), 65 * digests.len());
    let key = VerifyingKey::from_sec1_bytes(key).unwrap();
    for (one, digest) in result.chunks(65).zip(digests) {
        let signature = Signature::from_slice(&one[..64]).unwrap();
        key.verify_prehash(digest, &signature).unwrap();
        assert_eq!(signature.normalize_s(), signature);
        let recovered = VerifyingKey::recover_from_prehash(digest, &signature, RecoveryId::from_byte(one[64]).unwrap());
        assert_eq!(recovered.unwrap(), key);
    }
}
