//! Known differences, each with its reason. A difference that is not listed fails, and so does a listed one that no
//! longer occurs.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

use crate::places;

/// One line of an exceptions file.
#[derive(Clone, Debug)]
struct Exception {
    /// Who differs; `*` for everybody.
    judge: String,
    /// Which cases; each `*` stands for any part of the name.
    case: String,
    /// What is said instead of the expected.
    says: String,
}

/// An exceptions file under `tests/interop/exceptions`.
#[derive(Debug)]
pub struct Exceptions {
    name: String,
    list: Vec<Exception>,
    used: BTreeSet<usize>,
    unexpected: Vec<String>,
    agreements: usize,
}

impl Exceptions {
    /// Reads `exceptions/<name>.toml`; every entry needs `judge`, `case`, `says` and `reason`.
    pub fn read(name: &str) -> Result<Self> {
        let path = places::root().join(format!("tests/interop/exceptions/{name}.toml"));
        let text = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
        let table: Table = text.parse().with_context(|| format!("{} is not TOML", path.display()))?;
        let entries = table.get("exception").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut list = Vec::new();
        for entry in entries {
            let member = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
            let (Some(judge), Some(case), Some(says), Some(reason)) =
                (member("judge"), member("case"), member("says"), member("reason"))
            else {
                bail!("{}: an exception needs judge, case, says and reason: {entry}", path.display());
            };
            if reason.split_whitespace().count() < 3 {
                bail!("{}: {judge}, {case}: {reason:?} is no reason", path.display());
            }
            list.push(Exception { judge, case, says });
        }
        Ok(Self { name: name.to_owned(), list, used: BTreeSet::new(), unexpected: Vec::new(), agreements: 0 })
    }

    /// Notes what a judge says of a case where `expected` is demanded; `detail` is printed when it differs.
    pub fn note(&mut self, judge: &str, case: &str, expected: &str, says: &str, detail: &str) {
        if says == expected {
            self.agreements += 1;
            return;
        }
        let listed: Vec<usize> = (0..self.list.len())
            .filter(|place| self.list.get(*place).is_some_and(|exception| exception.fits(judge, case, says)))
            .collect();
        if listed.is_empty() {
            self.unexpected.push(format!("{judge} says {says} of {case}, not {expected}: {detail}"));
        }
        self.used.extend(listed);
    }

    /// Fails on every difference that is not listed and, when `judges` took part, on every listed one that did not
    /// occur. Returns one line of summary.
    pub fn settle(self, judges: &[&str]) -> Result<String> {
        let mut faults = self.unexpected;
        for (place, exception) in self.list.iter().enumerate() {
            let took_part = exception.judge == "*" || judges.contains(&exception.judge.as_str());
            if took_part && !self.used.contains(&place) {
                faults.push(format!(
                    "exceptions/{}.toml is stale: {} no longer says {} of {}",
                    self.name, exception.judge, exception.says, exception.case
                ));
            }
        }
        if !faults.is_empty() {
            bail!("{} difference(s):\n{}", faults.len(), faults.join("\n"));
        }
        Ok(format!("{} agreements, {} listed exceptions", self.agreements, self.used.len()))
    }
}

impl Exception {
    fn fits(&self, judge: &str, case: &str, says: &str) -> bool {
        let case_fits = matches(&self.case, case);
        case_fits && self.says == says && (self.judge == "*" || self.judge == judge)
    }
}

/// Whether a name fits a pattern in which each `*` stands for any part.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, behind)) = name.split_once(part) else { return false };
        name = behind;
    }
    name.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exceptions() -> Exceptions {
        let exception =
            Exception { judge: "dss".to_owned(), case: "ed*".to_owned(), says: "failed".to_owned() };
        Exceptions {
            name: "x".to_owned(),
            list: vec![exception],
            used: BTreeSet::new(),
            unexpected: Vec::new(),
            agreements: 0,
        }
    }

    #[test]
    fn each_star_stands_for_any_part() {
        assert!(matches("dss-*-late-b@*", "dss-pades-late-b@all-valid"));
        assert!(matches("*@signer*", "x@signer-expired"));
        assert!(!matches("dss-*-late-b@*", "dss-pades-good-b@late-b"));
        assert!(!matches("a*a", "a"));
    }

    #[test]
    fn a_listed_difference_passes() {
        let mut exceptions = exceptions();
        exceptions.note("dss", "ed25519", "passed", "failed", "");
        assert!(exceptions.settle(&["dss"]).is_ok());
    }

    #[test]
    fn an_unexpected_agreement_fails() {
        let mut exceptions = exceptions();
        exceptions.note("dss", "ed25519", "passed", "passed", "");
        assert!(exceptions.settle(&["dss"]).is_err());
    }

    #[test]
    fn an_unlisted_difference_fails() {
        let mut exceptions = exceptions();
        exceptions.note("dss", "ed25519", "passed", "failed", "");
        exceptions.note("dss", "p256", "passed", "failed", "");
        assert!(exceptions.settle(&["dss"]).is_err());
    }

    #[test]
    fn an_exception_for_an_absent_judge_is_not_stale() {
        assert!(exceptions().settle(&["pyhanko"]).is_ok());
    }
}
