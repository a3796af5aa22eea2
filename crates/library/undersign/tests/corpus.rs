//! The corpus files that are signed, judged without trust anchors: integrity, levels and counts as their makers say.

#![allow(clippy::disallowed_methods, reason = "the corpus is a folder of files")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use types::Limits;
use undersign::evidence::{Check, Evidence, Kind, SignatureEvidence, TokenEvidence, TokenRole};
use undersign::validation::{Indication, Policy};
use undersign::{Input, Trust, Verified};

const EXCEPTIONS: &str = include_str!("corpus.exceptions");

/// The sets whose files are signed documents, containers or signatures.
const SETS: [&str; 8] =
    ["dss-asic", "dss-cades", "dss-pdf", "dss-tst", "digidoc4j", "siva-asic", "siva-cades", "siva-pdf"];

/// One row of the table.
struct Row {
    id: String,
    file: PathBuf,
    class: String,
    expected: BTreeMap<String, String>,
    is_detached: bool,
}

fn rows(corpus: &Path) -> Vec<Row> {
    let rows = corpus::rows(corpus).into_iter().filter(|row| SETS.contains(&row.set.as_str()));
    rows.map(|row| {
        let facts = row.expected.split(';').filter_map(|fact| fact.split_once('='));
        Row {
            id: row.short(),
            file: corpus.join(&row.file),
            class: row.class.clone(),
            expected: facts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            is_detached: row.set.ends_with("cades"),
        }
    })
    .collect()
}

fn is_intact(signature: &SignatureEvidence) -> bool {
    signature
        .signed_data
        .as_ref()
        .is_ok_and(|facts| facts.content == Check::Matches && facts.value == Check::Matches)
}

/// What is wrong with our answer to a row; nothing if it agrees.
fn judge(row: &Row) -> Vec<String> {
    let bytes = std::fs::read(&row.file).expect("the file is readable");
    let input = Input {
        extension: row.file.extension().and_then(|extension| extension.to_str()),
        ..Input::new(&bytes)
    };
    let at = "2026-11-01T00:00:00Z".parse().expect("a time");
    let verified = undersign::verify(&input, &Trust::default(), &Policy::standard(), at, Limits::STANDARD);
    let class = row.class.split(":").next().unwrap_or_default();
    match verified {
        Ok(verified) => {
            let mut wrong: Vec<String> = class_of(row, class, &verified).into_iter().collect();
            if verified.verdict.signatures.iter().any(|one| one.indication == Indication::TotalPassed) {
                wrong.push("passed although nobody is trusted".into());
            }
            if !speaks_of_records(row) {
                wrong.extend(level(row, &verified));
                wrong.extend(counts(row, &verified.evidence));
                wrong.extend(timestamps(row, &verified.evidence));
            }
            wrong
        }
        Err(error) => {
            let refused =
                matches!(class, "REJECT" | "ERROR" | "INVALID" | "TOTAL-FAILED" | "BROKEN" | "NOSIG");
            if refused { Vec::new() } else { vec![format!("{class}: refused: {error}")] }
        }
    }
}

fn speaks_of_records(row: &Row) -> bool {
    row.expected.keys().any(|name| name.starts_with("er."))
}

fn class_of(row: &Row, class: &str, verified: &Verified) -> Option<String> {
    let Verified { evidence, verdict } = verified;
    if speaks_of_records(row) {
        return records(row, evidence);
    }
    if let Some(wanted) = row.expected.get("subindication") {
        let given = verdict.signatures.iter().filter_map(|one| one.sub_indication);
        let given: Vec<&str> = given.map(|sub| sub.as_str()).collect();
        let missed = wanted.starts_with("HASH") && !given.contains(&wanted.as_str());
        return missed.then(|| format!("{wanted}, given {given:?}"));
    }
    let is_signature = |one: &SignatureEvidence| one.kind == Kind::Signature;
    let has_signatures = evidence.signatures.iter().any(is_signature);
    // Where there is no signature, timestamps and evidence records are what counts.
    let counts = |one: &SignatureEvidence| !has_signatures || !one.kind.is_timestamp();
    let all = evidence.signatures.iter().zip(&verdict.signatures);
    let judged: Vec<_> = all.filter(|(one, _)| counts(one)).collect();
    let failed = judged.iter().any(|(_, one)| one.indication == Indication::TotalFailed);
    // The content of detached signatures is not in the corpus; nothing is said about it then.
    let sound = |one: &SignatureEvidence| is_intact(one) || (row.is_detached && is_without_content(one));
    let intact = judged.iter().all(|(one, _)| sound(one)) && !judged.is_empty();
    let cryptography = class != "TOTAL-FAILED" || row.class.ends_with(":CRYPTO");
    match class {
        "OK" | "VALID" | "TOTAL-PASSED" | "LEVEL" | "OK_TST_BROKEN" | "OK_STRUCT_WARN" | "CHANGED" => {
            (failed || !intact).then(|| format!("{class}: {}", describe(verified)))
        }
        "BROKEN" | "MIXED" | "TOTAL-FAILED" if cryptography && !failed && intact => {
            Some(format!("{class} ({:?}): nothing fails", row.expected))
        }
        "FLAGGED" if !failed && evidence.findings.is_empty() => {
            Some(format!("{class} ({:?}): nothing is noted", row.expected))
        }
        "NOSIG" if has_signatures => Some("NOSIG: there are signatures".into()),
        _ => None,
    }
}

fn records(row: &Row, evidence: &Evidence) -> Option<String> {
    let records = evidence.tokens.iter().filter(|token| token.role == TokenRole::EvidenceRecord);
    let broken = records
        .map(|token| token.stamp.as_ref().map(|stamp| &stamp.imprint))
        .any(|imprint| imprint != Ok(&Check::Matches));
    let wanted = row.expected.get("subindication").is_some_and(|value| value.contains("HASH_FAILURE"));
    (broken != wanted).then(|| format!("evidence records broken: {wanted}, given {broken}"))
}

fn is_without_content(signature: &SignatureEvidence) -> bool {
    signature.signed_data.as_ref().is_ok_and(|facts| {
        let absent = matches!(&facts.content, Check::NotComputed(why) if why.contains("not at hand"));
        absent && facts.value == Check::Matches
    })
}

fn level(row: &Row, Verified { evidence, verdict }: &Verified) -> Option<String> {
    let level = row.expected.get("level").filter(|one| !one.contains('|') && one.contains("_BASELINE_"))?;
    let wanted = format!("B-{}", level.rsplit('_').next().unwrap_or_default());
    let all = evidence.signatures.iter().zip(&verdict.signatures);
    let levels: Vec<&str> = all
        .filter(|(one, _)| one.kind == Kind::Signature)
        .map(|(_, verdict)| verdict.level.as_str())
        .collect();
    (!levels.contains(&wanted.as_str())).then(|| format!("level {level}, given {levels:?}"))
}

fn counts(row: &Row, evidence: &Evidence) -> Vec<String> {
    let mut wrong = Vec::new();
    let number =
        |wanted: fn(&Kind) -> bool| evidence.signatures.iter().filter(|one| wanted(&one.kind)).count();
    let (all, proper) = (number(|kind| !kind.is_timestamp()), number(|kind| *kind == Kind::Signature));
    if let Some(count) = row.expected.get("n_signatures").filter(|count| !count.contains(' ')) {
        let agrees = match count.strip_prefix(">=") {
            Some(least) => least.parse().is_ok_and(|least: usize| all >= least),
            None => count.parse().is_ok_and(|exactly: usize| all == exactly || proper == exactly),
        };
        if !agrees {
            wrong.push(format!("{count} signatures, given {all}"));
        }
    }
    let timestamps = row.expected.get("n_timestamps").and_then(|count| count.parse::<usize>().ok());
    if let Some(count) = timestamps.filter(|count| *count != evidence.tokens.len()) {
        wrong.push(format!("{count} timestamps, given {}", evidence.tokens.len()));
    }
    wrong
}

fn timestamps(row: &Row, evidence: &Evidence) -> Option<String> {
    row.expected.get("timestamps").filter(|value| *value == "all_intact_valid")?;
    let is_bad = |token: &&TokenEvidence| match &token.stamp {
        Ok(stamp) => {
            let absent = matches!(&stamp.imprint, Check::NotComputed(_)) && row.is_detached;
            (stamp.imprint != Check::Matches && !absent)
                || stamp.signed.value != Check::Matches
                || stamp.signed.content != Check::Matches
        }
        Err(_) => true,
    };
    let bad: Vec<TokenRole> = evidence.tokens.iter().filter(is_bad).map(|token| token.role).collect();
    (!bad.is_empty()).then(|| format!("timestamps: {bad:?}"))
}

fn describe(Verified { evidence, verdict }: &Verified) -> String {
    let judged = evidence
        .signatures
        .iter()
        .zip(&verdict.signatures)
        .filter(|(one, verdict)| !is_intact(one) || verdict.indication == Indication::TotalFailed);
    let all: Vec<String> = judged
        .map(|(signature, verdict)| {
            let why = match &signature.signed_data {
                Ok(facts) => format!("{:?}/{:?}", facts.content, facts.value),
                Err(fault) => fault.reason.clone(),
            };
            let findings = signature.findings.iter().filter(|one| one.severity == types::Severity::Error);
            let findings: Vec<&str> = findings.map(|finding| &*finding.code).collect();
            format!(
                "{} {:?} {:?} {why} {findings:?}",
                signature.field, verdict.indication, verdict.sub_indication
            )
        })
        .collect();
    all.join("; ")
}

#[test]
fn signed_files_are_judged_as_their_makers_say() {
    let Some(corpus) = corpus::folder() else { return };
    let mut listed = corpus::exceptions(EXCEPTIONS, " | ");
    let rows = rows(&corpus);
    let mut wrong = Vec::new();
    for row in &rows {
        let answer = judge(row);
        match (listed.remove(row.id.as_str()), answer.is_empty()) {
            (Some(_), true) => wrong.push(format!("{}: listed, but it agrees now", row.id)),
            (None, false) => wrong.push(format!("{}: {}", row.id, answer.join(" | "))),
            _ => {}
        }
    }
    wrong.extend(listed.keys().map(|id| format!("{id}: listed, but not in the sets")));
    println!("{} files, {} against expectation", rows.len(), wrong.len());
    assert!(rows.len() > 400, "the table was not read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
