//! `undersign prepare`: everything about a signature decided, for a key that is elsewhere.

use super::options::{MAX_SMALL_FILE, NEW_FILE_MODE, PasswordOptions, existing};
use super::preflight::{Occurrence, PreflightOptions, joined};
use super::signature::SignatureOptions;
use super::{Context, validity};
use crate::clock;
use crate::error::Failure;
use crate::exit::Exit;
use crate::progress::{Metered, Progress, Unit};
use crate::watch::{self, Watch};
use clap::{Args, ValueHint};
use crypto::{DigestAlgorithm, PROVIDER};
use pdf::Document;
use pkix::Certificate;
use records::PlanDocument;
use std::path::{Path, PathBuf};
use store::{Access, FileSource, write_atomically};
use types::{Budget, Limits, Severity, Source, Span};
use undersign::{evidence, signing};

/// Decide everything about a signature, for a key that is elsewhere
#[derive(Debug, Args)]
#[command(
    long_about = "Decide everything about a signature, for a key that is elsewhere: on a machine without a network, in \
        a smart card, at a service.\n\n\
        The plan file holds the place and look of the signature and the octets that the key must sign \
        (signed attributes, DER). Take the octets to the key, bring the signature value back, and finish \
        with `undersign complete`. No key is used here and no vault is needed. The document must stay as \
        it is until then.",
    after_long_help = "\
Example, with the key in a file that OpenSSL can read:
  undersign prepare contract.pdf -o plan.json --certificate ada.pem \\
      --octets octets.bin
  openssl dgst -sha256 -sign key.pem -out value.bin octets.bin
  undersign complete plan.json --signature value.bin -o signed.pdf

Exit codes: 0 planned, 1 refused, 2 usage, 4 could not read or write."
)]
pub struct Prepare {
    /// The PDF file to be signed
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Write the plan here
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// The signer's certificate, with those above it if they are in the same file (PEM, DER, PKCS#7)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    certificate: PathBuf,
    /// More certificates above it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    chain: Vec<PathBuf>,
    /// Write the octets that the key must sign here, too
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    octets: Option<PathBuf>,
    /// Leave out the signing record: what this computer knows of its clock, and its newest beacon (docs/guide/time.md)
    #[arg(long)]
    no_record: bool,
    /// Overwrite files that exist
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    password: PasswordOptions,
    /// Plan although the certificate has expired
    #[arg(long)]
    allow_expired: bool,
    /// Plan although the certificate is not valid yet
    #[arg(long)]
    allow_not_yet_valid: bool,
    #[command(flatten)]
    preflight: PreflightOptions,
    #[command(flatten)]
    signature: SignatureOptions,
}

impl Prepare {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let certificates = self.certificates()?;
        let own = certificates.first().ok_or(Failure::Internal)?;
        let permissions = validity::Permissions::new(self.allow_expired, self.allow_not_yet_valid);
        validity::check(context.streams, own, clock::now(), permissions)?;
        let key = own.public_key().map_err(|unknown| {
            let reason = format!("the key of the certificate cannot be used: {unknown}");
            Failure::refused(&self.file, "sign.unsupported-key", reason, "use an RSA, ECDSA or Ed25519 key")
        })?;
        let algorithm = self.signature.algorithm.algorithm(key)?;
        let password = self.password.read()?;
        let mut request = self.signature.signing_request(certificates.clone(), algorithm)?;
        request.record = self.record(context)?;
        let original = FileSource::open(&self.file)?;
        let refused = |refusal| Failure::refusal(&self.file, refusal);
        let mut budget = Budget::new(Limits::STANDARD);
        let document = Document::open(&original, password.as_deref(), &mut budget)
            .map_err(|malformed| refused(malformed.into()))?;
        self.signature.fit(&mut request.signature, &document, &mut budget);
        let plan = signing::plan(&document, &request, PROVIDER, &mut budget).map_err(refused)?;
        let looked = self.preflight.check(&self.file, &document, Occurrence::Required)?;
        let findings = joined(plan.findings(), &looked.findings);
        for finding in findings.iter().filter(|finding| finding.severity > Severity::Info) {
            context.streams.warning(&finding.message, &finding.hint);
        }
        let progress =
            Progress::new(context.streams, "hashing", Unit::Bytes, original.len().saturating_mul(2));
        let metered = Metered { source: &original, progress: &progress };
        let unreadable = |error: types::SourceError| Failure::document(&self.file, error.into());
        let content = plan.content_digest(&metered, PROVIDER).map_err(unreadable)?;
        let octets = plan.to_be_signed(content).map_err(refused)?;
        let document = PlanDocument {
            path: self.file.display().to_string(),
            length: original.len(),
            sha256: whole_digest(&metered).map_err(unreadable)?,
        };
        original.unchanged()?;
        let record = octets.to_record(document, PROVIDER).map_err(|error| {
            Failure::refused(&self.file, "sign.record", error.to_string(), "use another algorithm")
        })?;
        self.write(context, &self.output, &record.to_json())?;
        if let Some(path) = &self.octets {
            self.write(context, path, octets.message())?;
        }
        let streams = context.streams;
        streams.data(&format!("{}\n", record.to_be_signed_digest))?;
        streams.note(&format!("planned a signature in field {} as {}", record.field, own.subject()));
        streams.note(&format!("  the key must sign the octets by {}", record.algorithm));
        streams
            .note("  their digest is on standard output; the octets are `toBeSigned` in the plan (base64)");
        streams.note(&format!("next: undersign complete {} --signature VALUE -o OUT", self.output.display()));
        Ok(Exit::Success)
    }

    /// What goes into the signed attributes of what this computer knows of time. There need not be a home.
    fn record(&self, context: &Context<'_>) -> Result<Option<Vec<u8>>, Failure> {
        if self.no_record {
            return Ok(None);
        }
        let home = context.existing_home()?;
        let watch = Watch::open(context, home.as_ref());
        watch.warn(context);
        home.iter().for_each(|home| watch::remember(context, home, clock::reading()));
        Ok(Some(watch.record()))
    }

    fn certificates(&self) -> Result<Vec<Certificate>, Failure> {
        let mut all: Vec<Certificate> = Vec::new();
        for path in std::iter::once(&self.certificate).chain(&self.chain) {
            let bytes = FileSource::open(path)?.read_all(MAX_SMALL_FILE)?;
            let found = pkix::read_certificates(&bytes, &mut Budget::default())
                .map_err(|malformed| Failure::document(path, malformed))?;
            for certificate in found {
                if !all.contains(&certificate) {
                    all.push(certificate);
                }
            }
        }
        Ok(all)
    }

    fn write(&self, context: &Context<'_>, path: &Path, content: &[u8]) -> Result<(), Failure> {
        Ok(write_atomically(&context.disk, path, existing(self.force), Access::Mode(NEW_FILE_MODE), content)?)
    }
}

/// SHA-256 of every byte, in hexadecimal.
fn whole_digest(source: &dyn Source) -> Result<String, types::SourceError> {
    let mut hasher = PROVIDER.hasher(DigestAlgorithm::Sha256);
    evidence::feed(source, Span::new(0, source.len()), &mut |bytes| hasher.update(bytes))?;
    Ok(hasher.finish().hex())
}
