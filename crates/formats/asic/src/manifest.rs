//! ASiC manifests (EN 319 162-1, 4.4.3 and annex A.4): which members a signature file is over.

use crate::xml::{children, parse, text};
use base64ct::{Base64, Encoding};
use crypto::DigestAlgorithm;
use roxmltree::Node;
use types::{Budget, Finding, Malformed, Resource, Severity};

const CLAUSE: &str = "EN 319 162-1, A.4";
/// Namespaces met: of EN 319 162-1 and TS 102 918, an older version, and a misspelling that others accept.
const NAMESPACES: [&str; 3] = [
    "http://uri.etsi.org/02918/v1.2.1#",
    "http://uri.etsi.org/02918/v1.1.1#",
    "http://uri.etsi.org/2918/v1.2.1#",
];
/// Steps of the budget for each reference.
const REFERENCE: u64 = 100;

/// A manifest as read.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Name of the member.
    pub name: String,
    /// Its index in [`crate::Container::members`].
    pub member: usize,
    /// What its name says it is for.
    pub kind: ManifestKind,
    /// The signature file that is over this manifest.
    pub signature: SigReference,
    /// The members that it covers.
    pub references: Vec<DataObjectReference>,
    /// What is noteworthy about it.
    pub findings: Vec<Finding>,
}

/// What a manifest is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManifestKind {
    /// `ASiCManifest*.xml`: for a signature or a time-stamp token.
    Signature,
    /// `ASiCArchiveManifest*.xml`: for an archive time-stamp.
    Archive,
    /// `ASiCEvidenceRecordManifest*.xml`: for an evidence record.
    EvidenceRecord,
}

/// `SigReference`: the file with the signature over the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigReference {
    /// As written.
    pub uri: String,
    /// `MimeType`.
    pub mime_type: Option<String>,
}

/// `DataObjectReference`: one member with its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataObjectReference {
    /// As written.
    pub uri: String,
    /// `MimeType`.
    pub mime_type: Option<String>,
    /// Whether this is said to be the file to start with.
    pub rootfile: bool,
    /// The digest algorithm, or the identifier that is not known.
    pub algorithm: Result<DigestAlgorithm, String>,
    /// The digest value.
    pub digest: Vec<u8>,
}

impl Manifest {
    /// Reads the XML of the manifest that is the member `name` with the index `member`.
    pub fn parse(
        name: &str,
        member: usize,
        kind: ManifestKind,
        bytes: &[u8],
        budget: &mut Budget,
    ) -> Result<Manifest, Malformed> {
        let document = parse(bytes, budget)?;
        let root = document.root_element();
        let namespace = root.tag_name().namespace().unwrap_or_default();
        if root.tag_name().name() != "ASiCManifest" || !NAMESPACES.contains(&namespace) {
            return Err(Malformed::syntax(None, "the root element is not ASiCManifest", CLAUSE));
        }
        let mut findings = Vec::new();
        if namespace != NAMESPACES[0] {
            let message = format!("the manifest uses the namespace {namespace}");
            findings.push(Finding::new("asic.manifest.namespace", Severity::Info, message));
        }
        let mut signatures = children(root, "SigReference");
        let (Some(signature_node), None) = (signatures.next(), signatures.next()) else {
            return Err(Malformed::syntax(None, "the manifest needs exactly one SigReference", CLAUSE));
        };
        let signature = SigReference {
            uri: required(signature_node, "URI")?,
            mime_type: attribute(signature_node, "MimeType"),
        };
        let mut references = Vec::new();
        for node in children(root, "DataObjectReference") {
            budget.spend(Resource::Steps, REFERENCE)?;
            references.push(reference(node, &mut findings)?);
        }
        // Deviation: the schema has no references inside SigReference. Signers exist that put them there, and
        // the signature is over them all the same.
        for node in children(signature_node, "DataObjectReference") {
            budget.spend(Resource::Steps, REFERENCE)?;
            references.push(reference(node, &mut findings)?);
            let message = "references stand inside SigReference";
            findings.push(Finding::new("asic.manifest.nested-reference", Severity::Warning, message));
        }
        if references.is_empty() {
            return Err(Malformed::syntax(None, "the manifest references nothing", CLAUSE));
        }
        for extension in children(root, "ASiCManifestExtensions") {
            critical_extensions(extension, &mut findings);
        }
        if references.iter().filter(|reference| reference.rootfile).count() > 1 {
            let message = "more than one reference is the root file";
            findings.push(Finding::new("asic.manifest.rootfiles", Severity::Warning, message));
        }
        Ok(Manifest { name: name.to_owned(), member, kind, signature, references, findings })
    }
}

fn attribute(node: Node<'_, '_>, name: &str) -> Option<String> {
    node.attribute(name).map(str::to_owned)
}

fn required(node: Node<'_, '_>, name: &str) -> Result<String, Malformed> {
    attribute(node, name).ok_or_else(|| {
        Malformed::syntax(node.range().start as u64, format!("the attribute {name} is missing"), CLAUSE)
    })
}

fn reference(node: Node<'_, '_>, findings: &mut Vec<Finding>) -> Result<DataObjectReference, Malformed> {
    let at = node.range().start as u64;
    let one = |name: &'static str| {
        let mut found = children(node, name);
        match (found.next(), found.next()) {
            (Some(child), None) => Ok(child),
            _ => Err(Malformed::syntax(at, format!("a reference needs exactly one {name}"), CLAUSE)),
        }
    };
    let algorithm = required(one("DigestMethod")?, "Algorithm")?;
    let value: String = text(one("DigestValue")?).split_ascii_whitespace().collect();
    let digest = Base64::decode_vec(&value)
        .map_err(|_| Malformed::syntax(at, "a digest value is not in base64", CLAUSE))?;
    critical_extensions(node, findings);
    Ok(DataObjectReference {
        uri: required(node, "URI")?,
        mime_type: attribute(node, "MimeType"),
        rootfile: matches!(node.attribute("Rootfile"), Some("true" | "1")),
        algorithm: digest_algorithm(&algorithm).ok_or(algorithm),
        digest,
    })
}

/// An extension that must be understood is not (EN 319 162-1, A.4).
fn critical_extensions(node: Node<'_, '_>, findings: &mut Vec<Finding>) {
    let is_critical = |node: &Node<'_, '_>| matches!(node.attribute("Critical"), Some("true" | "1"));
    let nested = node.descendants().filter(|node| node.tag_name().name() == "Extension");
    if nested.filter(is_critical).count() > 0 {
        let message = "the manifest has a critical extension that is not known";
        findings.push(Finding::new("asic.manifest.critical-extension", Severity::Error, message));
    }
}

/// Identifiers of digest algorithms in XML (RFC 9231).
const ALGORITHMS: [(&str, DigestAlgorithm); 11] = [
    ("http://www.w3.org/2001/04/xmldsig-more#md5", DigestAlgorithm::Md5),
    ("http://www.w3.org/2001/04/xmlenc#ripemd160", DigestAlgorithm::Ripemd160),
    ("http://www.w3.org/2000/09/xmldsig#sha1", DigestAlgorithm::Sha1),
    ("http://www.w3.org/2001/04/xmldsig-more#sha224", DigestAlgorithm::Sha224),
    ("http://www.w3.org/2001/04/xmlenc#sha256", DigestAlgorithm::Sha256),
    ("http://www.w3.org/2001/04/xmldsig-more#sha384", DigestAlgorithm::Sha384),
    ("http://www.w3.org/2001/04/xmlenc#sha512", DigestAlgorithm::Sha512),
    ("http://www.w3.org/2007/05/xmldsig-more#sha3-224", DigestAlgorithm::Sha3_224),
    ("http://www.w3.org/2007/05/xmldsig-more#sha3-256", DigestAlgorithm::Sha3_256),
    ("http://www.w3.org/2007/05/xmldsig-more#sha3-384", DigestAlgorithm::Sha3_384),
    ("http://www.w3.org/2007/05/xmldsig-more#sha3-512", DigestAlgorithm::Sha3_512),
];

/// The digest algorithms of XML signatures (RFC 9231, 2.1).
fn digest_algorithm(uri: &str) -> Option<DigestAlgorithm> {
    ALGORITHMS.iter().find(|(known, _)| *known == uri).map(|(_, algorithm)| *algorithm)
}

/// The identifier of a digest algorithm in XML; empty for one that has none.
pub(crate) fn digest_uri(algorithm: DigestAlgorithm) -> &'static str {
    ALGORITHMS.iter().find(|(_, known)| *known == algorithm).map_or("", |(uri, _)| uri)
}
