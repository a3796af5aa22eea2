//! `undersign verify`: what is proven about the signatures of documents, and what is not.

use super::options::{PasswordOptions, PolicyOptions, read_small};
use super::preflight::look;
use super::reports::{ReportOptions, Reports};
use super::{Context, trust};
use crate::batch::Batch;
use crate::clock;
use crate::error::Failure;
use crate::exit::Exit;
use crate::progress::{Metered, Progress, Unit};
use clap::{Args, ValueHint};
use pdf::Document;
use pkix::{Certificate, TrustAnchor};
use report::{Detail, Report, Summary};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use store::{FileSource, Wanted};
use types::{Budget, Cause, Limits, Malformed, Source, SourceError, Time};
use undersign::validation::Policy;
use undersign::{Input, Trust, Verified};

/// Files in folders that may be signed, by the ends of their names.
const SIGNED: &[&str] = &[
    "pdf", "p7m", "p7s", "p7c", "sig", "tst", "tsr", "asice", "sce", "asics", "scs", "bdoc", "edoc", "adoc",
];
/// Ends of names that are put behind the name of what was signed.
const DETACHED: &[&str] = &["p7s", "sig", "tst", "tsr"];
/// A CRL of a million entries has some 40 MB.
const MOST_OF_A_CRL: u64 = 256 << 20;

/// Check the signatures of PDF documents
#[derive(Debug, Args)]
#[command(
    long_about = "Check the signatures of PDF documents, without a network, and say for each what is proven and \
        what is not: integrity, identity, trust, revocation, time, later changes.\n\n\
        The verdict on a signature is TOTAL-PASSED, INDETERMINATE or TOTAL-FAILED (ETSI EN 319 102-1). \
        INDETERMINATE means that what is at hand does not suffice, for example because nobody you trust \
        stands behind the certificate; it does not mean that the signature is bad.\n\n\
        Trusted are the certificates of your trust store (see `undersign trust`) and those given here.",
    after_long_help = "\
Examples:
  undersign verify contract.signed.pdf
  undersign verify --trust authority.pem --at 2026-01-01T00:00:00Z contract.pdf
  undersign verify --json archive/ > reports.jsonl
  undersign verify --report report.html --report report.pdf contract.pdf
  find . -name \"*.pdf\" -print0 | undersign verify -

Exit codes: 0 every signature passed, 1 a signature failed or a file is not
signed, 2 usage, 3 a signature is undecided, 4 a file could not be read,
70 internal error. Of several the first in this order counts: 70, 1, 4, 3."
)]
pub struct Verify {
    /// PDF files, folders, patterns; - reads a list from standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    files: Vec<PathBuf>,
    /// One JSON object per file, each on a line (spec/verify-report.schema.json)
    #[arg(long)]
    json: bool,
    /// Judge as of this time instead of now, e.g. 2026-01-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    at: Option<Time>,
    /// Trust the certificates in this file, too (PEM, DER, PKCS#7)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    trust: Vec<PathBuf>,
    /// Leave out your trust store: trust only what --trust names
    #[arg(long)]
    no_trust_store: bool,
    /// Use the certificates in this file to complete paths, without trusting them
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    chain: Vec<PathBuf>,
    /// What a detached signature is over; otherwise the file of the same name without .p7s, .sig, .tst or .tsr
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    content: Option<PathBuf>,
    /// Use the CRLs and OCSP responses in this file (PEM, DER)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    revocation: Vec<PathBuf>,
    #[command(flatten)]
    policy: PolicyOptions,
    /// Show every question of the validation with its answer and clause
    #[arg(long, conflicts_with = "json")]
    explain: bool,
    #[command(flatten)]
    reports: ReportOptions,
    #[command(flatten)]
    password: PasswordOptions,
    /// Look for what may mislead a reader, too: active, hidden or foreign content (docs/guide/preflight.md)
    #[arg(long)]
    preflight: bool,
    /// Most files at a time; as many as there are cores if absent
    #[arg(short, long, value_name = "NUMBER")]
    jobs: Option<NonZeroUsize>,
}

/// What every file is judged by.
struct Court<'a> {
    context: &'a Context<'a>,
    trust: Trust,
    policy: Policy,
    reports: Reports,
    at: Time,
    password: Option<Vec<u8>>,
    alone: bool,
}

/// How many files ended how.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    undecided: usize,
    unsigned: usize,
    unreadable: usize,
}

impl Verify {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let inputs = store::expand(&self.files, &mut std::io::stdin().lock(), Wanted::Extensions(SIGNED));
        let court = Court {
            context,
            trust: self.trust(context)?,
            policy: self.policy.read()?,
            reports: self.reports.prepare(inputs.files.iter().map(|input| input.path.as_path()))?,
            at: self.at.unwrap_or_else(clock::now),
            password: self.password.read()?,
            alone: inputs.files.len() == 1,
        };
        let (mut exit, mut tally) = (Exit::Success, Tally::default());
        for problem in inputs.problems {
            let path = problem.path.clone();
            exit = exit.and(self.unreadable(context, &path, &Failure::Store(problem))?);
            tally.unreadable += 1;
        }
        if inputs.files.is_empty() && exit == Exit::Success {
            return Err(Failure::usage(
                "there is no PDF file to check",
                "name files, or folders that hold some",
            ));
        }
        let batch = Batch { streams: context.streams, what: "verifying", jobs: self.jobs };
        let mut first = true;
        batch.run(
            &inputs.files,
            |input| court.judge(&input.path, self),
            |input, result| {
                let this = match result {
                    Ok((text, summary)) => {
                        let gap = if first || self.json { "" } else { "\n" };
                        context.streams.data(&format!("{gap}{text}"))?;
                        tally.count(summary)
                    }
                    Err(failure) => {
                        tally.unreadable += 1;
                        self.unreadable(context, &input.path, &failure)?
                    }
                };
                first = false;
                exit = exit.and(this);
                Ok(())
            },
        )?;
        tally.note(context);
        Ok(exit)
    }

    /// Anchors of the trust store and of the command line, and certificates to complete paths with.
    fn trust(&self, context: &Context<'_>) -> Result<Trust, Failure> {
        let mut trust = Trust::default();
        let home = if self.no_trust_store { None } else { context.existing_home()? };
        if let Some(home) = home {
            trust.anchors = trust::load(context, &home);
        }
        for path in &self.trust {
            trust.anchors.extend(certificates(path)?.into_iter().map(TrustAnchor::from_certificate));
        }
        for path in &self.chain {
            trust.certificates.extend(certificates(path)?);
        }
        for path in &self.revocation {
            let bytes = FileSource::open(path)?.read_all(MOST_OF_A_CRL)?;
            let bundle = pkix::read_revocation(&bytes, &mut Budget::default())
                .map_err(|malformed| Failure::document(path, malformed))?;
            trust.crls.extend(bundle.crls);
            trust.ocsps.extend(bundle.ocsps);
        }
        Ok(trust)
    }

    fn unreadable(&self, context: &Context<'_>, path: &Path, failure: &Failure) -> Result<Exit, Failure> {
        context.streams.failure(failure);
        if self.json {
            let malformed = match failure {
                Failure::Document { fault, .. } => fault.clone(),
                other => Malformed {
                    at: None,
                    reason: other.to_string(),
                    clause: "",
                    cause: Cause::Source(SourceError { offset: 0, reason: String::new() }),
                },
            };
            let line = report::json_unreadable(&path.display().to_string(), &malformed, &failure.hint());
            context.streams.data(&(line + "\n"))?;
        }
        Ok(failure.exit())
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    pkix::read_certificates(&read_small(path)?, &mut Budget::default())
        .map_err(|malformed| Failure::document(path, malformed))
}

impl Court<'_> {
    /// The content of a detached signature: the file that was named, or that stands beside it.
    fn content(&self, path: &Path, command: &Verify) -> Result<Option<FileSource>, Failure> {
        if let Some(content) = &command.content {
            return Ok(Some(FileSource::open(content)?));
        }
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let beside = path.with_extension("");
        let detached = DETACHED.iter().any(|one| extension.eq_ignore_ascii_case(one));
        Ok(if detached && beside.is_file() { Some(FileSource::open(&beside)?) } else { None })
    }

    /// The report on one file, and what it amounts to.
    fn judge(&self, path: &Path, command: &Verify) -> Result<(String, Summary), Failure> {
        let source = FileSource::open(path)?;
        let streams = self.context.streams;
        let progress = match self.alone {
            true => Progress::new(streams, "verifying", Unit::Bytes, source.len()),
            false => Progress::hidden(),
        };
        let metered = Metered { source: &source, progress: &progress };
        let password = self.password.as_deref();
        let content = self.content(path, command)?;
        let input = Input {
            source: &metered,
            password,
            content: content.as_ref().map(|content| content as &dyn Source),
            extension: path.extension().and_then(|extension| extension.to_str()),
        };
        let Verified { mut evidence, verdict } =
            undersign::verify(&input, &self.trust, &self.policy, self.at, Limits::STANDARD)
                .map_err(|malformed| Failure::document(path, malformed))?;
        if command.preflight {
            let document = Document::open(&source, password, &mut Budget::default());
            let found = document.and_then(|document| look(&document));
            evidence.findings.extend(found.map_err(|malformed| Failure::document(path, malformed))?);
        }
        source.unchanged()?;
        let file = path.display().to_string();
        let catalogue = &self.reports.catalogue;
        let report = Report { file: &file, evidence: &evidence, verdict: &verdict, catalogue };
        self.reports.write(self.context, path, &report)?;
        let detail = if command.explain { Detail::Explained } else { Detail::Plain };
        let text = match command.json {
            true => report::json(&Report { catalogue: &self.reports.json_catalogue, ..report }) + "\n",
            false => report::text(&report, detail, streams.palette()),
        };
        Ok((text, report.summary()))
    }
}

impl Tally {
    fn count(&mut self, summary: Summary) -> Exit {
        let (counter, exit) = match summary {
            Summary::AllPassed => (&mut self.passed, Exit::Success),
            Summary::SomeFailed => (&mut self.failed, Exit::Failed),
            Summary::SomeIndeterminate => (&mut self.undecided, Exit::Indeterminate),
            // Not signed is not passed.
            Summary::Unsigned => (&mut self.unsigned, Exit::Failed),
        };
        *counter += 1;
        exit
    }

    fn note(&self, context: &Context<'_>) {
        let counts = [
            (self.passed, "passed"),
            (self.failed, "failed"),
            (self.undecided, "undecided"),
            (self.unsigned, "not signed"),
            (self.unreadable, "could not be read"),
        ];
        let total: usize = counts.iter().map(|(count, _)| count).sum();
        if total > 1 {
            let parts: Vec<String> = counts
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}"))
                .collect();
            context.streams.note(&format!("\n{total} files: {}", parts.join(", ")));
        }
    }
}
