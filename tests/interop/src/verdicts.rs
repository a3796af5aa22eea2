//! Verdicts in the words of ETSI EN 319 102-1, by us and by the peers that speak them, on many files at many moments.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::fields::{list, text};
use crate::levels::{Format, Signed};
use crate::ours::{self, Verification};
use crate::timeline::{Timeline, moved};

/// What is known when files are judged.
#[derive(Clone, Debug)]
pub struct Court {
    /// The name of the moment.
    pub name: String,
    /// RFC 3339.
    pub at: String,
    /// Trusted, PEM.
    pub trust: PathBuf,
    /// Trusted for nothing, PEM.
    pub chain: PathBuf,
    /// CRLs at hand, DER.
    pub lists: Vec<PathBuf>,
}

impl Court {
    /// The timeline's root, and lists of a label.
    pub fn new(timeline: &Timeline, name: &str, at: &str, lists: &str) -> Self {
        let lists = if lists.is_empty() { Vec::new() } else { timeline.lists(lists) };
        Self { name: name.to_owned(), at: moved(at), trust: timeline.root(), chain: timeline.chain(), lists }
    }
}

/// The verdict of one judge: `PASSED`, or indication and sub-indication; and details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// In the standard's words.
    pub words: String,
    /// In the judge's own words.
    pub detail: String,
}

/// Verdicts by `<case>@<moment>`.
pub type Verdicts = BTreeMap<String, Verdict>;

fn words(indication: &str, sub_indication: &str) -> String {
    let indication = indication.trim_start_matches("TOTAL").trim_start_matches(['-', '_']);
    format!("{indication} {sub_indication}").trim().to_owned()
}

/// The first verdict that is not passed, or passed.
fn worst(rows: &[Value], detail: impl Fn(&Value) -> String) -> Verdict {
    let said = |row: &Value| words(text(row, "indication"), text(row, "subIndication"));
    let decisive = rows.iter().find(|row| said(row) != "PASSED").or(rows.first());
    match decisive {
        Some(row) => Verdict { words: said(row), detail: detail(row) },
        None => Verdict { words: "no signature".to_owned(), detail: String::new() },
    }
}

/// What we say.
pub fn ours(courts: &[Court], files: &[Signed]) -> Result<Verdicts> {
    let mut verdicts = Verdicts::new();
    let paths: Vec<PathBuf> = files.iter().map(|one| one.file.clone()).collect();
    for court in courts {
        let how = Verification {
            trust: vec![court.trust.clone()],
            at: Some(court.at.clone()),
            chain: vec![court.chain.clone()],
            revocation: court.lists.clone(),
            password: None,
        };
        for (signed, report) in files.iter().zip(ours::verify(&paths, &how)?) {
            let of = |kind: &str| {
                let rows = list(&report, "signatures").iter();
                rows.filter(|row| text(row, "kind") == kind).cloned().collect::<Vec<Value>>()
            };
            let kind = if signed.format == Format::Token { "doc-timestamp" } else { "signature" };
            let verdict = worst(&of(kind), |row| format!("{} {}", text(row, "level"), row["dimensions"]));
            verdicts.insert(key(signed, court), verdict);
        }
    }
    Ok(verdicts)
}

/// The name of a case at a moment.
pub fn key(signed: &Signed, court: &Court) -> String {
    format!("{}@{}", signed.case, court.name)
}

/// What a peer's job for a file at a moment has in common.
fn job(signed: &Signed, court: &Court, operation: &str) -> Value {
    let mut job = json!({
        "id": key(signed, court), "op": operation, "file": signed.file, "at": court.at,
        "trust": [court.trust], "chain": [court.chain], "crl": court.lists,
    });
    if let Some(content) = &signed.content {
        job["content"] = json!(content);
        job["detached"] = json!(content);
    }
    job
}

fn jobs(courts: &[Court], files: &[Signed], operation: &str) -> Vec<Value> {
    courts.iter().flat_map(|court| files.iter().map(|signed| job(signed, court, operation))).collect()
}

fn fault(answer: &Value) -> Option<Verdict> {
    let fault = answer.get("error").and_then(Value::as_str)?;
    Some(Verdict { words: "refused".to_owned(), detail: fault.to_owned() })
}

/// What EU DSS says, with its default policy.
pub fn by_dss(courts: &[Court], files: &[Signed]) -> Result<Verdicts> {
    let answers = crate::dss::run(&jobs(courts, files, "judge"))?;
    let said = |(key, answer): (String, Value)| {
        let rows = match list(&answer, "signatures") {
            [] => list(&answer, "tokens"),
            rows => rows,
        };
        let detail = |row: &Value| format!("{} {} {}", text(row, "level"), row["errors"], answer["tokens"]);
        let verdict = fault(&answer).unwrap_or_else(|| worst(rows, detail));
        (key, verdict)
    };
    Ok(answers.into_iter().map(said).collect())
}

/// What pyHanko's implementation of the standard says of PDF and CMS; it knows no containers and no XML.
pub fn by_pyhanko(courts: &[Court], files: &[Signed]) -> Result<Verdicts> {
    let name = |format| match format {
        Format::Pades => Some("pades"),
        Format::Cades => Some("cades"),
        Format::Token => Some("tst"),
        Format::Xades | Format::Asic => None,
    };
    let mut jobs = Vec::new();
    for court in courts {
        for signed in files {
            if let Some(format) = name(signed.format) {
                let mut job = job(signed, court, "judge-level");
                job["format"] = json!(format);
                job["level"] = json!(signed.case.rsplit('-').next());
                jobs.push(job);
            }
        }
    }
    let answers = crate::pyhanko::run(&jobs).context("pyHanko judges levels")?;
    let said = |(key, answer): (String, Value)| {
        let verdict = fault(&answer)
            .unwrap_or_else(|| worst(list(&answer, "signatures"), |row| text(row, "reason").to_owned()));
        (key, verdict)
    };
    Ok(answers.into_iter().map(said).collect())
}
