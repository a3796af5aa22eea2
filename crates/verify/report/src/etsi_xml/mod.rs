//! The validation report of ETSI TS 119 102-2 (V1.4.1), without a signature of its own.

mod attributes;
mod objects;
mod status;

use crate::markup::{Attributes, Empty, Markup};
use crate::{Report, printable};
use base64::Engine;
use crypto::{Digest, DigestAlgorithm};
use evidence::{Container, SignatureEvidence};
use validation::SignatureVerdict;

const NAMESPACES: Attributes<'static> = &[
    ("xmlns", "http://uri.etsi.org/19102/v1.4.1#"),
    ("xmlns:ds", "http://www.w3.org/2000/09/xmldsig#"),
    ("xmlns:xades", "http://uri.etsi.org/01903/v1.3.2#"),
];

/// Where the questions and what is not in the standard are named.
const OWN: &str = "https://undersign.example/spec/verify-report";

/// A complete XML document, valid against the schema of the standard.
pub fn etsi_xml(report: &Report<'_>) -> String {
    let mut out = Markup::starting("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let writer = Writer { report };
    out.element("ValidationReport", NAMESPACES, |out| {
        out.newline();
        let signatures = report.evidence.signatures.iter().zip(&report.verdict.signatures);
        for (signature, verdict) in signatures {
            writer.signature(out, signature, verdict);
            out.newline();
        }
        if report.evidence.signatures.is_empty() {
            writer.unsigned(out);
        }
        writer.objects(out);
        out.newline();
    });
    out.newline();
    out.finish()
}

struct Writer<'a> {
    report: &'a Report<'a>,
}

impl Writer<'_> {
    /// The standard has no report without a signature; the indication is our own.
    fn unsigned(&self, out: &mut Markup) {
        out.element("SignatureValidationReport", &[], |out| {
            self.signers_document(out);
            out.element("SignatureValidationStatus", &[], |out| {
                out.leaf("MainIndication", &[], &format!("{OWN}#not-signed"));
            });
        });
    }

    /// Clause 4.3: one signature.
    fn signature(&self, out: &mut Markup, signature: &SignatureEvidence, verdict: &SignatureVerdict) {
        out.element("SignatureValidationReport", &[], |out| {
            self.identifier(out, signature);
            out.newline();
            self.constraints(out, &verdict.checks);
            out.newline();
            self.times(out, verdict);
            self.signers_document(out);
            out.newline();
            self.attributes(out, signature);
            self.signer(out, signature);
            out.element("SignatureValidationProcess", &[], |out| {
                out.leaf("SignatureValidationProcessID", &[], "urn:etsi:019102:validationprocess:LTA");
            });
            out.newline();
            self.signature_status(out, verdict);
        });
    }

    /// Clause 4.3.3: which signature it is about.
    fn identifier(&self, out: &mut Markup, signature: &SignatureEvidence) {
        out.element("SignatureIdentifier", &[], |out| {
            out.leaf("HashOnly", &[], "false");
            out.leaf("DocHashOnly", &[], "false");
            if !self.is_pdf() {
                out.leaf("DAIdentifier", &[], &printable(&signature.field));
            }
            if self.is_pdf() {
                out.element("OtherInformation", &[], |out| self.reference(out, signature));
            }
        });
    }

    fn is_pdf(&self) -> bool {
        matches!(self.report.evidence.document.container, Container::Pdf { .. })
    }

    /// Clause 4.2.5: a signature named from elsewhere.
    fn reference(&self, out: &mut Markup, signature: &SignatureEvidence) {
        out.element("SignatureReference", &[], |out| match self.is_pdf() {
            true => out.leaf("PAdESFieldName", &[], &printable(&signature.field)),
            false => out.leaf("OtherInformation", &[], &printable(&signature.field)),
        });
    }

    /// Clause 4.3.5: when it was validated, and when it existed at the latest.
    fn times(&self, out: &mut Markup, verdict: &SignatureVerdict) {
        out.element("ValidationTimeInfo", &[], |out| {
            out.leaf("ValidationTime", &[], &self.report.verdict.at.to_string());
            out.element("BestSignatureTime", &[], |out| {
                out.leaf("POETime", &[], &verdict.signing_time.best.to_string());
                out.leaf("TypeOfProof", &[], "urn:etsi:019102:poetype:validation");
                if let Some((_, token)) = verdict.signing_time.not_after {
                    out.empty("POEObject", &[("VOReference", &objects::token_name(token))], Empty::Xml);
                }
            });
        });
    }

    /// Clause 4.3.6: the digest of the whole file as it was validated.
    fn signers_document(&self, out: &mut Markup) {
        out.element("SignersDocument", &[], |out| {
            digest(out, &self.report.evidence.document.digest);
            out.empty("SignersDocumentRef", &[("VOReference", objects::DOCUMENT)], Empty::Xml);
        });
    }
}

/// `DigestAlgAndValue` of XAdES.
fn digest(out: &mut Markup, digest: &Digest) {
    out.element("DigestAlgAndValue", &[], |out| {
        out.empty("ds:DigestMethod", &[("Algorithm", digest_uri(digest.algorithm))], Empty::Xml);
        out.leaf("ds:DigestValue", &[], &base64::engine::general_purpose::STANDARD.encode(&digest.value));
    });
}

/// RFC 9231, 2.1.
fn digest_uri(algorithm: DigestAlgorithm) -> &'static str {
    match algorithm {
        DigestAlgorithm::Md5 => "http://www.w3.org/2001/04/xmldsig-more#md5",
        DigestAlgorithm::Ripemd160 => "http://www.w3.org/2001/04/xmlenc#ripemd160",
        DigestAlgorithm::Sha1 => "http://www.w3.org/2000/09/xmldsig#sha1",
        DigestAlgorithm::Sha224 => "http://www.w3.org/2001/04/xmldsig-more#sha224",
        DigestAlgorithm::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
        DigestAlgorithm::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
        DigestAlgorithm::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
        DigestAlgorithm::Sha3_224 => "http://www.w3.org/2007/05/xmldsig-more#sha3-224",
        DigestAlgorithm::Sha3_256 => "http://www.w3.org/2007/05/xmldsig-more#sha3-256",
        DigestAlgorithm::Sha3_384 => "http://www.w3.org/2007/05/xmldsig-more#sha3-384",
        DigestAlgorithm::Sha3_512 => "http://www.w3.org/2007/05/xmldsig-more#sha3-512",
        // Not in RFC 9231; named so that no reader takes it for another one.
        _ => "urn:etsi:019102:algorithm:unidentified",
    }
}
