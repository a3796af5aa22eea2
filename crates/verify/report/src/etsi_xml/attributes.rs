//! What the signature says of itself (ETSI TS 119 102-2, 4.3.7 and 4.3.8, Annex A).

use super::{Writer, objects};
use crate::digests::certificate_id;
use crate::markup::{Empty, Markup};
use crate::printable;
use evidence::{SignatureEvidence, TokenRole};

impl Writer<'_> {
    pub(super) fn attributes(&self, out: &mut Markup, signature: &SignatureEvidence) {
        out.element("SignatureAttributes", &[], |out| {
            if let Some(claimed) = signature.claimed_time {
                out.element("SigningTime", &[("Signed", "true")], |out| {
                    out.leaf("Time", &[], &claimed.to_string());
                });
            }
            let texts = [
                ("Reason", "ReasonElement", &signature.claims.reason),
                ("SignatureProductionPlace", "AddressString", &signature.claims.location),
                ("Name", "NameElement", &signature.claims.name),
            ];
            for (name, inner, text) in texts {
                if let Some(text) = text {
                    out.element(name, &[("Signed", "true")], |out| out.leaf(inner, &[], &printable(text)));
                }
            }
            for id in signature.tokens.iter().chain(&signature.own_token) {
                self.timestamp(out, *id);
            }
            out.element("SubFilter", &[], |out| {
                out.leaf("SubFilterElement", &[], &printable(&signature.sub_filter));
            });
        });
        out.newline();
    }

    fn timestamp(&self, out: &mut Markup, id: usize) {
        let Some(token) = self.report.evidence.tokens.get(id) else { return };
        let (name, signed) = match token.role {
            TokenRole::Content => ("AllDataObjectsTimeStamp", "true"),
            TokenRole::Signature => ("SignatureTimeStamp", "false"),
            TokenRole::References => ("SigAndRefsTimeStamp", "false"),
            TokenRole::Archive => ("ArchiveTimeStamp", "false"),
            TokenRole::Document => ("DocTimeStamp", "false"),
            // The standard has no place for what a record names from outside of the file.
            TokenRole::EvidenceRecord | TokenRole::Beacon => return,
        };
        let Ok(stamp) = &token.stamp else { return };
        out.element(name, &[("Signed", signed)], |out| {
            out.empty("AttributeObject", &[("VOReference", &objects::token_name(id))], Empty::Xml);
            out.leaf("TimeStampValue", &[], &stamp.time.to_string());
        });
    }

    /// Clause 4.3.8: the certificate that signed.
    pub(super) fn signer(&self, out: &mut Markup, signature: &SignatureEvidence) {
        let signer = signature.signed_data.as_ref().ok().and_then(|facts| facts.signer.as_ref());
        let Some(signer) = signer else { return };
        let Some(id) = certificate_id(self.report.evidence, &signer.certificate) else { return };
        out.element("SignerInformation", &[], |out| {
            let name = objects::certificate_name(id);
            out.empty("SignerCertificate", &[("VOReference", &name)], Empty::Xml);
            out.leaf("Signer", &[], &printable(&signer.certificate.subject().to_string()));
        });
        out.newline();
    }
}
