//! `undersign sign`: one document or many, with one consent and one unlocking.

use super::any_file::{self, AnyFile, Format};
use super::consent::{self, Consent};
use super::enrolment::Enrolment;
use super::identity::{choose, describe, open_vault, unlock};
use super::options::{PassphraseOptions, PasswordOptions, existing};
use super::preflight::{Looked, Occurrence, PreflightOptions, joined};
use super::signature::SignatureOptions;
use super::{Context, validity};
use crate::batch::Batch;
use crate::clock;
use crate::entropy;
use crate::error::Failure;
use crate::exit::Exit;
use crate::progress::{Progress, Unit};
use crate::streams::{Streams, json_line};
use crate::watch::{self, Watch};
use crate::write::Target;
use clap::{Args, ValueHint};
use crypto::PROVIDER;
use pdf::Document;
use report::printable;
use serde::Serialize;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use store::{Action, Fault, FileSource, Input, Inputs, StoreError, Wanted};
use types::{Budget, Finding, Limits, Severity, Source};
use undersign::signing::{self, CadesRequest, Plan, Signed, SigningRequest};
use vault::SoftwareSigner;

/// Sign documents
#[derive(Debug, Args)]
#[command(
    long_about = "Sign documents with an identity of your vault: PDFs inside (PAdES, ETSI EN 319 142-1), other files in a \
        container with their signature (ASiC-E, ETSI EN 319 162-1), or as --format says. No network is used.\n\n\
        The originals stay as they are. Each signed file is checked by the own verifier before it gets its \
        name; whatever happens, there is never half a file under that name. Without -o and --out-dir, \
        contract.pdf becomes contract.signed.pdf beside it.\n\n\
        You are shown what will be signed and asked once; --accept says in advance: I have read this and sign \
        it. One file that cannot be signed does not stop the others.\n\n\
        A document whose content acts, changes, hides or is elsewhere is refused; what was found can be \
        accepted by name with --accept-finding (docs/guide/preflight.md).\n\n\
        The time in a signature is what the clock of this computer says, a claim. The names of the signed files \
        go to standard output.",
    after_long_help = "\
Examples:
  undersign sign contract.pdf
  undersign sign contract.pdf -o signed.pdf --reason \"Agreed\" --location Hamburg
  undersign sign contract.pdf --visible 2:72,72,200,60 --image signature.png
  undersign sign report.docx
  undersign sign annexes/ terms.txt --together -o annexes.asice
  undersign sign contract.pdf --at-text \"Buyer:\" --certify form
  undersign sign --out-dir signed offers/ \"archive/*.pdf\" last.pdf
  find . -name \"*.pdf\" -print0 | undersign sign --accept --out-dir signed -

Exit codes: 0 all signed, 1 refused or declined, 2 usage, 4 could not read or
write, 5 wrong passphrase or locked, 70 internal error. Of several the first in
this order counts: 70, 5, 1, 4."
)]
pub struct Sign {
    /// Files, folders, patterns; - reads a list from standard input; of folders only PDFs count unless --format is given
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    files: Vec<PathBuf>,
    /// Write the signed file here (one document only)
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "out_dir")]
    output: Option<PathBuf>,
    /// Write the signed files into this folder, under their own names
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out_dir: Option<PathBuf>,
    /// Overwrite files that exist
    #[arg(long)]
    force: bool,
    /// The form of the signed file: pades, cades, cades-enveloping, asic-s or asic-e
    ///
    /// PDFs are signed inside (pades), other files are put into a container with their signature (asic-e); cades makes a
    /// signature beside the file, cades-enveloping one around it.
    #[arg(long, value_enum, value_name = "FORM", hide_possible_values = true)]
    format: Option<Format>,
    /// One container with all files and one signature over all of them (needs -o)
    #[arg(long, requires = "output")]
    together: bool,
    /// I have read this and sign it: do not ask
    #[arg(long)]
    accept: bool,
    #[command(flatten)]
    preflight: PreflightOptions,
    /// Sign as this identity: its id, the beginning of its id, or its label
    #[arg(long, value_name = "ID")]
    identity: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseOptions,
    #[command(flatten)]
    password: PasswordOptions,
    /// Sign although the certificate has expired
    #[arg(long)]
    allow_expired: bool,
    /// Sign although the certificate is not valid yet
    #[arg(long)]
    allow_not_yet_valid: bool,
    /// Do not put the signed files into the queue of what matures (see `undersign pending`)
    #[arg(long)]
    no_queue: bool,
    /// Leave out the signing record: what this computer knows of its clock, and its newest beacon (docs/guide/time.md)
    #[arg(long)]
    no_record: bool,
    /// One JSON object per document, each on a line
    #[arg(long)]
    json: bool,
    /// Most documents at a time; as many as there are cores if absent
    #[arg(short, long, value_name = "NUMBER")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    signature: SignatureOptions,
}

/// One document, or several that go into one container, and where they go.
struct Job {
    input: PathBuf,
    files: Vec<Input>,
    output: PathBuf,
    format: Format,
}

/// What came of one document.
struct Done {
    signed: Option<Signed>,
    findings: Vec<Finding>,
    accepted: Vec<String>,
}

/// What every document of the batch is signed with.
struct Pen<'a> {
    context: &'a Context<'a>,
    signer: &'a SoftwareSigner,
    request: &'a SigningRequest,
    watch: Option<&'a Watch>,
    password: Option<&'a [u8]>,
    command: &'a Sign,
    alone: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignLine<'a> {
    file: String,
    output: Option<String>,
    field: Option<&'a str>,
    page: Option<usize>,
    signer: Option<&'a str>,
    algorithm: Option<String>,
    findings: Vec<FindingLine<'a>>,
    accepted_findings: &'a [String],
    error: Option<ErrorLine>,
}

#[derive(Serialize)]
struct FindingLine<'a> {
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    hint: &'a str,
}

/// A failure as JSON.
#[derive(Serialize)]
pub struct ErrorLine {
    code: &'static str,
    message: String,
    at: Option<u64>,
    hint: String,
}

impl From<&Failure> for ErrorLine {
    fn from(failure: &Failure) -> ErrorLine {
        ErrorLine {
            code: failure.code(),
            message: failure.to_string(),
            at: failure.at(),
            hint: failure.hint(),
        }
    }
}

impl Sign {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let wanted = match self.format {
            None | Some(Format::Pades) if !self.together => Wanted::Extensions(&["pdf"]),
            _ => Wanted::Every,
        };
        let inputs = store::expand(&self.files, &mut std::io::stdin().lock(), wanted);
        let exit = self.report_problems(context, &inputs)?;
        let jobs = self.jobs(&inputs)?;
        if jobs.is_empty() {
            let nothing =
                || Failure::usage("there is no PDF file to sign", "name files, or folders that hold some");
            return if exit == Exit::Success { Err(nothing()) } else { Ok(exit) };
        }
        let (home, vault) = open_vault(context)?;
        let identity = choose::choose(&home, &vault, self.identity.as_deref())?;
        let certificates = describe::certificates(identity);
        let Some(own) = certificates.first() else {
            let reason = format!("identity {} has no certificate yet", identity.id());
            return Err(Failure::usage(reason, "ask for one with: undersign identity csr"));
        };
        validity::check(context.streams, own, clock::now(), self.permissions())?;
        let algorithm = self.signature.algorithm.algorithm(identity.public())?;
        let password = self.password.read()?;
        let request = self.signature.signing_request(certificates.clone(), algorithm.clone())?;
        let watch = (!self.no_record).then(|| Watch::open(context, Some(&home)));
        watch.iter().for_each(|watch| watch.warn(context));
        self.try_out(context, &jobs, (&request, watch.as_ref()), password.as_deref())?;
        let subject = own.subject().to_string();
        let listed: Vec<(&Path, &Path)> = jobs
            .iter()
            .flat_map(|job| job.files.iter().map(|file| (file.path.as_path(), job.output.as_path())))
            .collect();
        let mut statement =
            consent::statement(&listed, &format!("{subject} ({})", identity.id()), &self.signature);
        for code in self.preflight.codes() {
            statement.push_str(&format!("\n  although it has the finding {code}"));
        }
        consent::ask(context.streams, &statement, Consent::given(self.accept))?;
        let unlocked = unlock(context, &vault, &self.passphrase)?;
        let signer = unlocked.signer(&identity.id(), Some(algorithm))?;
        let outputs: Vec<PathBuf> = jobs.iter().map(|job| job.output.clone()).collect();
        if self.out_dir.is_some() {
            store::create_folders(&outputs)?;
        }
        if watch.is_some() {
            watch::remember(context, &home, clock::reading());
        }
        let pen = Pen {
            context,
            signer: &signer,
            request: &request,
            watch: watch.as_ref(),
            password: password.as_deref(),
            command: self,
            alone: jobs.len() == 1,
        };
        let mut enrolment = match self.no_queue {
            true => Enrolment::none(context),
            false => {
                let files = outputs.iter().map(PathBuf::as_path);
                Enrolment::announce(context, &home, files, &certificates)
            }
        };
        let signed = self.sign_all(&pen, &jobs, &subject, &mut enrolment);
        enrolment.finish();
        Ok(exit.and(signed?))
    }

    fn permissions(&self) -> validity::Permissions {
        validity::Permissions::new(self.allow_expired, self.allow_not_yet_valid)
    }

    fn sign_all(
        &self,
        pen: &Pen<'_>,
        jobs: &[Job],
        subject: &str,
        enrolment: &mut Enrolment<'_>,
    ) -> Result<Exit, Failure> {
        let streams = pen.context.streams;
        let (mut exit, mut done) = (Exit::Success, 0);
        let batch = Batch { streams, what: "signing", jobs: self.jobs };
        batch.run(
            jobs,
            |job| pen.sign(job),
            |job, result| {
                match &result {
                    Ok(_) => {
                        done += 1;
                        enrolment.signed(&job.output);
                    }
                    Err(failure) => {
                        exit = exit.and(failure.exit());
                        enrolment.not_signed(&job.output);
                    }
                }
                self.report(pen, job, subject, &result)
            },
        )?;
        if jobs.len() > 1 {
            let failed = jobs.len() - done;
            streams.note(&format!("{} documents: {done} signed, {failed} not signed", jobs.len()));
        }
        Ok(exit)
    }

    fn report(
        &self,
        pen: &Pen<'_>,
        job: &Job,
        subject: &str,
        result: &Result<Done, Failure>,
    ) -> Result<(), Failure> {
        let streams = pen.context.streams;
        let input = job.input.display().to_string();
        let findings = result.as_ref().map(|done| done.findings.as_slice()).unwrap_or_default();
        // Those of a single document were shown before consent was asked for.
        if !pen.alone {
            warn(streams, &job.input, findings);
        }
        if let Err(failure) = result {
            streams.failure(failure);
        }
        if !self.json {
            return match result {
                Ok(_) => streams.data(&format!("{}\n", printable(&job.output.display().to_string()))),
                Err(_) => Ok(()),
            };
        }
        let done = result.as_ref().ok();
        streams.data(&json_line(&SignLine {
            file: input,
            output: done.map(|_| job.output.display().to_string()),
            field: done.and_then(|done| done.signed.as_ref()).map(|signed| signed.field.as_str()),
            page: done.and_then(|done| done.signed.as_ref()?.page).map(|index| index + 1),
            signer: done.map(|_| subject),
            algorithm: done.map(|_| pen.request.algorithm.to_string()),
            findings: findings.iter().map(finding_line).collect(),
            accepted_findings: done.map(|done| done.accepted.as_slice()).unwrap_or_default(),
            error: result.as_ref().err().map(ErrorLine::from),
        }))
    }

    fn report_problems(&self, context: &Context<'_>, inputs: &Inputs) -> Result<Exit, Failure> {
        let mut exit = Exit::Success;
        for problem in &inputs.problems {
            let failure = Failure::Store(problem.clone());
            exit = exit.and(failure.exit());
            context.streams.failure(&failure);
            if self.json {
                context.streams.data(&json_line(&SignLine {
                    file: problem.path.display().to_string(),
                    output: None,
                    field: None,
                    page: None,
                    signer: None,
                    algorithm: None,
                    findings: Vec::new(),
                    accepted_findings: &[],
                    error: Some(ErrorLine::from(&failure)),
                }))?;
            }
        }
        Ok(exit)
    }

    /// Where each document goes; nothing is signed if two would go to one place.
    fn jobs(&self, inputs: &Inputs) -> Result<Vec<Job>, Failure> {
        let files = &inputs.files;
        if let (true, Some(output), [first, ..]) = (self.together, &self.output, files.as_slice()) {
            let format = self.format.unwrap_or(Format::AsicE);
            let (input, files) = (first.path.clone(), files.clone());
            return Ok(vec![Job { input, files, output: output.clone(), format }]);
        }
        let outputs = match (&self.output, &self.out_dir) {
            (Some(output), _) => match files.as_slice() {
                [] => Vec::new(),
                [only] if is_same_file(&only.path, output) => {
                    let reason = format!("{} is the document itself, which stays as it is", output.display());
                    return Err(Failure::usage(reason, "choose another name with -o"));
                }
                [_] => vec![output.clone()],
                several => {
                    let reason = format!("-o names one file and there are {} documents", several.len());
                    return Err(Failure::usage(reason, "give a folder with --out-dir"));
                }
            },
            (None, Some(folder)) => {
                let named: Vec<Input> = files.iter().map(|input| self.named(input)).collect();
                store::plan_outputs(&named, folder).map_err(several_problems)?
            }
            (None, None) => files.iter().map(|input| self.beside(input)).collect::<Result<_, _>>()?,
        };
        let job = |(input, output): (&Input, PathBuf)| Job {
            input: input.path.clone(),
            files: vec![input.clone()],
            output,
            format: self.format_of(&input.path),
        };
        Ok(files.iter().zip(outputs).map(job).collect())
    }

    fn format_of(&self, path: &Path) -> Format {
        self.format.unwrap_or_else(|| Format::usual(path))
    }

    /// The input with the name that its result has below an output folder.
    fn named(&self, input: &Input) -> Input {
        match self.format_of(&input.path) {
            Format::Pades => input.clone(),
            format => Input { relative: any_file::beside(&input.relative, format), ..input.clone() },
        }
    }

    /// `contract.pdf` becomes `contract.signed.pdf`. Documents found in folders need a folder of their own to go to, or
    /// the next run over the folder would sign them again.
    fn beside(&self, input: &Input) -> Result<PathBuf, Failure> {
        let found = Some(input.relative.as_os_str()) != input.path.file_name();
        if found || self.files.iter().any(|argument| argument.is_dir()) {
            let reason = format!("{} was found in a folder", input.path.display());
            return Err(Failure::usage(reason, "say with --out-dir where the signed files go"));
        }
        let format = self.format_of(&input.path);
        if format != Format::Pades {
            return Ok(any_file::beside(&input.path, format));
        }
        let mut name = input.path.file_stem().unwrap_or_default().to_owned();
        name.push(".signed.pdf");
        Ok(input.path.with_file_name(name))
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn several_problems(mut errors: Vec<StoreError>) -> Failure {
    if errors.is_empty() {
        Failure::Internal
    } else {
        Failure::Usage {
            reason: errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            hint: errors.remove(0).hint().to_owned(),
        }
    }
}

fn warn(streams: &Streams, document: &Path, findings: &[Finding]) {
    for finding in findings.iter().filter(|finding| finding.severity > Severity::Info) {
        streams.warning(&format!("{}: {}", document.display(), finding.message), &finding.hint);
    }
}

fn finding_line(finding: &Finding) -> FindingLine<'_> {
    FindingLine {
        code: &finding.code,
        severity: finding.severity.as_str(),
        message: &finding.message,
        hint: &finding.hint,
    }
}

/// A document with its plan: all that can be refused has been, and nothing is written yet.
struct Planned {
    original: FileSource,
    plan: Plan,
    findings: Vec<Finding>,
    accepted: Vec<String>,
}

impl Sign {
    fn plan(
        &self,
        job: &Job,
        (request, watch): (&SigningRequest, Option<&Watch>),
        password: Option<&[u8]>,
        occurrence: Occurrence,
    ) -> Result<Planned, Failure> {
        let original = FileSource::open(&job.input)?;
        let mut request = request.clone();
        request.entropy = entropy::fresh()?;
        if let Some(claimed) = &mut request.signature.claimed_time {
            claimed.time = clock::now();
        }
        request.record = watch.map(Watch::record);
        let refused = |refusal| Failure::refusal(&job.input, refusal);
        let mut budget = Budget::new(Limits::STANDARD);
        let document = Document::open(&original, password, &mut budget)
            .map_err(|malformed| refused(malformed.into()))?;
        self.signature.fit(&mut request.signature, &document, &mut budget);
        let plan = signing::plan(&document, &request, PROVIDER, &mut budget).map_err(refused)?;
        let Looked { findings, accepted } = self.preflight.check(&job.input, &document, occurrence)?;
        let findings = joined(plan.findings(), &findings);
        drop(document);
        Ok(Planned { original, plan, findings, accepted })
    }

    /// Finds out before consent and passphrase are asked for whether a single document could be signed at all. In a
    /// batch one document more or less changes nothing, and each is planned when it is its turn.
    fn try_out(
        &self,
        context: &Context<'_>,
        jobs: &[Job],
        request: (&SigningRequest, Option<&Watch>),
        password: Option<&[u8]>,
    ) -> Result<(), Failure> {
        let [job] = jobs else { return Ok(()) };
        if !self.force && job.output.symlink_metadata().is_ok() {
            return Err(StoreError::new(Action::Write, &job.output, Fault::Exists).into());
        }
        if job.format != Format::Pades {
            return Ok(());
        }
        let planned = self.plan(job, request, password, Occurrence::Required)?;
        warn(context.streams, &job.input, &planned.findings);
        Ok(())
    }
}

impl Pen<'_> {
    fn sign(&self, job: &Job) -> Result<Done, Failure> {
        if job.format == Format::Pades { self.sign_pdf(job) } else { self.sign_any(job) }
    }

    /// Signs what is no PDF, or a PDF like any other file.
    fn sign_any(&self, job: &Job) -> Result<Done, Failure> {
        let target = AnyFile {
            disk: &self.context.disk,
            files: &job.files,
            output: &job.output,
            existing: existing(self.command.force),
            format: job.format,
        };
        let mime_type = any_file::mime_type(&job.input).filter(|_| job.format == Format::Cades);
        let request = CadesRequest {
            certificates: self.request.certificates.clone(),
            algorithm: self.request.algorithm.clone(),
            claimed_time: clock::now(),
            mime_type: mime_type.map(str::to_owned),
            commitments: self.request.commitments.clone(),
            roles: self.request.roles.clone(),
            policy: self.request.policy.clone(),
            record: self.watch.map(Watch::record),
        };
        target.sign(&request, |octets| {
            crypto::Signer::sign(self.signer, octets.message())
                .map_err(|error| Failure::refused(&job.input, "sign.key", error.to_string(), "try again"))
        })?;
        Ok(Done { signed: None, findings: Vec::new(), accepted: Vec::new() })
    }

    fn sign_pdf(&self, job: &Job) -> Result<Done, Failure> {
        let Planned { original, plan, findings, accepted } =
            self.command.plan(job, (self.request, self.watch), self.password, Occurrence::Optional)?;
        let progress = match self.alone {
            true => {
                Progress::new(self.context.streams, "signing", Unit::Bytes, original.len().saturating_mul(2))
            }
            false => Progress::hidden(),
        };
        let target = Target {
            disk: &self.context.disk,
            original: &original,
            password: self.password,
            output: &job.output,
            existing: existing(self.command.force),
            progress: &progress,
        };
        let signed = target.sign(plan, |octets| {
            crypto::Signer::sign(self.signer, octets.message())
                .map_err(|error| Failure::refused(&job.input, "sign.key", error.to_string(), "try again"))
        })?;
        Ok(Done { signed: Some(signed), findings, accepted })
    }
}
