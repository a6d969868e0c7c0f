//! The binding as a host sees it: requests and answers in bytes.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use locket_ceremony::{Failure, Hash, Random, Writer};
use locket_mpc::Binding;

const OPEN: u32 = 1;
const ADVANCE: u32 = 2;
const CLOSE: u32 = 3;
const DESCRIBE: u32 = 4;
const DERIVE: u32 = 5;
const MULTIPLY: u32 = 255;

struct Seeded(u64, u64);

impl Random for Seeded {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Failure> {
        for chunk in out.chunks_mut(32) {
            self.1 += 1;
            let block = Hash::new("test").with(&self.0.to_le_bytes()).with(&self.1.to_le_bytes()).finish();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

impl Seeded {
    fn below(&mut self, limit: usize) -> usize {
        let mut bytes = [0; 8];
        self.fill(&mut bytes).unwrap();
        usize::try_from(u64::from_le_bytes(bytes) % u64::try_from(limit).unwrap()).unwrap()
    }
}

fn request(fill: impl for<'a> FnOnce(&'a mut Writer) -> &'a mut Writer) -> Vec<u8> {
    let mut out = Writer::new();
    out.u8(1);
    fill(&mut out);
    out.public()
}

/// The error of an answer: class and code.
fn error(answer: &[u8]) -> Option<(u8, u16)> {
    (answer[0] == 1).then(|| {
        assert_eq!(answer.len(), 6);
        (answer[1], u16::from_le_bytes([answer[2], answer[3]]))
    })
}

fn usage(code: u16) -> Option<(u8, u16)> {
    Some((0, code))
}

fn open_generate(suite: u8, me: u8, t: u8, n: u8) -> Vec<u8> {
    request(|out| out.raw(&[suite, 1]).bytes(&[&[7; 32][..], &[me, t, n]].concat()))
}

fn reads(bytes: &[u8], at: &mut usize, width: usize) -> usize {
    let value = bytes[*at..*at + width]
        .iter()
        .rev()
        .fold(0, |value, byte| value * 256 + usize::from(*byte));
    *at += width;
    value
}

fn takes(bytes: &[u8], at: &mut usize) -> Vec<u8> {
    let length = reads(bytes, at, 4);
    *at += length;
    bytes[*at - length..*at].to_vec()
}

/// One party's step: what it broadcasts and sends to each, or its result.
enum Step {
    Send(Vec<u8>, Vec<(u8, Vec<u8>)>),
    End(Vec<u8>),
}

fn read_step(answer: &[u8], mut at: usize) -> Step {
    if reads(answer, &mut at, 1) == 1 {
        return Step::End(takes(answer, &mut at));
    }
    reads(answer, &mut at, 1);
    let broadcast = takes(answer, &mut at);
    let count = reads(answer, &mut at, 1);
    let direct = (0..count)
        .map(|_| (u8::try_from(reads(answer, &mut at, 1)).unwrap(), takes(answer, &mut at)))
        .collect();
    assert_eq!(at, answer.len());
    Step::Send(broadcast, direct)
}

fn advance(handle: u32, inbox: &[(u8, Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    request(|out| {
        out.u32(handle).u8(u8::try_from(inbox.len()).unwrap());
        inbox
            .iter()
            .fold(out, |out, (party, broadcast, direct)| out.u8(*party).bytes(broadcast).bytes(direct))
    })
}

/// Runs what was opened to its end. All parties live in one instance.
fn run(binding: &mut Binding, opened: &[(u8, Vec<u8>)], random: &mut Seeded) -> Vec<Vec<u8>> {
    let mut steps: Vec<(u8, u32, Step)> = opened
        .iter()
        .map(|(me, request)| {
            let answer = binding.call(OPEN, request, random);
            assert_eq!(answer[0], 0);
            let handle = u32::from_le_bytes(answer[1..5].try_into().unwrap());
            (*me, handle, read_step(&answer, 5))
        })
        .collect();
    loop {
        let inbox = |me: u8| -> Option<Vec<_>> {
            let others = steps.iter().filter(|(from, ..)| *from != me);
            others
                .map(|(from, _, step)| match step {
                    Step::Send(broadcast, direct) => {
                        let mine = direct.iter().find(|(to, _)| *to == me).unwrap().1.clone();
                        Some((*from, broadcast.clone(), mine))
                    }
                    Step::End(_) => None,
                })
                .collect()
        };
        let requests: Option<Vec<_>> = steps
            .iter()
            .map(|(me, handle, _)| Some((*me, *handle, advance(*handle, &inbox(*me)?))))
            .collect();
        let Some(requests) = requests else { break };
        steps = requests
            .into_iter()
            .map(|(me, handle, request)| {
                let answer = binding.call(ADVANCE, &request, random);
                assert_eq!(answer[0], 0);
                (me, handle, read_step(&answer, 1))
            })
            .collect();
    }
    let results = steps.into_iter().map(|(_, handle, step)| {
        // A ceremony that ended is gone.
        let closed = binding.call(CLOSE, &request(|out| out.u32(handle)), random);
        assert_eq!(error(&closed), usage(3));
        match step {
            Step::End(result) => result,
            Step::Send(..) => unreachable!(),
        }
    });
    results.collect()
}

#[test]
fn every_suite_makes_a_key_and_signs_with_it() {
    let (mut binding, mut random) = (Binding::new(), Seeded(80, 0));
    for suite in 1..=3u8 {
        let opened: Vec<_> = [1, 2].map(|me| (me, open_generate(suite, me, 2, 2))).into();
        let shares = run(&mut binding, &opened, &mut random);
        let described = binding.call(DESCRIBE, &request(|out| out.bytes(&shares[0])), &mut random);
        assert_eq!((described[0], described[1], described[34]), (0, suite, 1));
        let opened: Vec<_> = (1..)
            .zip(&shares)
            .map(|(me, share)| {
                let parameters = request(|out| out.raw(&[9; 32]).bytes(share).bytes(&[1, 2]).bytes(&[]).bytes(&[5; 32]));
                let signing = request(|out| out.raw(&[suite, 2]).bytes(&parameters[1..]));
                (me, signing)
            })
            .collect();
        let signatures = run(&mut binding, &opened, &mut random);
        assert_eq!(signatures[0], signatures[1]);
        assert_eq!(signatures[0].len(), if suite == 1 { 65 } else { 64 });
    }
}

#[test]
fn a_handle_is_given_once_and_gone_after_a_failure() {
    let (mut binding, mut random) = (Binding::new(), Seeded(81, 0));
    let mut open = |binding: &mut Binding| {
        let answer = binding.call(OPEN, &open_generate(2, 1, 2, 2), &mut random);
        (answer[0] == 0).then(|| u32::from_le_bytes(answer[1..5].try_into().unwrap()))
    };
    let handles: Vec<u32> = (0..64).map(|_| open(&mut binding).unwrap()).collect();
    assert_eq!(open(&mut binding), None);
    let mut random = Seeded(82, 0);
    let call = |binding: &mut Binding, op, request: &[u8], random: &mut Seeded| error(&binding.call(op, request, random));
    let close = |handle: u32| request(|out| out.u32(handle));
    // Closing makes room once.
    assert_eq!(call(&mut binding, CLOSE, &close(handles[3]), &mut random), None);
    assert_eq!(call(&mut binding, CLOSE, &close(handles[3]), &mut random), usage(3));
    assert_eq!(call(&mut binding, ADVANCE, &advance(handles[3], &[]), &mut random), usage(3));
    let answer = binding.call(OPEN, &open_generate(2, 1, 2, 2), &mut random);
    let next = u32::from_le_bytes(answer[1..5].try_into().unwrap());
    assert!(!handles.contains(&next));
    assert_eq!(error(&binding.call(OPEN, &open_generate(2, 1, 2, 2), &mut random)), usage(9));
    // An inbox that is not one, a wrong one, and a message that does not decode: each ends its ceremony.
    let garbage = vec![(2, vec![1; 32], vec![])];
    for (handle, request, expected) in [
        (handles[4], request(|out| out.u32(handles[4]).raw(&[9])), usage(1)),
        (handles[5], advance(handles[5], &[]), usage(8)),
        (handles[6], advance(handles[6], &[(3, vec![], vec![])]), usage(8)),
        (handles[7], advance(handles[7], &[(1, vec![], vec![])]), usage(8)),
        (handles[8], advance(handles[8], &garbage), Some((1, 21))),
    ] {
        assert_eq!(call(&mut binding, ADVANCE, &request, &mut random), expected);
        assert_eq!(call(&mut binding, CLOSE, &close(handle), &mut random), usage(3));
    }
}

#[test]
fn a_round_cannot_be_used_twice() {
    let (mut binding, mut random) = (Binding::new(), Seeded(83, 0));
    let first: Vec<_> = [1, 2].map(|me| binding.call(OPEN, &open_generate(2, me, 2, 2), &mut random)).into();
    let handle = u32::from_le_bytes(first[0][1..5].try_into().unwrap());
    let Step::Send(broadcast, direct) = read_step(&first[1], 5) else {
        unreachable!()
    };
    let request = advance(handle, &[(2, broadcast, direct[0].1.clone())]);
    let next = binding.call(ADVANCE, &request, &mut random);
    assert_eq!(next[0..3], [0, 0, 2]);
    // The same messages again are of the wrong round now, and the state of the first round is gone.
    let again = binding.call(ADVANCE, &request, &mut random);
    assert_eq!(error(&again).map(|(class, _)| class), Some(1));
    assert_eq!(error(&binding.call(ADVANCE, &request, &mut random)), usage(3));
}

#[test]
fn any_request_gets_an_answer() {
    let seed = 84;
    let runs = std::env::var("LOCKET_FUZZ_RUNS").map_or(20_000, |runs| runs.parse().unwrap());
    let (mut binding, mut random) = (Binding::new(), Seeded(seed, 0));
    let opened: Vec<_> = [1, 2].map(|me| (me, open_generate(2, me, 2, 2))).into();
    let share = run(&mut binding, &opened, &mut random).remove(0);
    let samples = [
        (OPEN, open_generate(2, 1, 2, 2)),
        (ADVANCE, advance(1, &[(2, vec![3; 40], vec![4; 5])])),
        (CLOSE, request(|out| out.u32(1))),
        (DESCRIBE, request(|out| out.bytes(&share))),
        (DERIVE, request(|out| out.bytes(&share).bytes(&[0; 8]))),
        (MULTIPLY, request(|out| out.u32(1))),
    ];
    for (op, sample) in &samples {
        for length in 0..sample.len() {
            let answer = binding.call(*op, &sample[..length], &mut random);
            assert_eq!(error(&answer).map(|(class, _)| class), Some(0), "op {op}, {length} bytes");
        }
        let long = [&sample[..], &[0]].concat();
        assert!(error(&binding.call(*op, &long, &mut random)).is_some(), "op {op}, a byte too many");
        for version in [0, 2, 255] {
            let mut other = sample.clone();
            other[0] = version;
            assert_eq!(error(&binding.call(*op, &other, &mut random)), usage(2));
        }
    }
    for op in [0, 6, 7, 254, 256, u32::MAX] {
        assert_eq!(error(&binding.call(op, &[1], &mut random)), usage(4));
    }
    assert_eq!(
        error(&binding.call(MULTIPLY, &request(|out| out.u32(65_537)), &mut random)),
        usage(1)
    );
    for run in 0..runs {
        let (op, sample) = &samples[random.below(samples.len() - 1)];
        let mut request = sample.clone();
        for _ in 0..=random.below(4) {
            let at = random.below(request.len());
            request[at] = [0, 1, 2, 3, 127, 128, 254, 255][random.below(8)];
        }
        if random.below(4) == 0 {
            request.truncate(random.below(request.len() + 1));
        }
        let answer = binding.call(*op, &request, &mut random);
        assert!(
            answer[0] == 0 || error(&answer).is_some_and(|(class, _)| class <= 1),
            "seed {seed}, run {run}"
        );
        // Whatever was opened makes room again.
        if *op == OPEN && answer[0] == 0 {
            let handle = u32::from_le_bytes(answer[1..5].try_into().unwrap());
            drop(binding.call(CLOSE, &[&[1][..], &handle.to_le_bytes()].concat(), &mut random));
        }
    }
}
