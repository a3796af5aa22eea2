//! `undersign needs`: the way to the archive by stick, for computers that never see a network.

use super::Context;
use super::maturing::{Proof, ServiceOptions, WorkshopOptions, client};
use super::options::{OutputOptions, read_small};
use super::sync::advance;
use crate::entropy;
use crate::error::Failure;
use crate::exit::Exit;
use crate::maturing::{Form, Job, Queue, Stick, Workshop, is_kept, ocsp_request, standing};
use clap::{Args, Subcommand, ValueHint};
use net::Client;
use pkix::oid;
use records::{Answer, Answers, Asked, ByteText, Needs, QueueChange, Request};
use std::path::PathBuf;
use store::FileSource;
use undersign::augmentation::{Need, Stage};
use undersign::cms::TimestampRequest;

/// Shown with `undersign needs --help`.
pub const EXAMPLES: &str = "\
Examples:
  undersign needs export -o needs.json                 on the computer without a network
  undersign needs answer needs.json -o answers.json    on one with a network
  undersign needs import answers.json                  back on the first

Three rounds take a file from B-B to B-LTA: the timestamp, what is told after
it, and the timestamp over that.";

/// Carry requests out and answers back, by stick
#[derive(Debug, Subcommand)]
pub enum NeedsCommand {
    Export(Export),
    Answer(Respond),
    Import(Import),
}

/// Write what the files in the queue need next
#[derive(Debug, Args)]
#[command(
    long_about = "Write what the files in your queue need next as requests that a computer with a network can answer. \
        The requests hold digests and certificate numbers, no names of files and nothing of their content.",
    after_long_help = "\
Examples:
  undersign needs export -o needs.json

Exit codes: 0 written, 2 usage, 4 a file could not be read or written."
)]
pub struct Export {
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    workshop: WorkshopOptions,
}

/// Ask the network for what a file of requests needs
#[derive(Debug, Args)]
#[command(
    long_about = "Ask the network for everything that a file of requests needs, and write the answers. Needs no home and no \
        trust: answers are checked where they are imported. What nobody answers is named, and the rest is written.",
    after_long_help = "\
Examples:
  undersign needs answer needs.json -o answers.json --tsa http://tsa.example/

Exit codes: 0 everything was answered, 2 usage, 3 something was not, 4 a file
could not be read or written."
)]
pub struct Respond {
    /// The requests
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    needs: PathBuf,
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    services: ServiceOptions,
}

/// Put answers into the files that need them
#[derive(Debug, Args)]
#[command(
    long_about = "Check the answers that came back, and put each into the file that needs it. Wrong, old, replayed and \
        forged answers are refused by name, and the file stays as it is.",
    after_long_help = "\
Examples:
  undersign needs import answers.json

Exit codes: as for `undersign sync`."
)]
pub struct Import {
    /// The answers
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    answers: PathBuf,
    #[command(flatten)]
    workshop: WorkshopOptions,
    /// One JSON object per file, each on a line
    #[arg(long)]
    json: bool,
}

impl NeedsCommand {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        match self {
            NeedsCommand::Export(export) => export.run(context),
            NeedsCommand::Answer(respond) => respond.run(context),
            NeedsCommand::Import(import) => import.run(context),
        }
    }
}

impl Export {
    fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let home = context.home()?;
        let workshop = self.workshop.open(context)?;
        let mut queue = Queue::open(&home)?;
        let _lock = queue.lock()?;
        let (mut exit, mut requests) = (Exit::Success, Vec::new());
        for (path, goal, asked) in queue.files() {
            let job = Job { output: path.clone(), path: path.clone(), goal, password: None, asked };
            let mut events = Vec::new();
            match workshop.requests(&job, &mut events) {
                Ok(more) => requests.extend(more),
                Err(failure) => {
                    exit = exit.and(failure.exit());
                    context.streams.failure(&failure);
                }
            }
            queue.note(events.into_iter().map(|event| (path.clone(), event)).collect())?;
        }
        let needs = Needs::new(requests);
        context.streams.note(&format!("{} requests", needs.needs.len()));
        self.output.write(context, &needs.to_json())?;
        Ok(exit)
    }
}

impl Workshop<'_> {
    /// What a file needs next, as requests; `events` get what has to be remembered until the answers come.
    fn requests(&self, job: &Job, events: &mut Vec<QueueChange>) -> Result<Vec<Request>, Failure> {
        let source = FileSource::open(&job.path)?;
        let looked = self.look(job, &job.path, &source, &crate::maturing::Answered::default())?;
        let now = standing(&looked, job.goal, None);
        let sha256 = looked.verified.evidence.document.digest.hex();
        events.push(QueueChange::Standing(now));
        let mut requests = Vec::new();
        for need in &looked.outlook.needs {
            match need {
                Need::Timestamp if looked.outlook.stage >= Stage::Timed && is_kept(&looked) => {
                    let reason = format!("{} is kept by evidence records", job.path.display());
                    let hint = "their next timestamp does not go by stick: undersign sync --evidence-record";
                    return Err(Failure::objection("needs.evidence-record", reason, hint));
                }
                Need::Timestamp => {
                    let asked = match job.asked.clone().filter(|asked| asked.sha256 == sha256) {
                        Some(asked) => asked,
                        None => {
                            let nonce: [u8; 16] = entropy::fresh()?;
                            self.prepare(job, &source, &looked)?.asked(sha256.clone(), &nonce)
                        }
                    };
                    requests.push(Request::Timestamp { request: ByteText(timestamp_request(&asked)?) });
                    events.push(QueueChange::Asked(asked));
                }
                Need::Status(need) => requests.push(Request::Status {
                    ocsp_request: ByteText(ocsp_request(need, None)?.der().to_vec()),
                    ocsp: need.ocsp_uris().map(str::to_owned).collect(),
                    crls: need.crl_uris().map(str::to_owned).collect(),
                }),
                Need::Issuer { of } => requests.push(Request::Issuer {
                    uris: of.extensions().access_uris(oid::ACCESS_CA_ISSUERS).map(str::to_owned).collect(),
                }),
                Need::Values(_) => {}
            }
        }
        Ok(requests)
    }
}

fn timestamp_request(asked: &Asked) -> Result<Vec<u8>, Failure> {
    let imprint = crate::maturing::imprint(asked).ok_or(Failure::Internal)?;
    Ok(TimestampRequest::new(&imprint, Some(&asked.nonce.0)).to_der())
}

impl Respond {
    fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let needs = Needs::from_json(&read_small(&self.needs)?).map_err(|reason| {
            Failure::usage(
                format!("{}: {reason}", self.needs.display()),
                "make it with: undersign needs export",
            )
        })?;
        let services = self.services.services(context.existing_home()?.as_ref())?;
        let client = client(&services)?;
        let (mut answers, mut exit) = (Vec::new(), Exit::Success);
        for request in &needs.needs {
            match respond(request, &client, &services.timestamp) {
                Ok(answer) => answers.push(answer),
                Err(failure) => {
                    exit = exit.and(Exit::Indeterminate);
                    context.streams.failure(&failure);
                }
            }
        }
        context.streams.note(&format!("{} of {} requests answered", answers.len(), needs.needs.len()));
        self.output.write(context, &Answers::new(answers).to_json())?;
        Ok(exit)
    }
}

/// The first answer that anybody gives.
fn respond(request: &Request, client: &Client, authorities: &[String]) -> Result<Answer, Failure> {
    let mut last = Failure::objection(
        "service.none",
        "nobody is known who could be asked",
        "name a time-stamping authority with --tsa URL",
    );
    match request {
        Request::Timestamp { request } => {
            for uri in authorities {
                let (query, reply) = ("application/timestamp-query", "application/timestamp-reply");
                match client.post(uri, query, reply, &request.0) {
                    Ok(answer) => return Ok(Answer::Timestamp(ByteText(answer.body))),
                    Err(error) => last = error.into(),
                }
            }
        }
        Request::Status { ocsp_request, ocsp, crls } => {
            for uri in ocsp {
                let (query, reply) = ("application/ocsp-request", "application/ocsp-response");
                match client.post(uri, query, reply, &ocsp_request.0) {
                    Ok(answer) => return Ok(Answer::Ocsp(ByteText(answer.body))),
                    Err(error) => last = error.into(),
                }
            }
            for uri in crls {
                match client.get(uri) {
                    Ok(answer) => return Ok(Answer::Crl(ByteText(answer.body))),
                    Err(error) => last = error.into(),
                }
            }
        }
        Request::Issuer { uris } => {
            for uri in uris {
                match client.get(uri) {
                    Ok(answer) => return Ok(Answer::Issuer(ByteText(answer.body))),
                    Err(error) => last = error.into(),
                }
            }
        }
    }
    Err(last)
}

impl Import {
    fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let answers = Answers::from_json(&read_small(&self.answers)?).map_err(|reason| {
            let hint = "make it with: undersign needs answer";
            Failure::usage(format!("{}: {reason}", self.answers.display()), hint)
        })?;
        let home = context.home()?;
        let workshop = self.workshop.open(context)?;
        let mut queue = Queue::open(&home)?;
        let asked: Vec<Asked> = queue.items.values().filter_map(|item| item.asked.clone()).collect();
        let stick = Stick::new(answers, asked.into_iter());
        let form = Form::of(self.json);
        let exit = advance(context, &workshop, &mut queue, &stick, ((None, Proof::Timestamps), form));
        workshop.keep_received(&home);
        exit
    }
}
