//! The report as text for a terminal: readable without colour, one screen for one signature.

use crate::{Catalogue, Report, Summary, printable};
use evidence::{Coverage, Kind, SignatureEvidence, TokenEvidence};
use std::fmt::Write;
use types::{Finding, Severity};
use validation::{Answer, Asked, Indication, SignatureVerdict, State, Text, TokenVerdict, Weight};

/// Whether escape sequences for colour are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Palette {
    /// None.
    Plain,
    /// ANSI colours. The words say the same without them.
    Colour,
}

impl Palette {
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Palette::Plain => text.to_owned(),
            Palette::Colour => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    fn indication(self, indication: Indication) -> String {
        let code = match indication {
            Indication::TotalPassed => "32;1",
            Indication::Indeterminate => "33;1",
            Indication::TotalFailed => "31;1",
        };
        self.paint(code, indication.as_str())
    }

    fn state(self, state: State) -> String {
        let code = match state {
            State::Proven => "32",
            State::Claimed | State::Unknown => "33",
            State::Broken => "31",
        };
        self.paint(code, &format!("{:<8}", state.as_str()))
    }
}

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What is known and what to do: one screen for one signature.
    Plain,
    /// Also every question of the validation with its answer and clause.
    Explained,
}

/// The whole report, ending with a line end.
pub fn text(report: &Report<'_>, detail: Detail, palette: Palette) -> String {
    let mut out = String::new();
    let count = report.verdict.signatures.len();
    let headline = match report.summary() {
        Summary::Unsigned => "not signed".to_owned(),
        _ if count == 1 => "1 signature".to_owned(),
        _ => format!("{count} signatures"),
    };
    line(&mut out, format_args!("{}: {headline}", printable(report.file)));
    for (signature, verdict) in report.evidence.signatures.iter().zip(&report.verdict.signatures) {
        signature_text(&mut out, signature, verdict, report.catalogue, palette);
        if detail == Detail::Explained {
            explanation(&mut out, &verdict.checks, report.catalogue, palette);
        }
    }
    if detail == Detail::Explained {
        for (token, verdict) in report.evidence.tokens.iter().zip(&report.verdict.tokens) {
            token_text(&mut out, token, verdict, report.catalogue, palette);
        }
        let (policy, version) = &report.verdict.policy;
        line(&mut out, format_args!(""));
        line(
            &mut out,
            format_args!(
                "  policy {} version {}, as of {}",
                printable(policy),
                printable(version),
                report.verdict.at
            ),
        );
    }
    findings_text(&mut out, &report.evidence.findings, palette);
    out
}

/// Every question with its answer.
fn explanation(out: &mut String, checks: &[Asked], catalogue: &Catalogue, palette: Palette) {
    line(out, format_args!(""));
    for asked in checks {
        let question = catalogue.say(&Text::question(asked.question));
        let mark = match (asked.answer, asked.weight) {
            (Answer::Yes, _) => palette.paint("32", "yes "),
            (Answer::No, Weight::Fail) => palette.paint("31", "no  "),
            (Answer::No, _) => palette.paint("33", asked.weight.as_str()),
        };
        line(out, format_args!("    {mark} {question}"));
        let detail = catalogue.say(&asked.detail);
        line(out, format_args!("         {} [{}]", printable(&detail), asked.clause));
    }
}

fn token_text(
    out: &mut String,
    token: &TokenEvidence,
    verdict: &TokenVerdict,
    catalogue: &Catalogue,
    palette: Palette,
) {
    let sub_indication = verdict.sub_indication.map(|sub| format!(" / {}", sub.as_str())).unwrap_or_default();
    line(out, format_args!(""));
    let time = token.stamp.as_ref().map_or_else(|_| String::new(), |stamp| format!(" of {}", stamp.time));
    line(out, format_args!("  {}{sub_indication}  timestamp{time}", palette.indication(verdict.indication)));
    if let Some(signer) = token.stamp.as_ref().ok().and_then(|stamp| stamp.signed.signer.as_ref()) {
        line(out, format_args!("  by {}", printable(&signer.certificate.subject().to_string())));
    }
    explanation(out, &verdict.checks, catalogue, palette);
}

fn line(out: &mut String, content: std::fmt::Arguments<'_>) {
    writeln!(out, "{content}").expect("writing to a string cannot fail");
}

fn signature_text(
    out: &mut String,
    signature: &SignatureEvidence,
    verdict: &SignatureVerdict,
    catalogue: &Catalogue,
    palette: Palette,
) {
    let sub_indication = verdict.sub_indication.map(|sub| format!(" / {}", sub.as_str())).unwrap_or_default();
    let level = match verdict.level.as_str() {
        "" => String::new(),
        level => format!("  level {level}"),
    };
    line(out, format_args!(""));
    line(out, format_args!("  {}{sub_indication}{level}", palette.indication(verdict.indication)));
    let what = match signature.kind {
        Kind::Signature => "signature",
        Kind::DocTimestamp => "document timestamp",
        Kind::Countersignature { .. } => "countersignature",
    };
    let coverage = match signature.coverage {
        Coverage::WholeFile => "covers the whole file".to_owned(),
        Coverage::WholeRevision { revision } => format!("covers revision {} of the file", revision + 1),
        Coverage::Content => "covers the whole content".to_owned(),
        Coverage::Members { covered, of } => format!("covers {covered} of {of} files"),
        Coverage::Partial(_) => "covers only parts of the file".to_owned(),
    };
    line(out, format_args!("  {what} in field {:?}, {coverage}", printable(&signature.field)));
    if let Some(signer) = signature.signed_data.as_ref().ok().and_then(|facts| facts.signer.as_ref()) {
        let certificate = &signer.certificate;
        line(out, format_args!("  by {}", printable(&certificate.subject().to_string())));
        if certificate.subject() != certificate.issuer() {
            line(out, format_args!("  certified by {}", printable(&certificate.issuer().to_string())));
        }
    }
    for (label, claim) in [("reason", &signature.claims.reason), ("place", &signature.claims.location)] {
        if let Some(claim) = claim {
            line(out, format_args!("  {label} as claimed: {}", printable(claim)));
        }
    }
    line(out, format_args!(""));
    for (name, dimension) in verdict.dimensions.rows() {
        let reason = catalogue.say(&dimension.reason);
        let reason = printable(&reason);
        line(out, format_args!("    {name:<11}{}  {reason}", palette.state(dimension.state)));
        if let Some(hint) = dimension.hint.as_ref().filter(|_| dimension.state != State::Proven) {
            let hint = catalogue.say(hint);
            line(out, format_args!("    {:<11}{:<8}  → {}", "", "", printable(&hint)));
        }
    }
    findings_text(out, &signature.findings, palette);
}

fn findings_text(out: &mut String, findings: &[Finding], palette: Palette) {
    let shown = findings.iter().filter(|finding| finding.severity > Severity::Info);
    for (index, finding) in shown.enumerate() {
        if index == 0 {
            line(out, format_args!(""));
        }
        let place = finding.span.map(|span| format!(" ({span})")).unwrap_or_default();
        let severity = palette.paint("33", finding.severity.as_str());
        line(out, format_args!("    {severity}: {}{place} [{}]", printable(&finding.message), finding.code));
        if !finding.hint.is_empty() {
            line(out, format_args!("      → {}", printable(&finding.hint)));
        }
    }
}
