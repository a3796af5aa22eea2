//! Algorithm identifiers of XML signatures (XML Signature 1.1, 6; RFC 9231).

use crate::document::Document;
use bergshamra_c14n::C14nMode;
use bergshamra_xml::NodeId;
use crypto::{DigestAlgorithm, SignatureAlgorithm};

const DIGESTS: [(&str, DigestAlgorithm); 13] = [
    ("http://www.w3.org/2001/04/xmldsig-more#md5", DigestAlgorithm::Md5),
    ("http://www.w3.org/2001/04/xmlenc#ripemd160", DigestAlgorithm::Ripemd160),
    ("http://www.w3.org/2000/09/xmldsig#sha1", DigestAlgorithm::Sha1),
    ("http://www.w3.org/2001/04/xmldsig-more#sha224", DigestAlgorithm::Sha224),
    ("http://www.w3.org/2001/04/xmlenc#sha256", DigestAlgorithm::Sha256),
    ("http://www.w3.org/2001/04/xmldsig-more#sha384", DigestAlgorithm::Sha384),
    ("http://www.w3.org/2001/04/xmlenc#sha384", DigestAlgorithm::Sha384),
    ("http://www.w3.org/2001/04/xmlenc#sha512", DigestAlgorithm::Sha512),
    ("http://www.w3.org/2001/04/xmldsig-more#sha512", DigestAlgorithm::Sha512),
    ("http://www.w3.org/2007/05/xmldsig-more#sha3-224", DigestAlgorithm::Sha3_224),
    ("http://www.w3.org/2007/05/xmldsig-more#sha3-256", DigestAlgorithm::Sha3_256),
    ("http://www.w3.org/2007/05/xmldsig-more#sha3-384", DigestAlgorithm::Sha3_384),
    ("http://www.w3.org/2007/05/xmldsig-more#sha3-512", DigestAlgorithm::Sha3_512),
];

/// The names of digests inside signature identifiers.
const NAMED: [(&str, DigestAlgorithm); 11] = [
    ("md5", DigestAlgorithm::Md5),
    ("ripemd160", DigestAlgorithm::Ripemd160),
    ("sha1", DigestAlgorithm::Sha1),
    ("sha224", DigestAlgorithm::Sha224),
    ("sha256", DigestAlgorithm::Sha256),
    ("sha384", DigestAlgorithm::Sha384),
    ("sha512", DigestAlgorithm::Sha512),
    ("sha3-224", DigestAlgorithm::Sha3_224),
    ("sha3-256", DigestAlgorithm::Sha3_256),
    ("sha3-384", DigestAlgorithm::Sha3_384),
    ("sha3-512", DigestAlgorithm::Sha3_512),
];

/// The digest algorithm behind an identifier.
pub fn digest_algorithm(uri: &str) -> Option<DigestAlgorithm> {
    DIGESTS.iter().find(|(known, _)| *known == uri).map(|(_, algorithm)| *algorithm)
}

fn named(name: &str) -> Option<DigestAlgorithm> {
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
}

/// The algorithm of a `SignatureMethod`; the identifier back if it is not known.
pub(crate) fn signature_method(document: &Document<'_>, node: NodeId) -> Result<SignatureAlgorithm, String> {
    let uri = document.attribute(node, "Algorithm").unwrap_or_default();
    let unknown = || uri.to_owned();
    let name = [
        "http://www.w3.org/2000/09/xmldsig#",
        "http://www.w3.org/2001/04/xmldsig-more#",
        "http://www.w3.org/2007/05/xmldsig-more#",
        "http://www.w3.org/2021/04/xmldsig-more#",
    ]
    .into_iter()
    .find_map(|base| uri.strip_prefix(base))
    .ok_or_else(unknown)?;
    if name == "eddsa-ed25519" {
        return Ok(SignatureAlgorithm::Ed25519);
    }
    if name == "rsa-pss" {
        return pss_parameters(document, node).ok_or_else(unknown);
    }
    if let Some(digest) = name.strip_prefix("rsa-") {
        return named(digest).map(SignatureAlgorithm::RsaPkcs1).ok_or_else(unknown);
    }
    if let Some(digest) = name.strip_prefix("ecdsa-") {
        return named(digest).map(SignatureAlgorithm::Ecdsa).ok_or_else(unknown);
    }
    // RFC 9231, 2.3.10: salt as long as the digest, the same digest in the mask.
    let digest = name.strip_suffix("-rsa-MGF1").and_then(named).ok_or_else(unknown)?;
    let salt_len = digest.output_len() as u32;
    Ok(SignatureAlgorithm::RsaPss { digest, mgf1_digest: digest, salt_len })
}

/// `RSAPSSParams` (RFC 9231, 2.3.9): SHA-256, MGF1 with SHA-256, salt as long as the digest, trailer 1 by default.
fn pss_parameters(document: &Document<'_>, method: NodeId) -> Option<SignatureAlgorithm> {
    let Some(parameters) = document.child_by_local(method, "RSAPSSParams") else {
        let digest = DigestAlgorithm::Sha256;
        return Some(SignatureAlgorithm::RsaPss { digest, mgf1_digest: digest, salt_len: 32 });
    };
    let algorithm = |node: Option<NodeId>| match node {
        Some(node) => digest_algorithm(document.attribute(node, "Algorithm")?),
        None => Some(DigestAlgorithm::Sha256),
    };
    let digest = algorithm(document.child_by_local(parameters, "DigestMethod"))?;
    let mgf1_digest = match document.child_by_local(parameters, "MaskGenerationFunction") {
        Some(mask) => {
            let uri = document
                .attribute(mask, "Algorithm")
                .unwrap_or("http://www.w3.org/2007/05/xmldsig-more#MGF1");
            if uri != "http://www.w3.org/2007/05/xmldsig-more#MGF1" {
                return None;
            }
            algorithm(document.child_by_local(mask, "DigestMethod"))?
        }
        None => DigestAlgorithm::Sha256,
    };
    let number = |name, default: u32| match document.child_by_local(parameters, name) {
        Some(node) => document.text(node).trim().parse().ok(),
        None => Some(default),
    };
    let salt_len = number("SaltLength", digest.output_len() as u32)?;
    (number("TrailerField", 1)? == 1).then_some(SignatureAlgorithm::RsaPss { digest, mgf1_digest, salt_len })
}

/// A canonicalisation with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canonicalization {
    pub(crate) mode: C14nMode,
    pub(crate) prefixes: Vec<String>,
}

impl Canonicalization {
    /// Canonical XML 1.0, what applies where nothing is said (XML Signature 1.1, 4.4.3.2; EN 319 132-1, 5.1.4.3).
    pub(crate) const DEFAULT: Canonicalization =
        Canonicalization { mode: C14nMode::Inclusive, prefixes: Vec::new() };

    /// The identifier.
    pub fn uri(&self) -> &'static str {
        self.mode.uri()
    }

    /// Reads the algorithm and the `InclusiveNamespaces` of a method or transform.
    pub(crate) fn read(document: &Document<'_>, node: NodeId) -> Result<Canonicalization, String> {
        let uri = document.attribute(node, "Algorithm").unwrap_or_default();
        let mode = C14nMode::from_uri(uri).ok_or_else(|| uri.to_owned())?;
        let list = document.child_by_local(node, "InclusiveNamespaces");
        let list = list.and_then(|list| document.attribute(list, "PrefixList")).unwrap_or_default();
        let prefixes = list.split_ascii_whitespace().map(str::to_owned).collect();
        Ok(Canonicalization { mode, prefixes })
    }
}
