//! `undersign replay`: saved evidence judged anew, at another time or by another policy, without the document.

use super::Context;
use super::options::PolicyOptions;
use super::telling::{self, Additions, Form, Tally, Told};
use crate::clock;
use crate::error::Failure;
use crate::exit::Exit;
use clap::{Args, ValueHint};
use crypto::{Digest, DigestAlgorithm, PROVIDER};
use report::{Catalogue, Language, Report};
use serde_json::json;
use std::path::{Path, PathBuf};
use store::{FileSource, Wanted};
use types::{Budget, Source, SourceError, Time};
use undersign::evidence::frozen::{self, Frozen};
use undersign::validation::{Policy, validate};

/// Judge saved evidence again, without the document
#[derive(Debug, Args)]
#[command(
    long_about = "Judge evidence that `undersign verify --save-evidence` saved, as of any time and by any policy, \
        without the document and without computing a signature again.\n\n\
        An evidence file is a claim of whoever made it: its own digest shows damage, not who wrote it. \
        With --document the file named is compared with the one that the evidence is about.",
    after_long_help = "\
Examples:
  undersign verify --save-evidence contract.evidence.json contract.pdf
  undersign replay contract.evidence.json
  undersign replay --at 2040-01-01 --policy personal contract.evidence.json
  undersign replay --document contract.pdf contract.evidence.json

Exit codes: as those of `undersign verify`; 1 also if --document is another
document."
)]
pub struct Replay {
    /// Evidence files, folders, patterns; - reads a list from standard input
    #[arg(required = true, value_name = "EVIDENCE", value_hint = ValueHint::AnyPath)]
    files: Vec<PathBuf>,
    /// Judge as of this time instead of now, e.g. 2026-01-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    at: Option<Time>,
    #[command(flatten)]
    policy: PolicyOptions,
    /// Compare the digest of this document with that in the evidence; for one evidence file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    document: Option<PathBuf>,
    /// One JSON object per file, each on a line (spec/verify-report.schema.json)
    #[arg(long)]
    json: bool,
    /// Show every question of the validation with its answer and clause
    #[arg(long, conflicts_with = "json")]
    explain: bool,
}

/// What every file is judged by.
struct Rules {
    policy: Policy,
    at: Time,
    catalogue: Catalogue,
    form: Form,
}

impl Replay {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let wanted = Wanted::Extensions(&["json"]);
        let inputs = store::expand(&self.files, &mut std::io::stdin().lock(), wanted);
        if self.document.is_some() && inputs.files.len() > 1 {
            return Err(Failure::usage(
                "one document cannot be that of several evidence files",
                "name one evidence file with --document",
            ));
        }
        if inputs.files.is_empty() && inputs.problems.is_empty() {
            return Err(Failure::usage("there is no evidence file", "name files, or folders that hold some"));
        }
        let rules = Rules {
            policy: self.policy.read(None)?,
            at: self.at.unwrap_or_else(clock::now),
            catalogue: Catalogue::new(Language::default()),
            form: Form::of(self.json, self.explain),
        };
        let (mut exit, mut tally) = (Exit::Success, Tally::default());
        for problem in inputs.problems {
            let path = problem.path.clone();
            exit = exit.and(telling::unreadable(context, rules.form, &path, &Failure::Store(problem))?);
            tally.unreadable += 1;
        }
        for (index, input) in inputs.files.iter().enumerate() {
            exit = exit.and(match self.judge(context, &input.path, &rules) {
                Ok(told) => {
                    let gap = if index == 0 || self.json { "" } else { "\n" };
                    context.streams.data(&format!("{gap}{}", told.text))?;
                    tally.count(told.summary)
                }
                Err(failure) => {
                    tally.unreadable += 1;
                    telling::unreadable(context, rules.form, &input.path, &failure)?
                }
            });
        }
        tally.note(context);
        Ok(exit)
    }

    fn judge(&self, context: &Context<'_>, path: &Path, rules: &Rules) -> Result<Told, Failure> {
        let bytes = FileSource::open(path)?.read_all(frozen::MOST_BYTES)?;
        let frozen = frozen::read(&bytes, PROVIDER, &mut Budget::default())
            .map_err(|error| Failure::Evidence { file: path.to_owned(), error: Box::new(error) })?;
        let found = self.document.as_deref().map(|document| compare(document, &frozen)).transpose()?;
        let verdict = validate(&frozen.evidence, &rules.policy, rules.at);
        let file = path.display().to_string();
        let report = Report {
            file: &file,
            evidence: &frozen.evidence,
            verdict: &verdict,
            catalogue: &rules.catalogue,
        };
        let additions = origin(&frozen, found);
        Ok(Told::new(&report, rules.form, context.streams.palette(), additions))
    }
}

/// That the document named is the one that the evidence is about.
struct SameDocument;

fn compare(path: &Path, frozen: &Frozen) -> Result<SameDocument, Failure> {
    let source = FileSource::open(path)?;
    let digest = sha256(&source).map_err(|error| Failure::document(path, error.into()))?;
    source.unchanged()?;
    if digest != frozen.evidence.document.digest {
        return Err(Failure::objection(
            "replay.other-document",
            format!("{} is not the document that the evidence is about", path.display()),
            "check the document itself with: undersign verify",
        ));
    }
    Ok(SameDocument)
}

fn sha256(source: &dyn Source) -> Result<Digest, SourceError> {
    let mut hasher = PROVIDER.hasher(DigestAlgorithm::Sha256);
    let mut piece = vec![0; 1 << 20];
    let mut at = 0;
    while at < source.len() {
        let left = usize::try_from(source.len() - at).unwrap_or(usize::MAX);
        let length = piece.len().min(left);
        let part = piece.get_mut(..length).unwrap_or_default();
        source.read_at(at, part)?;
        hasher.update(part);
        at += length as u64;
    }
    Ok(hasher.finish())
}

/// Whose word the verdict rests on.
fn origin(frozen: &Frozen, same: Option<SameDocument>) -> Additions {
    let Frozen { collected, evidence } = frozen;
    let (check, word) = match same {
        Some(SameDocument) => ("the document is the one that the evidence is about (SHA-256)", "same"),
        None => ("the document was not looked at again", "not-checked"),
    };
    let by = format!(
        "from evidence collected by {} on {} from {:?}, by its own word",
        collected.by, collected.at, collected.file
    );
    let member = json!({
        "collectedBy": collected.by,
        "collectedAt": collected.at.to_string(),
        "file": collected.file,
        "documentLength": evidence.document.len,
        "document": word,
    });
    Additions { lines: vec![by, check.to_owned()], members: vec![("evidence", member)], notes: Vec::new() }
}
