//! The verdict is total, and more evidence of the good kind never makes it worse.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use proptest::prelude::*;
use undersign::evidence::{Check, Covers, Evidence, ObjectRef, TokenId};
use undersign::validation::{Indication, Policy, validate};
use undersign::{Input, Limits, Trust, pkix::TrustAnchor};
use world::*;

/// A signature with everything: content, signature and archive timestamps, lists, answers, a countersignature.
fn rich(w: &World) -> Cms {
    let lists = w.clean("2023-08-01", "2024-06-01");
    let content = Cms::sign_after(&w.ada, CONTENT, &Stamp::new(&w.tsa, "2023-07-01")).with(&w.ca.certificate);
    let held = content.crl(&lists[0]).crl(&lists[1]).ocsp(&w.ocsp(Answer::Good, "2023-07-15", "2023-08-15"));
    let stamped = held.stamp(&Stamp::new(&w.tsa, "2023-07-02")).countersigned(&w.ada, None);
    stamped.archive(&Stamp::new(&w.tsa, "2023-08-05"))
}

fn collect(w: &World, cms: &Cms, given: &[Vec<u8>]) -> Evidence {
    let trust = Trust {
        anchors: vec![TrustAnchor::from_certificate(w.root.certificate.clone())],
        crls: given.to_vec(),
        ..Trust::default()
    };
    undersign::collect(&Input::new(&cms.der()), &trust, Limits::STANDARD).unwrap()
}

fn passes(evidence: &Evidence, at: &str) -> bool {
    validate(evidence, &Policy::standard(), time(at)).signatures[0].indication == Indication::TotalPassed
}

/// Makes evidence wrong in one of many ways, as a file may hold it.
fn spoil(evidence: &mut Evidence, way: u8, number: usize) {
    let token = number % evidence.tokens.len().max(1);
    let signature = number % evidence.signatures.len().max(1);
    match way % 15 {
        0 => drop(evidence.material.certificates.items.pop()),
        1 => drop(evidence.material.certificates.meetings.pop()),
        2 => drop(evidence.material.crls.items.pop()),
        3 => drop(evidence.material.ocsps.items.pop()),
        4 => evidence.material.links = Default::default(),
        5 => evidence.material.anchors.clear(),
        6 => drop(evidence.tokens.pop()),
        7 => evidence.signatures[signature].own_token = Some(number),
        8 => evidence.signatures[signature].tokens.push(number),
        9 => {
            if let Ok(facts) = &mut evidence.signatures[signature].signed_data {
                facts.signer = None;
            }
        }
        10 => drop(evidence.material.crls.meetings.pop()),
        way => {
            let Some(stamp) = evidence.tokens.get_mut(token).and_then(|token| token.stamp.as_mut().ok())
            else {
                return;
            };
            match way {
                11 => stamp.time = types_time(number),
                12 => stamp.accuracy_microseconds = Some(u64::MAX),
                13 => {
                    let objects =
                        [ObjectRef::Token(number), ObjectRef::Signature(number), ObjectRef::Crl(number)];
                    stamp.covers =
                        Covers::Objects([objects.to_vec(), (0..9).map(ObjectRef::Token).collect()].concat());
                }
                _ => stamp.imprint = Check::NotComputed(String::new()),
            }
        }
    }
}

fn types_time(number: usize) -> undersign::Time {
    let extremes = [i64::MIN, i64::MAX, 0, -1, 1_690_000_000];
    undersign::Time::from_unix(extremes[number % extremes.len()])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_evidence_gives_a_verdict(
        spoilt in prop::collection::vec((any::<u8>(), 0_usize..12), 1..6),
        at in any::<usize>(),
        policy in 0_usize..4,
    ) {
        let w = world();
        let mut evidence = collect(&w, &rich(&w), &[]);
        for (way, number) in spoilt {
            spoil(&mut evidence, way, number);
        }
        let policy = Policy::parse(undersign::validation::BUILT_IN[policy].1).unwrap();
        let verdict = validate(&evidence, &policy, types_time(at));
        prop_assert_eq!(verdict.signatures.len(), evidence.signatures.len());
        prop_assert_eq!(verdict.tokens.len(), evidence.tokens.len());
        prop_assert_eq!(&validate(&evidence, &policy, types_time(at)), &verdict, "the same again");
    }
}

const DAYS: [&str; 9] = [
    "2021-06-01",
    "2023-07-03",
    "2023-08-03",
    "2023-08-06",
    "2023-12-01",
    "2024-03-01",
    "2025-01-01",
    "2026-06-01",
    "2033-01-01",
];

#[test]
fn a_good_archive_timestamp_on_top_takes_nothing_away() {
    let w = world();
    let given = w.clean("2024-05-01", "2045-01-01");
    let stages = [w.signed(), w.signed().stamp(&Stamp::new(&w.tsa, "2023-07-02")), rich(&w)];
    for (stage, signed) in stages.iter().enumerate() {
        for day in DAYS {
            let before = passes(&collect(&w, signed, &given), day);
            for at in ["2023-08-20", "2025-12-01"] {
                let tsa = if at < "2024" { &w.tsa } else { &w.new_tsa };
                let more = signed.clone().archive(&Stamp::new(tsa, at));
                let after = passes(&collect(&w, &more, &given), day);
                assert!(after || !before, "stage {stage}, {at}, judged on {day}");
            }
        }
    }
}

#[test]
fn without_a_timestamp_or_a_good_status_nothing_passes_that_did_not_before() {
    let w = world();
    let whole = collect(&w, &rich(&w), &w.clean("2023-08-03", "2045-01-01"));
    let tokens = whole.tokens.len();
    for day in DAYS {
        let before = passes(&whole, day);
        let mut passed = 0;
        for left_out in
            0..1_u32 << (tokens + whole.material.ocsps.items.len() + whole.material.crls.items.len())
        {
            let less = without(&whole, left_out);
            let after = passes(&less, day);
            assert!(before || !after, "{left_out:b} on {day}");
            passed += u32::from(after);
        }
        assert!(!before || passed > 0);
    }
}

/// The evidence without the tokens, answers and lists of the bits that are set; numbers stay.
fn without(whole: &Evidence, left_out: u32) -> Evidence {
    let mut less = whole.clone();
    let is_out = |bit: usize| left_out >> bit & 1 == 1;
    let gone = |token: &TokenId| is_out(*token);
    for signature in &mut less.signatures {
        signature.tokens.retain(|token| !gone(token));
    }
    for (id, token) in less.tokens.iter_mut().enumerate().filter(|(id, _)| is_out(*id)) {
        let _ = id;
        if let Ok(stamp) = &mut token.stamp {
            stamp.imprint = Check::Differs;
        }
    }
    let after = whole.tokens.len();
    for (at, ocsp) in less.material.ocsps.items.iter_mut().enumerate() {
        if is_out(after + at) {
            ocsp.responses.clear();
        }
    }
    let after = after + whole.material.ocsps.items.len();
    for (at, crl) in less.material.crls.items.iter_mut().enumerate() {
        if is_out(after + at) {
            crl.unknown_critical.push(undersign::pkix::oid::CRL_NUMBER);
        }
    }
    less
}

#[test]
fn what_passes_by_a_timestamp_passes_as_long_as_the_authority_of_the_timestamp_is_good() {
    let w = world();
    let given = w.clean("2023-12-01", "2045-01-01");
    let evidence = collect(&w, &w.signed().stamp(&Stamp::new(&w.tsa, "2023-07-02")), &given);
    let days =
        ["2023-06-01", "2023-12-02", "2023-12-31", "2024-01-02", "2025-12-31", "2026-01-02", "2041-01-01"];
    let told: Vec<bool> = days.iter().map(|day| passes(&evidence, day)).collect();
    assert_eq!(told, [false, true, true, true, true, false, false]);
}
