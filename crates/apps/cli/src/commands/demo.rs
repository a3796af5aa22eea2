//! `undersign demo`: a contract signed and checked with a throw-away key, to see it work.

use super::Context;
use super::options::{NEW_FILE_MODE, existing};
use crate::clock;
use crate::entropy;
use crate::error::Failure;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::write::Target;
use clap::{Args, ValueHint};
use crypto::{Curve, KeyAlgorithm, PROVIDER, Signer};
use pdf::Document;
use pdf::signature::{Application, ClaimedTime, FieldChoice, Placement, SignatureRequest};
use pkix::{AnchorRole, Certificate, Name, SelfSigned, TrustAnchor, oid};
use report::{Catalogue, Detail, Language, Palette, Report};
use std::path::{Path, PathBuf};
use store::{Access, FileSource, create_folders, write_atomically};
use types::{Budget, Limits};
use undersign::signing::{self, SigningRequest};
use undersign::validation::Policy;
use undersign::{Input, Trust, Verified};
use vault::{PrivateKey, SoftwareSigner, VaultError};

/// The contract that comes with the program: two pages, an empty signature field for each party.
const CONTRACT: &[u8] = include_bytes!("../../assets/contract.pdf");
/// The field of the contract that the demonstration signs.
const CONTRACT_FIELD: &str = "Seller";
/// Who signs the demonstration.
const SIGNER: &str = "Ada Example (demonstration only)";
/// Folders tried for the results when none is named.
const FOLDER: &str = "undersign-demo";

/// Sign and check a contract with a throw-away key, to see it work
#[derive(Debug, Args)]
#[command(
    long_about = "Sign a contract with a throw-away key, check the signature, and leave everything for you to look at. \
        Nothing of yours is touched, no network is used, and the key is forgotten at once: the signature means \
        nothing.",
    after_long_help = "\
Examples:
  undersign demo
  undersign demo offer.pdf --dir trial

Exit codes: 0 signed and passed, 1 not, 2 usage, 4 could not read or write."
)]
pub struct Demo {
    /// The PDF to sign; a contract that comes with the program if absent
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// Write the results into this folder; ./undersign-demo if absent
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,
    /// Overwrite files that exist
    #[arg(long)]
    force: bool,
}

/// Where everything goes.
struct Results {
    original: PathBuf,
    signed: PathBuf,
    certificate: PathBuf,
    text: PathBuf,
    json: PathBuf,
}

impl Demo {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let results = self.results();
        create_folders(std::slice::from_ref(&results.signed))?;
        let (signer, certificate) = throw_away_identity()?;
        let original = match &self.file {
            Some(file) => file.clone(),
            None => {
                self.write(context, &results.original, CONTRACT)?;
                results.original.clone()
            }
        };
        self.sign(context, &original, &results.signed, &signer, &certificate)?;
        self.write(context, &results.certificate, certificate.to_pem().as_bytes())?;
        let passed = self.verify(context, &results, certificate)?;
        self.tell(context, &original, &results)?;
        Ok(if passed { Exit::Success } else { Exit::Failed })
    }

    /// A folder of its own for each demonstration, unless the person names one.
    fn results(&self) -> Results {
        let free = || {
            let numbered = (2..).map(|number| PathBuf::from(format!("{FOLDER}-{number}")));
            std::iter::once(PathBuf::from(FOLDER)).chain(numbered).find(|folder| !folder.exists())
        };
        let folder = self.dir.clone().or_else(free).unwrap_or_else(|| FOLDER.into());
        let stem = self.file.as_deref().and_then(Path::file_stem).unwrap_or("contract".as_ref());
        let named = |ending: &str| {
            let mut name = stem.to_owned();
            name.push(ending);
            folder.join(name)
        };
        Results {
            original: named(".pdf"),
            signed: named(".signed.pdf"),
            certificate: folder.join("certificate.pem"),
            text: folder.join("report.txt"),
            json: folder.join("report.json"),
        }
    }

    fn write(&self, context: &Context<'_>, path: &Path, content: &[u8]) -> Result<(), Failure> {
        Ok(write_atomically(&context.disk, path, existing(self.force), Access::Mode(NEW_FILE_MODE), content)?)
    }

    fn sign(
        &self,
        context: &Context<'_>,
        original: &Path,
        output: &Path,
        signer: &SoftwareSigner,
        certificate: &Certificate,
    ) -> Result<(), Failure> {
        let source = FileSource::open(original)?;
        let refused = |refusal| Failure::refusal(original, refusal);
        let mut budget = Budget::new(Limits::STANDARD);
        let document =
            Document::open(&source, None, &mut budget).map_err(|malformed| refused(malformed.into()))?;
        let request = SigningRequest {
            signature: self.request(),
            ..SigningRequest::new(vec![certificate.clone()], signer.algorithm(), entropy::fresh()?)
        };
        let plan = signing::plan(&document, &request, PROVIDER, &mut budget).map_err(refused)?;
        drop(document);
        let target = Target {
            disk: &context.disk,
            original: &source,
            password: None,
            output,
            existing: existing(self.force),
            progress: &Progress::hidden(),
        };
        target.sign(plan, |octets| {
            signer
                .sign(octets.message())
                .map_err(|error| Failure::refused(original, "sign.key", error.to_string(), "try again"))
        })?;
        Ok(())
    }

    /// The seller's field of the contract; the lower left corner of the first page of any other document.
    fn request(&self) -> SignatureRequest {
        let time = clock::now();
        let (field, placement) = match self.file {
            None => (FieldChoice::Existing(CONTRACT_FIELD.into()), Placement::FieldRect),
            Some(_) => {
                let place = Placement::Rect { page: 0, x: 36.0, y: 36.0, width: 220.0, height: 60.0 };
                (FieldChoice::New { name: None }, place)
            }
        };
        SignatureRequest {
            field,
            placement,
            name: Some(SIGNER.into()),
            reason: Some("Demonstration".into()),
            location: Some("Offline".into()),
            claimed_time: Some(ClaimedTime { time, offset_minutes: clock::local_offset_minutes(time) }),
            application: Some(Application {
                name: "Undersign".into(),
                version: env!("CARGO_PKG_VERSION").into(),
            }),
            ..SignatureRequest::default()
        }
    }

    /// Whether the signed file passes with the throw-away certificate as the only one trusted.
    fn verify(
        &self,
        context: &Context<'_>,
        results: &Results,
        certificate: Certificate,
    ) -> Result<bool, Failure> {
        let source = FileSource::open(&results.signed)?;
        let anchor = TrustAnchor::from_certificate(certificate).with_role(AnchorRole::EndEntity);
        let trust = Trust { anchors: vec![anchor], ..Trust::default() };
        let Verified { evidence, verdict } = undersign::verify(
            &Input::new(&source),
            &trust,
            &Policy::standard(),
            clock::now(),
            Limits::STANDARD,
        )
        .map_err(|malformed| Failure::document(&results.signed, malformed))?;
        let file = results.signed.display().to_string();
        let catalogue = Catalogue::new(Language::default());
        let report = Report { file: &file, evidence: &evidence, verdict: &verdict, catalogue: &catalogue };
        let json = report::json(&report) + "\n";
        self.write(context, &results.text, report::text(&report, Detail::Plain, Palette::Plain).as_bytes())?;
        self.write(context, &results.json, json.as_bytes())?;
        context.streams.say(&report::text(&report, Detail::Plain, context.streams.error_palette()));
        Ok(report.summary() == report::Summary::AllPassed)
    }

    fn tell(&self, context: &Context<'_>, original: &Path, results: &Results) -> Result<(), Failure> {
        let streams = context.streams;
        let rows = [
            ("document", original),
            ("signed", &results.signed),
            ("certificate", &results.certificate),
            ("report", &results.text),
            ("report (JSON)", &results.json),
        ];
        for (name, path) in rows {
            streams.data(&format!("{name:<14}{}\n", path.display()))?;
        }
        let (signed, certificate) = (results.signed.display(), results.certificate.display());
        streams.note("\nthe key was thrown away: this signature means nothing. Try next:");
        streams.note(&format!("  undersign verify --trust {certificate} {signed}"));
        streams.note(&format!("  undersign verify {signed}        # without trusting anybody: undecided"));
        streams.note(&format!("  undersign inspect {signed}"));
        streams.note("  undersign init --name \"Your Name\"    # a key of your own");
        Ok(())
    }
}

/// A key and certificate that live as long as this process; the certificate is valid for a day.
fn throw_away_identity() -> Result<(SoftwareSigner, Certificate), Failure> {
    let kind = KeyAlgorithm::Ec(Curve::P256);
    let key = PrivateKey::generate(kind).map_err(VaultError::from)?;
    let signer =
        SoftwareSigner::new(&key, SoftwareSigner::usual_algorithm(kind)).map_err(VaultError::from)?;
    let now = clock::now();
    let subject = Name::from_attributes(&[(oid::ORGANIZATION, "Example GmbH"), (oid::COMMON_NAME, SIGNER)]);
    let mut serial = entropy::fresh::<16>()?.to_vec();
    // Positive and never zero (RFC 5280, 4.1.2.2).
    if let Some(first) = serial.first_mut() {
        *first = *first & 0x3f | 0x40;
    }
    let wanted = SelfSigned { subject, serial, not_before: now, not_after: now.plus(86_400), email: None };
    let certificate =
        wanted.sign(&signer, PROVIDER).map_err(|error| VaultError::Building(error.to_string()))?;
    Ok((signer, certificate))
}
