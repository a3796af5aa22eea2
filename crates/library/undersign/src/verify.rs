//! From bytes to a verdict in one call.

use cms::{TimestampResponse, TimestampToken};
use evidence::{Context, Evidence, RecordFile};
use path::VerifiedLinks;
use pdf::Document;
use pkix::{Certificate, TrustAnchor};
use std::sync::Arc;
use types::{Budget, Limits, Malformed, Source, Time};
use validation::{AlgorithmCatalogue, Policy, Verdict};

/// Who is trusted, and what else is at hand.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Trusted.
    pub anchors: Vec<TrustAnchor>,
    /// Trusted for nothing, used to complete certification paths.
    pub certificates: Vec<Certificate>,
    /// CRLs at hand, DER.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses at hand, DER.
    pub ocsps: Vec<Vec<u8>>,
    /// Documents of signature policies at hand, known by their digests.
    pub signature_policies: Vec<Vec<u8>>,
    /// A catalogue of algorithms at hand; for [`Policy::with_catalogue`], nothing uses it by itself.
    pub algorithms: Option<AlgorithmCatalogue>,
    /// Values that signing records may name as beacons: timestamp tokens, DER, or whatever else there is.
    pub beacons: Vec<Vec<u8>>,
    /// Certificate signatures already verified; use one `Trust`, or clones of it, for a whole batch to profit.
    pub links: Arc<VerifiedLinks>,
}

/// What a verification found and what follows.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What was found.
    pub evidence: Evidence,
    /// What follows.
    pub verdict: Verdict,
}

/// What is to be verified.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The signed file, or the signature of a file.
    pub source: &'a dyn Source,
    /// The password of an encrypted PDF.
    pub password: Option<&'a [u8]>,
    /// What was signed, where the signature does not hold it.
    pub content: Option<&'a dyn Source>,
    /// Evidence records over the file or, for a PDF, over an earlier revision of it.
    pub evidence_records: &'a [RecordFile<'a>],
    /// The part of the file's name after the last dot; decides only what the bytes leave open.
    pub extension: Option<&'a str>,
}

impl<'a> Input<'a> {
    /// A file that holds everything itself.
    pub fn new(source: &'a dyn Source) -> Input<'a> {
        Input { source, password: None, content: None, evidence_records: &[], extension: None }
    }
}

/// Verifies every signature of a file at the time `at`.
///
/// An error means that the file could not be read, or not within the limits; what is wrong with single signatures is
/// part of the verdict.
pub fn verify(
    input: &Input<'_>,
    trust: &Trust,
    policy: &Policy,
    at: Time,
    limits: Limits,
) -> Result<Verified, Malformed> {
    let evidence = collect(input, trust, limits)?;
    let verdict = validation::validate(&evidence, policy, at);
    Ok(Verified { evidence, verdict })
}

/// Collects the evidence of a file; [`validation::validate`] judges it, as often as wanted.
pub fn collect(input: &Input<'_>, trust: &Trust, limits: Limits) -> Result<Evidence, Malformed> {
    let mut budget = Budget::new(limits);
    let context = Context {
        anchors: &trust.anchors,
        certificates: &trust.certificates,
        crls: &trust.crls,
        ocsps: &trust.ocsps,
        evidence_records: input.evidence_records,
        signature_policies: &trust.signature_policies,
        beacons: &trust.beacons,
        provider: crypto::PROVIDER,
        links: &trust.links,
    };
    let at_once = at_once(input.source)?;
    let source = at_once.as_ref().map_or(input.source, |bytes| bytes as &dyn Source);
    match Format::of(source, input.extension)? {
        Format::Pdf => {
            let document = Document::open(source, input.password, &mut budget)?;
            let evidence = evidence::collect_pdf(&document, &context, &mut budget)?;
            Ok(alone(evidence, input))
        }
        Format::Zip => {
            let evidence = evidence::collect_asic(source, input.extension, &context, &mut budget)?;
            Ok(alone(evidence, input))
        }
        Format::Xml => evidence::collect_xml(&whole(source)?, input.content, &context, &mut budget),
        Format::Cms => collect_cms(&whole(source)?, input, &context, &mut budget),
        Format::Pem => {
            let der = pkix::read_cms_pem(&whole(source)?, &mut budget)?;
            collect_cms(&der, input, &context, &mut budget)
        }
    }
}

/// The evidence of a file whose signatures are over nothing beside it.
fn alone(mut evidence: Evidence, input: &Input<'_>) -> Evidence {
    if input.content.is_some() {
        evidence.disregards_content(|_| true);
    }
    evidence
}

fn collect_cms(
    bytes: &[u8],
    input: &Input<'_>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<Evidence, Malformed> {
    // Asking what it is takes nothing of what reading it may take.
    let mut asking = budget.clone();
    let bytes = match TimestampResponse::parse(bytes, &mut asking) {
        Ok(TimestampResponse { status: 0 | 1, token: Some(token), .. }) => token.bytes,
        Ok(TimestampResponse { status, .. }) => {
            let reason =
                format!("it is the answer of a time-stamping authority that grants nothing: status {status}");
            return Err(Malformed::syntax(0, reason, "RFC 3161, 2.4.2"));
        }
        Err(_) => bytes,
    };
    match TimestampToken::parse(bytes, &mut asking) {
        Ok(_) => evidence::collect_timestamp(bytes, input.content, context, budget),
        Err(_) => evidence::collect_cms(bytes, input.content, context, budget),
    }
}

/// Up to this size a file is read at once, bytes: cheaper than the many small reads that a look at it takes.
const READ_AT_ONCE: u64 = 1 << 20;

/// The bytes of a small file.
pub(crate) fn at_once(source: &dyn Source) -> Result<Option<Vec<u8>>, Malformed> {
    if source.len() <= READ_AT_ONCE { whole(source).map(Some) } else { Ok(None) }
}

/// Largest signature file that is taken into memory, bytes.
const MOST_IN_MEMORY: u64 = 1 << 30;

fn whole(source: &dyn Source) -> Result<Vec<u8>, Malformed> {
    let len = source.len();
    if len > MOST_IN_MEMORY {
        let reason = format!("a signature file of {len} bytes is too large to be read");
        return Err(Malformed::unsupported(None, reason, ""));
    }
    let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
    source.read_at(0, &mut bytes)?;
    Ok(bytes)
}

/// Within so many bytes readers look for the header of a PDF (ISO 32000-2, Annex I).
const HEADER_WITHIN: u64 = 1024;

/// What the first bytes of a file say that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Pdf,
    Zip,
    Xml,
    Cms,
    Pem,
}

impl Format {
    /// By its first bytes. A file may be several things at once: one with the name of a PDF is shown as a PDF, whatever it
    /// begins with, so it is judged as one or not at all.
    fn of(source: &dyn Source, extension: Option<&str>) -> Result<Format, Malformed> {
        let mut start = vec![0; usize::try_from(source.len().min(HEADER_WITHIN)).unwrap_or(0)];
        source.read_at(0, &mut start)?;
        let holds_header = start.windows(5).any(|window| window == b"%PDF-");
        let format = match start.as_slice() {
            [0x30, ..] => Format::Cms,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Format::Zip,
            bytes if is_xml(bytes) => Format::Xml,
            bytes if bytes.starts_with(b"-----BEGIN") => Format::Pem,
            _ if holds_header => Format::Pdf,
            _ => {
                let reason = "this is no PDF, no container (ZIP), no XML and no CMS";
                return Err(Malformed::syntax(0, reason, ""));
            }
        };
        let is_named_pdf = extension.is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"));
        match format {
            Format::Pdf => Ok(Format::Pdf),
            _ if is_named_pdf && holds_header => Ok(Format::Pdf),
            other if is_named_pdf => {
                let reason = format!(
                    "it has the name of a PDF, but begins as {}; PDF readers may show another document in it",
                    other.describe()
                );
                Err(Malformed::syntax(0, reason, "ISO 32000-2, 7.5.2"))
            }
            other => Ok(other),
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Format::Pdf => "a PDF",
            Format::Zip => "a container (ZIP)",
            Format::Xml => "XML",
            Format::Cms => "a CMS",
            Format::Pem => "PEM",
        }
    }
}

/// Whether an element or declaration follows nothing but byte order marks and white space.
fn is_xml(mut bytes: &[u8]) -> bool {
    loop {
        bytes = match bytes {
            [b'<', ..] => return true,
            [0xef, 0xbb, 0xbf, rest @ ..] | [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] => rest,
            _ => return false,
        };
    }
}
