//! `undersign complete`: a prepared signature finished with a value made elsewhere.

use super::Context;
use super::options::{PasswordOptions, existing, read_small};
use crate::error::Failure;
use crate::exit::Exit;
use crate::progress::{Progress, Unit};
use crate::write::Target;
use clap::{Args, ValueHint};
use crypto::PROVIDER;
use records::PlanRecord;
use report::printable;
use std::path::PathBuf;
use store::FileSource;
use types::Source;
use undersign::signing::{ToBeSigned, signature_value};

/// Finish a prepared signature with a value made elsewhere
#[derive(Debug, Args)]
#[command(
    long_about = "Finish a signature that `undersign prepare` planned, with a signature value made elsewhere.\n\n\
        The value is checked against the certificate, and the document against the plan, before anything is \
        written. ECDSA values may be DER, as OpenSSL makes them, or two numbers one after the other, as \
        smart cards do. The document is looked for where it was, then beside the plan; --document names \
        another place.",
    after_long_help = "\
Example:
  undersign complete plan.json --signature value.bin -o signed.pdf

Exit codes: 0 done, 1 the value or the document does not fit the plan, 2 usage,
4 could not read or write."
)]
pub struct Complete {
    /// The plan
    #[arg(value_name = "PLAN", value_hint = ValueHint::FilePath)]
    plan: PathBuf,
    /// The signature value, raw bytes
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    signature: PathBuf,
    /// Write the signed document here
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// The document, if it is not where the plan says
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    document: Option<PathBuf>,
    /// Overwrite the file if it exists
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    password: PasswordOptions,
}

impl Complete {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let not_a_plan = |reason: String| {
            Failure::document(&self.plan, types::Malformed::syntax(None, reason, "spec/plan.md"))
        };
        let record =
            PlanRecord::from_json(&read_small(&self.plan)?).map_err(|error| not_a_plan(error.to_string()))?;
        let octets =
            ToBeSigned::from_record(&record, PROVIDER).map_err(|error| not_a_plan(error.to_string()))?;
        let value = self.value(&octets)?;
        let path = self.document_path(&record);
        let original = FileSource::open(&path)?;
        if original.len() != record.document.length {
            let reason = format!(
                "{} has {} bytes, the document of the plan had {}",
                path.display(),
                original.len(),
                record.document.length
            );
            let hint = "give the untouched document with --document, or prepare the signature anew";
            return Err(Failure::objection("sign.other-document", reason, hint));
        }
        let password = self.password.read()?;
        let progress =
            Progress::new(context.streams, "signing", Unit::Bytes, original.len().saturating_mul(2));
        let target = Target {
            disk: &context.disk,
            original: &original,
            password: password.as_deref(),
            output: &self.output,
            existing: existing(self.force),
            progress: &progress,
        };
        let signed = target.complete(&octets, &value)?;
        drop(progress);
        context.streams.data(&format!("{}\n", printable(&self.output.display().to_string())))?;
        context.streams.note(&format!("signed {} in field {}", path.display(), signed.field));
        Ok(Exit::Success)
    }

    /// The value in the form that CMS wants, checked against the signer's certificate.
    fn value(&self, octets: &ToBeSigned) -> Result<Vec<u8>, Failure> {
        let given = read_small(&self.signature)?;
        let key =
            octets.certificates().first().and_then(|own| own.public_key().ok()).map(|key| key.algorithm);
        let value = match key {
            Some(key) => signature_value(key, &given).into_owned(),
            None => given,
        };
        octets.check_value(&value, PROVIDER).map_err(|error| {
            let reason = format!("{}: {error}", self.signature.display());
            let hint = format!(
                "sign the octets of this plan by {}, with the key of the certificate",
                octets.algorithm()
            );
            Failure::objection("sign.value", reason, hint)
        })?;
        Ok(value)
    }

    /// What `--document` says, or the path in the plan: as it stands, else beside the plan.
    fn document_path(&self, record: &PlanRecord) -> PathBuf {
        if let Some(path) = &self.document {
            return path.clone();
        }
        let noted = PathBuf::from(&record.document.path);
        let beside_plan = self.plan.parent().map(|folder| folder.join(&noted));
        match beside_plan {
            Some(beside) if !noted.exists() && beside.exists() => beside,
            _ => noted,
        }
    }
}
