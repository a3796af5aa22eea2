//! The report as text for a terminal: readable without colour, one screen for one signature.

use crate::{Report, Summary, printable};
use evidence::{Coverage, Kind, SignatureEvidence};
use std::fmt::Write;
use types::{Finding, Severity};
use validation::{Indication, SignatureVerdict, State};

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

/// The whole report, ending with a line end.
pub fn text(report: &Report<'_>, palette: Palette) -> String {
    let mut out = String::new();
    let count = report.verdict.signatures.len();
    let headline = match report.summary() {
        Summary::Unsigned => "not signed".to_owned(),
        _ if count == 1 => "1 signature".to_owned(),
        _ => format!("{count} signatures"),
    };
    line(&mut out, format_args!("{}: {headline}", printable(report.file)));
    for (signature, verdict) in report.evidence.signatures.iter().zip(&report.verdict.signatures) {
        signature_text(&mut out, signature, verdict, palette);
    }
    findings_text(&mut out, &report.evidence.findings, palette);
    out
}

fn line(out: &mut String, content: std::fmt::Arguments<'_>) {
    writeln!(out, "{content}").expect("writing to a string cannot fail");
}

fn signature_text(
    out: &mut String,
    signature: &SignatureEvidence,
    verdict: &SignatureVerdict,
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
    };
    let coverage = match signature.coverage {
        Coverage::WholeFile => "covers the whole file".to_owned(),
        Coverage::WholeRevision { revision } => format!("covers revision {} of the file", revision + 1),
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
        let reason = printable(&dimension.reason);
        line(out, format_args!("    {name:<11}{}  {reason}", palette.state(dimension.state)));
        if !dimension.hint.is_empty() && dimension.state != State::Proven {
            line(out, format_args!("    {:<11}{:<8}  → {}", "", "", printable(&dimension.hint)));
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
