//! The objects that a validation used (ETSI TS 119 102-2, 4.4), and how they are named.

use super::{Writer, digest};
use crate::covered;
use crate::markup::{Empty, Markup};
use base64::Engine;
use evidence::{CertificateId, Evidence, ObjectRef, TokenEvidence, TokenId};
use validation::{Indication, TokenVerdict};

/// The file as an object.
pub(super) const DOCUMENT: &str = "document";

pub(super) fn certificate_name(id: CertificateId) -> String {
    format!("certificate-{id}")
}

pub(super) fn token_name(id: TokenId) -> String {
    format!("timestamp-{id}")
}

/// The name of an object that the report holds; signatures are named otherwise.
pub(super) fn name(object: ObjectRef, evidence: &Evidence) -> Option<String> {
    let material = &evidence.material;
    let (id, count, name) = match object {
        ObjectRef::Signature(_) => return None,
        ObjectRef::Token(id) => (id, evidence.tokens.len(), token_name(id)),
        ObjectRef::Certificate(id) => (id, material.certificates.meetings.len(), certificate_name(id)),
        ObjectRef::Crl(id) => (id, material.crls.meetings.len(), format!("crl-{id}")),
        ObjectRef::Ocsp(id) => (id, material.ocsps.meetings.len(), format!("ocsp-{id}")),
    };
    (id < count).then_some(name)
}

const CERTIFICATE: &str = "urn:etsi:019102:validationObject:certificate";
const CRL: &str = "urn:etsi:019102:validationObject:CRL";
const OCSP: &str = "urn:etsi:019102:validationObject:OCSPResponse";
const TIMESTAMP: &str = "urn:etsi:019102:validationObject:timestamp";
const SIGNED_DATA: &str = "urn:etsi:019102:validationObject:signedData";

impl Writer<'_> {
    pub(super) fn objects(&self, out: &mut Markup) {
        let evidence = self.report.evidence;
        let material = &evidence.material;
        out.element("SignatureValidationObjects", &[], |out| {
            object(out, DOCUMENT, SIGNED_DATA, |out| digest(out, &evidence.document.digest), |_| ());
            for (id, certificate) in material.certificates.items.iter().enumerate() {
                let encoded = base64::engine::general_purpose::STANDARD.encode(certificate.der());
                let content = |out: &mut Markup| out.leaf("base64", &[], &encoded);
                object(out, &certificate_name(id), CERTIFICATE, content, |_| ());
            }
            let held = [("crl", CRL, &material.crls.meetings), ("ocsp", OCSP, &material.ocsps.meetings)];
            for (prefix, kind, meetings) in held {
                for (id, meetings) in meetings.iter().enumerate() {
                    let content = |out: &mut Markup| digest(out, &meetings.digest);
                    object(out, &format!("{prefix}-{id}"), kind, content, |_| ());
                }
            }
            let tokens = evidence.tokens.iter().zip(&self.report.verdict.tokens).enumerate();
            for (id, (token, verdict)) in tokens {
                self.token(out, id, token, verdict);
            }
        });
    }

    /// A timestamp, what it proves to have existed, and its own validation.
    fn token(&self, out: &mut Markup, id: TokenId, token: &TokenEvidence, verdict: &TokenVerdict) {
        let content = |out: &mut Markup| digest(out, &token.digest);
        object(out, &token_name(id), TIMESTAMP, content, |out| {
            if verdict.indication == Indication::TotalPassed {
                self.provisioning(out, token);
            }
            out.element("ValidationReport", &[], |out| {
                self.constraints(out, &verdict.checks);
                self.token_status(out, verdict);
            });
        });
    }

    /// Only a good timestamp proves anything.
    fn provisioning(&self, out: &mut Markup, token: &TokenEvidence) {
        let Ok(stamp) = &token.stamp else { return };
        let evidence = self.report.evidence;
        let objects = covered::objects(&stamp.covers, evidence);
        out.element("POEProvisioning", &[], |out| {
            out.leaf("POETime", &[], &stamp.time.to_string());
            for name in objects.iter().filter_map(|object| name(*object, evidence)) {
                out.empty("ValidationObject", &[("VOReference", &name)], Empty::Xml);
            }
            for object in &objects {
                let ObjectRef::Signature(id) = object else { continue };
                if let Some(signature) = evidence.signatures.get(*id) {
                    self.reference(out, signature);
                }
            }
        });
    }
}

fn object(
    out: &mut Markup,
    id: &str,
    kind: &str,
    representation: impl FnOnce(&mut Markup),
    rest: impl FnOnce(&mut Markup),
) {
    out.newline();
    out.element("ValidationObject", &[("id", id)], |out| {
        out.leaf("ObjectType", &[], kind);
        out.element("ValidationObjectRepresentation", &[], representation);
        rest(out);
    });
}
