//! `undersign verify`: what is proven about the signatures of documents, and what is not.

use super::Context;
use super::options::{NEW_FILE_MODE, PasswordOptions, PolicyOptions, existing};
use super::pack::{self, Pin};
use super::preflight::look;
use super::reports::{ReportOptions, Reports};
use super::second_opinion::{OpinionOptions, Opinions, Question};
use super::telling::{self, Form, Tally, Told};
use super::trusting::TrustOptions;
use crate::batch::Batch;
use crate::beacons;
use crate::beside::{self, Record};
use crate::clock;
use crate::contents;
use crate::error::Failure;
use crate::exit::Exit;
use crate::progress::{Metered, Progress, Unit};
use clap::{Args, ValueHint};
use pdf::Document;
use report::Report;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use store::{Access, FileSource, Inputs, Wanted, write_atomically};
use types::{Budget, Limits, Source, Time};
use undersign::evidence::frozen::{self, Collected};
use undersign::evidence::{Evidence, RecordFile};
use undersign::validation::{Policy, Verdict};
use undersign::{Input, Trust, Verified};

/// Files in folders that may be signed, by the ends of their names.
const SIGNED: &[&str] = &[
    "pdf", "p7m", "p7s", "p7c", "sig", "tst", "tsr", "asice", "sce", "asics", "scs", "bdoc", "edoc", "adoc",
];

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
  undersign verify --evidence-record contract.xml contract.pdf
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
    #[command(flatten)]
    trust: TrustOptions,
    /// What a detached signature is over; otherwise the file of the same name without .p7s, .sig, .tst or .tsr
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    content: Option<PathBuf>,
    /// An evidence record over the file or an earlier revision of it (RFC 4998, or RFC 6283 in XML), may be given again;
    /// FILE.ers, FILE.2.ers and so on beside a file are found by themselves
    #[arg(long, value_name = "RECORD", value_hint = ValueHint::FilePath)]
    evidence_record: Vec<PathBuf>,
    /// A beacon that a signature may name: a timestamp (.tst, .tsr), or another value; those in your home count without this
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    beacon: Vec<PathBuf>,
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
    /// Write the evidence to this file, to be judged again with `undersign replay`; of several files, to this folder
    #[arg(long, value_name = "FILE|FOLDER", value_hint = ValueHint::AnyPath)]
    save_evidence: Option<PathBuf>,
    #[command(flatten)]
    opinion: OpinionOptions,
    /// Most files at a time; as many as there are cores if absent
    #[arg(short, long, value_name = "NUMBER")]
    jobs: Option<NonZeroUsize>,
}

/// What every file is judged by.
struct Court<'a> {
    context: &'a Context<'a>,
    trust: Trust,
    packs: Vec<Pin>,
    policy: Policy,
    reports: Reports,
    at: Time,
    password: Option<Vec<u8>>,
    alone: bool,
    form: Form,
    evidence: Option<EvidencePlace<'a>>,
    opinions: Opinions,
}

/// Where evidence files go.
enum EvidencePlace<'a> {
    File(&'a Path),
    Folder(&'a Path),
}

impl Verify {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let form = Form::of(self.json, self.explain);
        let inputs = store::expand(&self.files, &mut std::io::stdin().lock(), Wanted::Extensions(SIGNED));
        if !self.evidence_record.is_empty() && inputs.files.len() > 1 {
            return Err(Failure::usage(
                "--evidence-record is about one file, and there are several",
                "put each record beside its file: contract.pdf.ers is found by itself",
            ));
        }
        let (mut trust, packs) = self.trust.load_with_packs(context)?;
        trust.beacons = self.beacons(context)?;
        let court = Court {
            context,
            policy: self.policy.read(trust.algorithms.as_ref())?,
            trust,
            packs,
            reports: self.reports.prepare(inputs.files.iter().map(|input| input.path.as_path()))?,
            at: self.at.unwrap_or_else(clock::now),
            password: self.password.read()?,
            alone: inputs.files.len() == 1,
            form,
            evidence: self.evidence_place(&inputs)?,
            opinions: self.opinion.peers()?,
        };
        let (mut exit, mut tally) = (Exit::Success, Tally::default());
        for problem in inputs.problems {
            let path = problem.path.clone();
            exit = exit.and(telling::unreadable(context, form, &path, &Failure::Store(problem))?);
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
            |input| court.judge(input, self),
            |input, result| {
                let this = match result {
                    Ok(told) => {
                        let gap = if first || self.json { "" } else { "\n" };
                        context.streams.data(&format!("{gap}{}", told.text))?;
                        told.notes.iter().for_each(|note| context.streams.note(note));
                        tally.count(told.summary)
                    }
                    Err(failure) => {
                        tally.unreadable += 1;
                        telling::unreadable(context, form, &input.path, &failure)?
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

    /// The beacons that were given, and those of the home.
    fn beacons(&self, context: &Context<'_>) -> Result<Vec<Vec<u8>>, Failure> {
        let mut values = Vec::new();
        for path in &self.beacon {
            values.extend(beacons::values(path)?);
        }
        let home = context.existing_home()?.map_or(Ok(Vec::new()), |home| beacons::all(&home))?;
        values.extend(home.into_iter().map(|(beacon, _)| beacon.token));
        Ok(values)
    }

    fn evidence_place(&self, inputs: &Inputs) -> Result<Option<EvidencePlace<'_>>, Failure> {
        let Some(path) = &self.save_evidence else { return Ok(None) };
        if path.is_dir() {
            return Ok(Some(EvidencePlace::Folder(path)));
        }
        if inputs.files.len() > 1 {
            return Err(Failure::usage(
                format!(
                    "{} is not a folder, and the evidence of several files is to be saved",
                    path.display()
                ),
                "make a folder and name it with --save-evidence",
            ));
        }
        Ok(Some(EvidencePlace::File(path)))
    }
}

impl Court<'_> {
    /// The content of a detached signature: the file that was named, or that stands beside it.
    fn content(&self, path: &Path, command: &Verify) -> Result<Option<FileSource>, Failure> {
        if let Some(content) = &command.content {
            return Ok(Some(FileSource::open(content)?));
        }
        Ok(contents::beside(path).map(|content| FileSource::open(&content)).transpose()?)
    }

    /// The evidence records that were named, and those beside the file that were not.
    fn records(path: &Path, command: &Verify) -> Result<Vec<Record>, Failure> {
        let mut records = beside::records(path)?;
        for named in &command.evidence_record {
            let same =
                |record: &Record| std::fs::canonicalize(&record.path).ok() == named.canonicalize().ok();
            if !records.iter().any(same) {
                records.push(Record::open(named)?);
            }
        }
        Ok(records)
    }

    /// The report on one file, and what it amounts to.
    fn judge(&self, input: &store::Input, command: &Verify) -> Result<Told, Failure> {
        let path = &input.path;
        let source = FileSource::open(path)?;
        let streams = self.context.streams;
        let progress = match self.alone {
            true => Progress::new(streams, "verifying", Unit::Bytes, source.len()),
            false => Progress::hidden(),
        };
        let metered = Metered { source: &source, progress: &progress };
        let password = self.password.as_deref();
        let content = self.content(path, command)?;
        let records = Self::records(path, command)?;
        let records: Vec<RecordFile<'_>> = records.iter().map(Record::file).collect();
        let asked = Input {
            source: &metered,
            password,
            content: content.as_ref().map(|content| content as &dyn Source),
            evidence_records: &records,
            extension: path.extension().and_then(|extension| extension.to_str()),
        };
        let Verified { mut evidence, verdict } =
            undersign::verify(&asked, &self.trust, &self.policy, self.at, Limits::STANDARD)
                .map_err(|malformed| Failure::document(path, malformed))?;
        if command.preflight {
            let document = Document::open(&source, password, &mut Budget::default());
            let found = document.and_then(|document| look(&document));
            evidence.findings.extend(found.map_err(|malformed| Failure::document(path, malformed))?);
        }
        evidence.findings.extend(pack::findings(&self.packs));
        source.unchanged()?;
        self.save(input, &evidence, &verdict)?;
        let asked = Question { file: path, anchors: &self.trust.anchors, at: command.at, password };
        let mut additions = self.opinions.ask(&asked, &evidence, &verdict)?;
        pack::members(&self.packs, &mut additions);
        let file = path.display().to_string();
        let catalogue = &self.reports.catalogue;
        let report = Report { file: &file, evidence: &evidence, verdict: &verdict, catalogue };
        self.reports.write(self.context, path, &report)?;
        // Programs read JSON: its words stay the same whatever language people read.
        let told = match self.form {
            Form::Json => Report { catalogue: &self.reports.json_catalogue, ..report },
            Form::Text(_) => report,
        };
        Ok(Told::new(&told, self.form, streams.palette(), additions))
    }

    /// Writes the evidence, after a look whether it gives the same verdict when it is read.
    fn save(&self, input: &store::Input, evidence: &Evidence, verdict: &Verdict) -> Result<(), Failure> {
        let target = match &self.evidence {
            None => return Ok(()),
            Some(EvidencePlace::File(path)) => path.to_path_buf(),
            Some(EvidencePlace::Folder(folder)) => {
                let mut name = folder.join(&input.relative).into_os_string();
                name.push(".evidence.json");
                PathBuf::from(name)
            }
        };
        let collected = Collected {
            by: concat!("undersign ", env!("CARGO_PKG_VERSION")).into(),
            at: clock::now(),
            file: input.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        };
        let text = frozen::write(evidence, &collected, crypto::PROVIDER);
        let again = frozen::read(text.as_bytes(), crypto::PROVIDER, &mut Budget::default());
        let same = again.as_ref().is_ok_and(|again| {
            undersign::validation::validate(&again.evidence, &self.policy, self.at) == *verdict
        });
        if !same {
            let why = again.err().map_or("it gives another verdict".to_owned(), |error| error.to_string());
            return Err(Failure::objection(
                "evidence.not-faithful",
                format!("the evidence of {} is not saved: {why}", input.path.display()),
                "keep the document itself, and report this as a fault of this program",
            ));
        }
        store::create_folders(std::slice::from_ref(&target))?;
        let (existing, access) = (existing(self.reports.force), Access::Mode(NEW_FILE_MODE));
        Ok(write_atomically(&self.context.disk, &target, existing, access, text.as_bytes())?)
    }
}
