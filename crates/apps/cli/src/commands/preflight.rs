//! What in a document may mislead its signer: shown before consent, refused, or accepted by name.

use crate::error::Failure;
use clap::Args;
use pdf::Document;
use std::path::Path;
use types::{Budget, Finding, Severity};

/// Which dangerous findings are accepted.
#[derive(Clone, Debug, Args)]
pub struct PreflightOptions {
    /// Sign although the document has this finding, e.g. preflight.javascript (repeatable)
    #[arg(long, value_name = "CODE", value_parser = known)]
    accept_finding: Vec<String>,
}

/// Whether each accepted finding must occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence {
    /// Yes: there is but one document, and accepting what is not there is a mistake.
    Required,
    /// No: in a batch not every document has every finding.
    Optional,
}

/// What was found in a document that may be signed.
#[derive(Clone, Debug)]
pub struct Looked {
    /// One finding for each code, the gravest first.
    pub findings: Vec<Finding>,
    /// Codes that occur and were accepted by name.
    pub accepted: Vec<String>,
}

/// Findings of the plan that the preflight tells, too.
const TOLD_TWICE: [&str; 2] = ["pdf.sign.xfa-static", "pdf.sign.need-appearances"];

impl PreflightOptions {
    /// The codes accepted by name.
    pub fn codes(&self) -> &[String] {
        &self.accept_finding
    }

    /// Looks through a document; refuses it if something makes it dangerous to sign and is not accepted.
    pub fn check(
        &self,
        file: &Path,
        document: &Document<'_>,
        occurrence: Occurrence,
    ) -> Result<Looked, Failure> {
        let findings = look(document).map_err(|malformed| Failure::document(file, malformed))?;
        let occurs = |code: &String| findings.iter().any(|finding| finding.code == code.as_str());
        if occurrence == Occurrence::Required
            && let Some(code) = self.accept_finding.iter().find(|code| !occurs(code))
        {
            let reason = format!("{} does not have the finding {code}", file.display());
            return Err(Failure::usage(reason, format!("leave out --accept-finding {code}")));
        }
        let mut accepted: Vec<String> =
            self.accept_finding.iter().filter(|code| occurs(code)).cloned().collect();
        accepted.sort();
        accepted.dedup();
        let refused: Vec<&Finding> = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .filter(|finding| !accepted.iter().any(|code| finding.code == code.as_str()))
            .collect();
        match refused.as_slice() {
            [] => Ok(Looked { findings, accepted }),
            [first, ..] => Err(refusal(file, first, &refused)),
        }
    }
}

/// The preflight of a document, one finding for each code.
pub fn look(document: &Document<'_>) -> Result<Vec<Finding>, types::Malformed> {
    let found = preflight::preflight(document, &mut Budget::new(preflight::LIMITS))?;
    Ok(preflight::summary(&found))
}

/// The findings of a plan and of the preflight as one list.
pub fn joined(plan: &[Finding], preflight: &[Finding]) -> Vec<Finding> {
    let own = plan.iter().filter(|finding| !TOLD_TWICE.iter().any(|told| finding.code == *told));
    own.chain(preflight).cloned().collect()
}

fn refusal(file: &Path, first: &Finding, refused: &[&Finding]) -> Failure {
    let reasons: Vec<String> =
        refused.iter().map(|finding| format!("{} [{}]", finding.message, finding.code)).collect();
    let options: Vec<String> =
        refused.iter().map(|finding| format!("--accept-finding {}", finding.code)).collect();
    let reason = format!("it is dangerous to sign: {}", reasons.join("; "));
    let hint = format!("{}; or, if you have made sure, add {}", first.hint, options.join(" "));
    Failure::refused(file, "sign.preflight", reason, hint)
}

fn known(code: &str) -> Result<String, String> {
    match preflight::code(code) {
        Some(known) => Ok(known.name.to_owned()),
        None => Err("there is no such finding; see docs/guide/preflight.md".to_owned()),
    }
}
