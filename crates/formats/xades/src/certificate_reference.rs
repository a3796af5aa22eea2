//! References to certificates (EN 319 132-1, 5.2.2 and A.1.1; XAdES 1.3.2).

use crate::algorithm::digest_algorithm;
use crate::document::{DS, Document};
use bergshamra_xml::NodeId;
use crypto::DigestAlgorithm;
use types::{Budget, Malformed, Resource};

/// One certificate named by its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateReference {
    /// The digest algorithm, or the identifier that is not known.
    pub algorithm: Result<DigestAlgorithm, String>,
    /// Digest over the DER certificate.
    pub digest: Vec<u8>,
    /// Its issuer and serial number, where given.
    pub issuer_serial: Option<IssuerSerial>,
}

/// Issuer and serial number in one of two forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerSerial {
    /// `X509IssuerSerial`: a name in text (RFC 4514), which cannot be compared byte by byte, and a decimal number.
    Text {
        /// The issuer.
        issuer: String,
        /// The serial number in decimal.
        serial: String,
    },
    /// `IssuerSerialV2`: DER `IssuerSerial` (RFC 5035, 4).
    Der(Vec<u8>),
}

/// Reads the `Cert` children of a list.
pub(crate) fn read_list(
    document: &Document<'_>,
    list: NodeId,
    budget: &mut Budget,
) -> Result<Vec<CertificateReference>, Malformed> {
    let mut references = Vec::new();
    for cert in document.xades_children(list, "Cert") {
        budget.spend(Resource::Steps, 10)?;
        references.push(read(document, cert)?);
    }
    Ok(references)
}

fn read(document: &Document<'_>, cert: NodeId) -> Result<CertificateReference, Malformed> {
    let digest = document.xades_child(cert, "CertDigest").ok_or_else(|| {
        Malformed::syntax(document.at(cert), "a certificate reference has no digest", "EN 319 132-1, 5.2.2")
    })?;
    let (algorithm, digest) = digest_and_value(document, digest)?;
    let issuer_serial = if let Some(node) = document.xades_child(cert, "IssuerSerialV2") {
        Some(IssuerSerial::Der(document.octets(node)?))
    } else {
        document.xades_child(cert, "IssuerSerial").map(|node| {
            let text = |name| {
                document.children(node, DS, name).next().map(|node| document.text(node)).unwrap_or_default()
            };
            let (issuer, serial) = (text("X509IssuerName"), text("X509SerialNumber"));
            IssuerSerial::Text { issuer: issuer.trim().to_owned(), serial: serial.trim().to_owned() }
        })
    };
    Ok(CertificateReference { algorithm, digest, issuer_serial })
}

/// `DigestAlgAndValueType`.
pub(crate) fn digest_and_value(
    document: &Document<'_>,
    node: NodeId,
) -> Result<(Result<DigestAlgorithm, String>, Vec<u8>), Malformed> {
    let method = document.one(node, DS, "DigestMethod")?;
    let uri = document.attribute(method, "Algorithm").unwrap_or_default();
    let value = document.octets(document.one(node, DS, "DigestValue")?)?;
    Ok((digest_algorithm(uri).ok_or_else(|| uri.to_owned()), value))
}
