//! Indications, the questions that led to them, and what they rest on (ETSI TS 119 102-2, 4.3.4 and 4.3.12).

use super::{OWN, Writer, objects};
use crate::digests::certificate_id;
use crate::markup::{Empty, Markup};
use crate::printable;
use validation::{
    Answer, Asked, Indication, PathUsed, SignatureVerdict, StatusUsed, SubIndication, Text, TokenVerdict,
};

impl Writer<'_> {
    /// Clause 4.3.4: the policy, and every question with its answer.
    pub(super) fn constraints(&self, out: &mut Markup, checks: &[Asked]) {
        let (policy, version) = &self.report.verdict.policy;
        out.element("ValidationConstraintsEvaluationReport", &[], |out| {
            out.element("SignatureValidationPolicy", &[], |out| {
                out.element("SignaturePolicyIdentifier", &[], |out| {
                    out.empty("xades:SignaturePolicyImplied", &[], Empty::Xml);
                });
                out.leaf("PolicyName", &[], &printable(&format!("{policy}, version {version}")));
            });
            for asked in checks {
                out.newline();
                self.constraint(out, asked);
            }
        });
    }

    fn constraint(&self, out: &mut Markup, asked: &Asked) {
        out.element("ValidationConstraint", &[], |out| {
            out.leaf("ValidationConstraintIdentifier", &[], &format!("{OWN}#{}", asked.question));
            for (name, value) in [("weight", asked.weight.as_str()), ("clause", asked.clause)] {
                out.element("ValidationConstraintParameter", &[], |out| {
                    out.leaf("Type", &[], &format!("{OWN}#{name}"));
                    out.leaf("Value", &[], value);
                });
            }
            out.element("ConstraintStatus", &[], |out| {
                out.leaf("Status", &[], "urn:etsi:019102:constraintStatus:applied");
            });
            out.element("ValidationStatus", &[], |out| {
                let indication = match asked.answer {
                    Answer::Yes => "passed",
                    Answer::No => "failed",
                };
                out.leaf("MainIndication", &[], &format!("urn:etsi:019102:mainindication:{indication}"));
            });
            let catalogue = self.report.catalogue;
            let question = catalogue.say(&Text::question(asked.question));
            let words = format!("{question} {}", catalogue.say(&asked.detail));
            out.leaf("Indications", &[], &printable(&words));
        });
    }

    /// Clause 4.3.12: the verdict on a signature.
    pub(super) fn signature_status(&self, out: &mut Markup, verdict: &SignatureVerdict) {
        let main = match verdict.indication {
            Indication::TotalPassed => "total-passed",
            Indication::Indeterminate => "indeterminate",
            Indication::TotalFailed => "total-failed",
        };
        self.status(out, main, verdict.sub_indication, verdict.path.as_ref());
    }

    /// The verdict on a timestamp, which is one of a part.
    pub(super) fn token_status(&self, out: &mut Markup, verdict: &TokenVerdict) {
        let main = match verdict.indication {
            Indication::TotalPassed => "passed",
            Indication::Indeterminate => "indeterminate",
            Indication::TotalFailed => "failed",
        };
        self.status(out, main, verdict.sub_indication, verdict.path.as_ref());
    }

    fn status(
        &self,
        out: &mut Markup,
        main: &str,
        sub_indication: Option<SubIndication>,
        path: Option<&PathUsed>,
    ) {
        out.element("SignatureValidationStatus", &[], |out| {
            out.leaf("MainIndication", &[], &format!("urn:etsi:019102:mainindication:{main}"));
            if let Some(sub_indication) = sub_indication {
                let name = format!("urn:etsi:019102:subindication:{}", sub_indication.as_str());
                out.leaf("SubIndication", &[], &name);
            }
            if let Some(path) = path {
                self.path(out, path);
            }
        });
    }

    /// The certification path, and the revocation that stands against it.
    fn path(&self, out: &mut Markup, path: &PathUsed) {
        let evidence = self.report.evidence;
        let ids = path.certificates.iter().filter_map(|certificate| certificate_id(evidence, certificate));
        let names: Vec<String> = ids.map(objects::certificate_name).collect();
        let Some((signing, issuing)) = names.split_first() else { return };
        let anchor = if path.direct { Some(signing.clone()) } else { self.anchor(path) };
        out.element("AssociatedValidationReportData", &[], |out| {
            if let Some(anchor) = &anchor {
                out.empty("TrustAnchor", &[("VOReference", anchor)], Empty::Xml);
            }
            out.element("CertificateChain", &[], |out| {
                out.empty("SigningCertificate", &[("VOReference", signing)], Empty::Xml);
                for name in issuing {
                    out.empty("IntermediateCertificate", &[("VOReference", name)], Empty::Xml);
                }
                if let Some(anchor) = &anchor {
                    out.empty("TrustAnchor", &[("VOReference", anchor)], Empty::Xml);
                }
            });
            self.revocation(out, path);
        });
    }

    /// The anchor as an object, if its certificate is at hand.
    fn anchor(&self, path: &PathUsed) -> Option<String> {
        let evidence = self.report.evidence;
        let anchors = evidence.material.anchors.iter();
        let mut named = anchors.filter(|anchor| anchor.name().to_string() == path.anchor);
        let certificate = named.find_map(|anchor| anchor.certificate())?;
        certificate_id(evidence, certificate).map(objects::certificate_name)
    }

    fn revocation(&self, out: &mut Markup, path: &PathUsed) {
        let evidence = self.report.evidence;
        let revoked =
            path.statuses.iter().zip(&path.certificates).find_map(|(status, certificate)| match status {
                StatusUsed::Revoked { at, reason, source } => Some((*at, reason, *source, certificate)),
                _ => None,
            });
        let Some((at, reason, source, certificate)) = revoked else { return };
        let Some(id) = certificate_id(evidence, certificate) else { return };
        out.element("RevocationStatusInformation", &[], |out| {
            let name = objects::certificate_name(id);
            out.empty("ValidationObjectId", &[("VOReference", &name)], Empty::Xml);
            out.leaf("RevocationTime", &[], &at.to_string());
            out.leaf("RevocationReason", &[], &format!("urn:etsi:019102:revocationReason:{}", token(reason)));
            if let Some(name) = objects::name(source, evidence) {
                out.empty("RevocationObject", &[("VOReference", &name)], Empty::Xml);
            }
        });
    }
}

/// A reason as a part of a URN: nothing but letters.
fn token(reason: &str) -> String {
    let letters: String = reason.chars().filter(char::is_ascii_alphabetic).collect();
    if letters.is_empty() { "unspecified".to_owned() } else { letters }
}
