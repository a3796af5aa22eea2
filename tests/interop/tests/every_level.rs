//! Every level and format at every moment: what we say against what EU DSS and pyHanko say, in the standard's words.

use std::collections::BTreeMap;

use interop::exceptions::Exceptions;
use interop::levels::{Signed, Workshop};
use interop::timeline::{MOMENTS, Timeline};
use interop::verdicts::{self, Court, Verdicts};
use interop::{inputs, peer, places};

/// A difference is the peer's, in the words `<ours> / <the peer's>`.
fn compare(exceptions: &mut Exceptions, judge: &str, ours: &Verdicts, theirs: &Verdicts) {
    for (case, verdict) in theirs {
        let we = &ours[case];
        let said = format!("{} / {}", we.words, verdict.words);
        let expected = format!("{} / {}", we.words, we.words);
        exceptions.note(judge, case, &expected, &said, &format!("{} || {}", we.detail, verdict.detail));
    }
}

/// No signature passes without proof that it is older than what ended its certificate.
fn what_is_never_passed(ours: &Verdicts) {
    for (case, verdict) in ours {
        let (name, moment) = case.split_once('@').expect("a moment");
        let is_early = name.contains("-early-");
        let has_no_time = name.ends_with("-b");
        let has_one_stamp = name.ends_with("-t") || name.ends_with("-lt");
        let never = is_early
            || (has_no_time && matches!(moment, "signer-expired" | "tsa-expired" | "archive-expired"))
            || (has_no_time && name.contains("-late-") && moment != "all-valid")
            || (has_one_stamp && matches!(moment, "tsa-expired" | "archive-expired"))
            || (name.ends_with("-lta") && moment == "archive-expired");
        assert!(!never || verdict.words != "PASSED", "{case} passes here");
    }
}

fn count(verdicts: &Verdicts) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for verdict in verdicts.values() {
        *counts.entry(verdict.words.as_str()).or_default() += 1;
    }
    counts
}

#[test]
fn every_level_is_judged_as_the_peers_judge_it() {
    let test = "every_level_is_judged_as_the_peers_judge_it";
    if peer::available(test).expect("peers").len() < peer::all().len() {
        return;
    }
    let folder = places::scratch("levels").expect("scratch folder");
    let timeline = Timeline::make(&folder.join("pki")).expect("a timeline");
    let inputs = inputs::all(&folder).expect("inputs");
    let pdf = inputs.iter().find(|input| input.name == "classic-1.7").expect("style").file.clone();
    let workshop = Workshop { timeline: &timeline, folder: &folder, pdf, wanted: |_| true };
    let files: Vec<Signed> = workshop.sign_all().expect("the peers sign");
    let courts: Vec<Court> =
        MOMENTS.iter().map(|moment| Court::new(&timeline, moment.name, moment.at, moment.name)).collect();
    let ours = verdicts::ours(&courts, &files).expect("our verdicts");
    let (dss, pyhanko) = std::thread::scope(|scope| {
        let dss = scope.spawn(|| verdicts::by_dss(&courts, &files));
        let pyhanko = verdicts::by_pyhanko(&courts, &files);
        (dss.join().expect("no panic").expect("verdicts of DSS"), pyhanko.expect("verdicts of pyHanko"))
    });
    what_is_never_passed(&ours);
    let mut exceptions = Exceptions::read("levels").expect("exceptions");
    compare(&mut exceptions, "dss", &ours, &dss);
    compare(&mut exceptions, "pyhanko", &ours, &pyhanko);
    for (words, count) in count(&ours) {
        peer::announce(&format!("  levels {words:<40} {count}"));
    }
    match exceptions.settle(&["dss", "pyhanko"]) {
        Ok(summary) => {
            peer::announce(&format!("{test}: {} files at {} moments, {summary}", files.len(), courts.len()))
        }
        Err(fault) => panic!("{fault:#}"),
    }
}
