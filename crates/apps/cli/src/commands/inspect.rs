//! `undersign inspect`: how a PDF file is built and what it holds, without a judgement.

use super::Context;
use super::options::PasswordOptions;
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::json_line;
use clap::{Args, ValueHint};
use pdf::acroform::Xfa;
use pdf::document::Revision;
use pdf::dss::SecurityStore;
use pdf::encryption::{Access, CipherMethod, Encryption};
use pdf::object::Name;
use pdf::signatures::{FieldLock, LockedFields, SignatureField, SignatureKind, Signatures};
use pdf::{Document, XrefStyle};
use report::printable;
use serde::Serialize;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use store::FileSource;
use types::{Budget, Finding, Limits, Malformed, Source};

/// Show how a PDF file is built and what it holds
#[derive(Debug, Args)]
#[command(
    long_about = "Show how a PDF file is built: version, revisions, encryption, pages, fields, signatures with what \
        they cover, validation data, and what is noteworthy. Nothing is judged; for that see \
        `undersign verify`.",
    after_long_help = "\
Examples:
  undersign inspect contract.pdf
  undersign inspect --json contract.pdf

Exit codes: 0 shown, 2 usage, 4 could not read."
)]
pub struct Inspect {
    /// The PDF file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// As one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    password: PasswordOptions,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Structure {
    file: String,
    length: u64,
    version: String,
    pages: usize,
    revisions: Vec<RevisionLine>,
    encryption: Option<EncryptionLine>,
    form: Option<FormLine>,
    signature_fields: Vec<FieldLine>,
    security_store: Option<StoreLine>,
    findings: Vec<FindingLine>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RevisionLine {
    end: u64,
    xref_at: u64,
    xref: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EncryptionLine {
    version: u8,
    revision: u8,
    strings: &'static str,
    streams: &'static str,
    permissions: i32,
    opened_as: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FormLine {
    fields: usize,
    signatures_exist: bool,
    append_only: bool,
    xfa: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldLine {
    name: String,
    object: String,
    lock: Option<String>,
    seed_value: bool,
    signature: Option<SignatureLine>,
    unreadable: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignatureLine {
    kind: &'static str,
    filter: Option<String>,
    sub_filter: Option<String>,
    byte_range: Vec<(u64, u64)>,
    contents: Option<(u64, u64)>,
    revision: usize,
    claimed_time: Option<String>,
    name: Option<String>,
    reason: Option<String>,
    location: Option<String>,
    certification_level: Option<u8>,
    locked_fields: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StoreLine {
    certificates: usize,
    ocsp_responses: usize,
    crls: usize,
    signatures: usize,
}

#[derive(Serialize)]
struct FindingLine {
    /// Counted from 1.
    page: Option<usize>,
    code: String,
    severity: &'static str,
    span: Option<(u64, u64)>,
    message: String,
    hint: String,
}

impl Inspect {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let source = FileSource::open(&self.file)?;
        let password = self.password.read()?;
        let structure = Structure::read(&self.file, &source, password.as_deref())
            .map_err(|malformed| Failure::document(&self.file, malformed))?;
        context.streams.data(&if self.json { json_line(&structure) } else { structure.text() })?;
        Ok(Exit::Success)
    }
}

impl Structure {
    fn read(path: &Path, source: &FileSource, password: Option<&[u8]>) -> Result<Structure, Malformed> {
        let mut budget = Budget::new(Limits::STANDARD);
        let document = Document::open(source, password, &mut budget)?;
        let form = document.acroform(&mut budget)?;
        let signatures = document.signatures(&mut budget)?;
        let security_store = document.security_store(&mut budget)?;
        let mut findings: Vec<&Finding> = document.findings().iter().collect();
        findings.extend(form.iter().flat_map(|form| &form.findings));
        findings.extend(&signatures.findings);
        findings.extend(signature_findings(&signatures));
        findings.extend(security_store.iter().flat_map(|store| &store.findings));
        findings.sort_by_key(|finding| (finding.span, finding.code.clone()));
        findings.dedup();
        let looked = preflight::preflight(&document, &mut Budget::new(preflight::LIMITS))?;
        let (major, minor) = document.version();
        Ok(Structure {
            file: path.display().to_string(),
            length: source.len(),
            version: format!("{major}.{minor}"),
            pages: document.page_count(&mut budget)?,
            revisions: document.revisions().iter().map(revision_line).collect(),
            encryption: document.encryption().map(encryption_line),
            form: form.as_ref().map(|form| FormLine {
                fields: form.fields.len(),
                signatures_exist: form.signature_flags & 1 != 0,
                append_only: form.signature_flags & 2 != 0,
                xfa: match form.xfa {
                    Xfa::Absent => "none",
                    Xfa::Static => "static",
                    Xfa::Dynamic => "dynamic",
                },
            }),
            signature_fields: signatures.fields.iter().map(field_line).collect(),
            security_store: security_store.as_ref().map(store_line),
            findings: findings
                .into_iter()
                .map(|finding| finding_line(None, finding))
                .chain(looked.iter().map(|found| finding_line(found.page, &found.finding)))
                .collect(),
        })
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", printable(&self.file));
        let mut row = |name: &str, value: String| {
            writeln!(text, "  {name:<12}{}", printable(&value)).expect("writing to a string cannot fail");
        };
        row("length", format!("{} bytes", self.length));
        row("version", format!("PDF {}", self.version));
        row("pages", self.pages.to_string());
        if let Some(encryption) = &self.encryption {
            row("encryption", encryption.text());
        }
        if let Some(form) = &self.form {
            row("form", form.text());
        }
        if let Some(store) = &self.security_store {
            row("validation", store.text());
        }
        for (index, revision) in self.revisions.iter().enumerate() {
            let RevisionLine { end, xref_at, xref } = revision;
            row(
                &format!("revision {}", index + 1),
                format!("ends at {end}, {xref} cross-references at {xref_at}"),
            );
        }
        for field in &self.signature_fields {
            text.push_str(&field.text());
        }
        for finding in &self.findings {
            text.push_str(&finding.text());
        }
        text
    }
}

fn signature_findings(signatures: &Signatures) -> impl Iterator<Item = &Finding> {
    signatures.fields.iter().filter_map(|field| field.value.as_ref()).flat_map(|value| &value.findings)
}

fn revision_line(revision: &Revision) -> RevisionLine {
    RevisionLine {
        end: revision.end,
        xref_at: revision.xref_at,
        xref: match revision.style {
            XrefStyle::Classic => "classic",
            XrefStyle::Stream => "stream",
            XrefStyle::Hybrid => "hybrid",
        },
    }
}

fn encryption_line(encryption: &Encryption) -> EncryptionLine {
    let method = |method| match method {
        CipherMethod::Identity => "none",
        CipherMethod::Rc4 => "RC4",
        CipherMethod::Aes128 => "AES-128",
        CipherMethod::Aes256 => "AES-256",
    };
    EncryptionLine {
        version: encryption.version,
        revision: encryption.revision,
        strings: method(encryption.strings),
        streams: method(encryption.streams),
        permissions: encryption.permissions,
        opened_as: match encryption.access {
            Access::User => "user",
            Access::Owner => "owner",
        },
    }
}

impl EncryptionLine {
    fn text(&self) -> String {
        format!(
            "streams {}, strings {} (V {}, R {}), opened as {}, permissions {}",
            self.streams, self.strings, self.version, self.revision, self.opened_as, self.permissions
        )
    }
}

impl FormLine {
    fn text(&self) -> String {
        let mut text = format!("{} fields", self.fields);
        for (holds, what) in [(self.signatures_exist, "signatures exist"), (self.append_only, "append only")]
        {
            if holds {
                text.push_str(&format!(", {what}"));
            }
        }
        if self.xfa != "none" {
            text.push_str(&format!(", {} XFA", self.xfa));
        }
        text
    }
}

fn store_line(store: &SecurityStore) -> StoreLine {
    StoreLine {
        certificates: store.certificates.len(),
        ocsp_responses: store.ocsps.len(),
        crls: store.crls.len(),
        signatures: store.vri.len(),
    }
}

impl StoreLine {
    fn text(&self) -> String {
        let StoreLine { certificates, ocsp_responses, crls, signatures } = self;
        format!(
            "{certificates} certificates, {ocsp_responses} OCSP responses, {crls} CRLs; \
             listed for {signatures} signatures"
        )
    }
}

fn lock_text(lock: &FieldLock) -> String {
    let fields = match &lock.fields {
        LockedFields::All => "all fields".to_owned(),
        LockedFields::Include(names) => format!("only {}", names.join(", ")),
        LockedFields::Exclude(names) => format!("all but {}", names.join(", ")),
    };
    match lock.permissions {
        Some(level) => format!("{fields}; from then on changes of level {level}"),
        None => fields,
    }
}

fn name_text(name: &Name) -> String {
    String::from_utf8_lossy(&name.0).into_owned()
}

fn field_line(field: &SignatureField) -> FieldLine {
    FieldLine {
        name: field.name.clone(),
        object: field.id.to_string(),
        lock: field.lock.as_ref().map(lock_text),
        seed_value: field.seed_value,
        unreadable: field.unreadable.as_ref().map(ToString::to_string),
        signature: field.value.as_ref().map(|value| SignatureLine {
            kind: match value.kind {
                SignatureKind::Signature => "signature",
                SignatureKind::DocTimestamp => "doc-timestamp",
            },
            filter: value.filter.as_ref().map(name_text),
            sub_filter: value.sub_filter.as_ref().map(name_text),
            byte_range: value.byte_range.as_ref().map(|range| range.parts.clone()).unwrap_or_default(),
            contents: value.contents_span.map(|span| (span.start, span.end)),
            revision: value.revision + 1,
            claimed_time: value.claimed_time.map(|time| time.to_string()),
            name: value.name.clone(),
            reason: value.reason.clone(),
            location: value.location.clone(),
            certification_level: value.doc_mdp,
            locked_fields: value.field_mdp.as_ref().map(lock_text),
        }),
    }
}

impl FieldLine {
    fn text(&self) -> String {
        let mut text = format!("  signature field {:?} ({})\n", printable(&self.name), self.object);
        let mut row = |name: &str, value: &str| {
            writeln!(text, "    {name:<12}{}", printable(value)).expect("writing to a string cannot fail");
        };
        if let Some(lock) = &self.lock {
            row("lock", lock);
        }
        if self.seed_value {
            row("seed value", "yes");
        }
        if let Some(why) = &self.unreadable {
            row("unreadable", why);
        }
        match &self.signature {
            None if self.unreadable.is_none() => row("state", "not signed"),
            None => {}
            Some(signature) => signature.rows(&mut row),
        }
        text
    }
}

impl SignatureLine {
    fn rows(&self, row: &mut dyn FnMut(&str, &str)) {
        row("kind", self.kind);
        row("revision", &self.revision.to_string());
        let parts: Vec<String> =
            self.byte_range.iter().map(|(start, length)| format!("{start}+{length}")).collect();
        row("byte range", &parts.join(", "));
        if let Some((start, end)) = self.contents {
            row("contents", &format!("bytes {start}..{end}"));
        }
        for (name, value) in [
            ("filter", &self.filter),
            ("sub filter", &self.sub_filter),
            ("time", &self.claimed_time),
            ("name", &self.name),
            ("reason", &self.reason),
            ("place", &self.location),
            ("locks", &self.locked_fields),
        ] {
            if let Some(value) = value {
                row(name, value);
            }
        }
        if let Some(level) = self.certification_level {
            row("certifies", &format!("DocMDP {level}"));
        }
    }
}

fn finding_line(page: Option<usize>, finding: &Finding) -> FindingLine {
    FindingLine {
        page: page.map(|index| index + 1),
        code: finding.code.clone().into_owned(),
        severity: finding.severity.as_str(),
        span: finding.span.map(|span| (span.start, span.end)),
        message: finding.message.clone(),
        hint: finding.hint.clone(),
    }
}

impl FindingLine {
    fn text(&self) -> String {
        let place = self.span.map(|(start, end)| format!(" (bytes {start}..{end})")).unwrap_or_default();
        let page = self.page.map(|page| format!("page {page}: ")).unwrap_or_default();
        let message = printable(&self.message);
        let mut text = format!("  {}: {page}{message}{place} [{}]\n", self.severity, self.code);
        if !self.hint.is_empty() {
            text.push_str(&format!("    hint: {}\n", printable(&self.hint)));
        }
        text
    }
}
