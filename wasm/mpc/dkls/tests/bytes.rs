//! What goes over the wire is pinned, and nothing that comes over it or out of a store makes the crate panic.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod common;
use common::*;
use locket_ceremony::{Class, Hash};

/// One of these changes only together with the version of the specification.
#[test]
fn messages_are_what_they_were() {
    let mut random = TestRandom::seeded(50);
    let mut pinned = Vec::new();
    let mut pin = |name: &str, bytes: &[u8]| {
        let digest = Hash::new("test").with(bytes).finish();
        let hex: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        pinned.push(format!("{name} {} {hex}", bytes.len()));
    };
    fn each<'a>(pin: &'a mut impl FnMut(&str, &[u8]), protocol: &'a str) -> impl FnMut(locket_ceremony::Party, &mut Sent) + 'a {
        move |to, sent| {
            if (to.number(), sent.from.number()) == (2, 1) {
                pin(&format!("{protocol} {} broadcast", sent.round), &sent.broadcast);
                pin(&format!("{protocol} {} direct", sent.round), sent.to(2));
            }
        }
    }
    let opened = open_generate(1, 2, 2, &mut random);
    let shares = results(run(opened, &mut random, each(&mut pin, "generate")));
    pin("share", &shares[0]);
    pin("public half", &public(&shares[0]));
    let signing = Signing {
        session: 2,
        signers: &[1, 2],
        path: &[3],
        digests: &[[4; 32]],
    };
    let opened = signing.open(&shares, &mut random);
    let signatures = results(run(opened, &mut random, each(&mut pin, "sign")));
    pin("signature", &signatures[0]);
    let opened = signing.open_presign(&shares, 1, &mut random);
    let presignatures = results(run(opened, &mut random, honest));
    pin("presignature", &presignatures[0]);
    let opened = (1..)
        .zip(&presignatures)
        .zip(&shares)
        .map(|((me, one), share)| open(me, FINISH, &finish(5, share, &one[4..], &[6; 32]), &mut random))
        .collect();
    results(run(opened, &mut random, each(&mut pin, "finish")));
    assert_eq!(pinned, PINNED);
}

const PINNED: [&str; 18] = [
    "generate 1 broadcast 64 b338e80195a24cae",
    "generate 1 direct 0 27de221d4713c069",
    "generate 2 broadcast 195 1f586f97bad59bd6",
    "generate 2 direct 8545 ed7efb29f494aa66",
    "generate 3 broadcast 32 38f2734039c76f3b",
    "generate 3 direct 32 67e7fdf2b241508c",
    "share 12541 67db2c83fe5b7455",
    "public half 171 659a647934501baf",
    "sign 1 broadcast 64 3ae4cec826745a29",
    "sign 1 direct 12336 6d1686f9cf996710",
    "sign 2 broadcast 98 60e5114777d9bcaa",
    "sign 2 direct 40130 df1d1d67d00bd0b7",
    "sign 3 broadcast 64 ce23a6c06007245d",
    "sign 3 direct 0 27de221d4713c069",
    "signature 65 b5cccc771c737c0e",
    "presignature 236 44c6136515fed098",
    "finish 1 broadcast 96 a5331092636ec020",
    "finish 1 direct 0 27de221d4713c069",
];

fn runs() -> usize {
    std::env::var("LOCKET_FUZZ_RUNS").map_or(300, |runs| runs.parse().unwrap())
}

/// Changed in one to four places, cut, continued, or replaced.
fn mutate(bytes: &mut Vec<u8>, random: &mut TestRandom) {
    match random.below(6) {
        0 => bytes.truncate(random.below(bytes.len() + 1)),
        1 => {
            let more = 1 + random.below(9);
            bytes.extend(random.bytes(more));
        }
        2 => {
            let length = random.below(200);
            *bytes = random.bytes(length);
        }
        _ if bytes.is_empty() => bytes.push(0),
        _ => {
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len());
                bytes[at] = [0, 255, 2, bytes[at] ^ 1, bytes[at] ^ 128][random.below(5)];
            }
        }
    }
}

#[test]
fn what_the_host_gives_is_refused_or_used() {
    let seed = 51;
    let mut random = TestRandom::seeded(seed);
    let shares = generate(2, 2, &mut random);
    let signing = Signing {
        session: 2,
        signers: &[1, 2],
        path: &[3],
        digests: &[[4; 32]],
    };
    let opened = signing.open_presign(&shares, 1, &mut random);
    let presignature = results(run(opened, &mut random, honest)).remove(0);
    let id = describe(&shares[0]).0;
    let requests: [(u8, Vec<u8>); 8] = [
        (GENERATE, [&[1; 32][..], &[1, 2, 2]].concat()),
        (SIGN, [signing.parameters(&shares[0]), vec![32, 0, 0, 0], vec![4; 32]].concat()),
        (PRESIGN, [signing.parameters(&shares[0]), vec![1]].concat()),
        (FINISH, finish(5, &shares[0], &presignature[4..], &[6; 32])),
        (
            REFRESH,
            write(|out| {
                out.raw(&[1; 32]).bytes(&shares[0]);
            }),
        ),
        (
            RESHARE,
            write(|out| {
                out.raw(&[1; 32]).raw(&[1, 2, 2]).bytes(&[1, 1, 2, 2]).raw(&id).bytes(&shares[0]);
            }),
        ),
        (
            IMPORT,
            write(|out| {
                out.raw(&[1; 32]).raw(&[1, 2, 2, 1, 0]).bytes(&[9; 32]);
            }),
        ),
        (
            EXPORT,
            write(|out| {
                out.raw(&[1; 32]).bytes(&shares[0]).bytes(&[1, 2]).u8(1);
            }),
        ),
    ];
    for (protocol, request) in &requests {
        assert!(open(1, *protocol, request, &mut random).1.is_ok(), "protocol {protocol}");
    }
    for i in 0..runs() {
        let (protocol, request) = &requests[i % requests.len()];
        let mut request = request.clone();
        mutate(&mut request, &mut random);
        if let Err(failure) = open(1, *protocol, &request, &mut random).1 {
            assert_eq!(failure.class, Class::Usage, "seed {seed}, run {i}");
        }
        let mut share = shares[0].clone();
        mutate(&mut share, &mut random);
        // What is accepted is written back as it was.
        if let Ok(description) = locket_dkls::describe(&share) {
            assert!(description.ends_with(&share[..public(&shares[0]).len()]), "seed {seed}, run {i}");
        }
        let mut derivation = write(|out| {
            out.bytes(&public(&shares[0])).bytes(&[1, 0, 0, 0]);
        });
        mutate(&mut derivation, &mut random);
        drop(locket_dkls::derive_key(&derivation));
    }
}

#[test]
fn what_another_party_sends_never_gives_a_wrong_result() {
    let seed = 52;
    let mut random = TestRandom::seeded(seed);
    let shares = generate(2, 3, &mut random);
    let digests = [[4; 32]];
    let key = key(&shares[0], &[]);
    let (mut failed, mut fine) = (0, 0);
    for i in 0..runs() / 10 {
        let dealing = i % 8 == 0;
        let opened = if dealing {
            open_generate(1, 2, 3, &mut random)
        } else {
            Signing {
                session: 2,
                signers: &[1, 3],
                path: &[],
                digests: &digests,
            }
            .open(&shares, &mut random)
        };
        let (round, direct) = (1 + u8::try_from(random.below(3)).unwrap(), random.below(2) == 1);
        let mut dice = TestRandom::seeded(seed * 1000 + u64::try_from(i).unwrap());
        let results = run(opened, &mut random, |to, sent| {
            if (to.number(), sent.from.number(), sent.round) == (1, 3, round) {
                mutate(if direct { sent.to(1) } else { &mut sent.broadcast }, &mut dice);
            }
        });
        match &results[0] {
            Ok(result) => {
                fine += 1;
                if dealing {
                    drop(describe(result))
                } else {
                    verify(result, &key, &digests)
                }
            }
            Err(failure) => {
                failed += 1;
                assert_ne!(failure.class, Class::Usage, "seed {seed}, run {i}");
                assert!(failure.party.is_none_or(|culprit| culprit == party(3)), "seed {seed}, run {i}");
                assert_eq!(
                    failure.class == Class::Ban,
                    (40..43).contains(&(failure.code as u16)),
                    "seed {seed}, run {i}"
                );
            }
        }
    }
    assert!(failed > fine, "{failed} failed, {fine} did not");
}
