//! Seed values: what the author of an empty field demands of its signature (ISO 32000-2, Table 237).

use super::{SignatureRequest, SigningRefusal, SubFilter};
use crate::object::{Dictionary, Object};
use crate::update::Update;
use types::{Budget, Finding, Malformed, Severity};

/// Bits of `Ff`: which entries are demands rather than wishes.
const FILTER: i64 = 1;
const SUB_FILTER: i64 = 2;
const VERSION: i64 = 4;
const REASONS: i64 = 8;
const LEGAL_ATTESTATION: i64 = 16;
const ADD_REV_INFO: i64 = 32;
const DIGEST_METHOD: i64 = 64;
const LOCK_DOCUMENT: i64 = 128;
const APPEARANCE_FILTER: i64 = 256;

/// A seed value dictionary whose entries are resolved when asked for.
struct Seed<'u, 'd, 's> {
    update: &'u Update<'d, 's>,
    dictionary: Dictionary,
    demands: i64,
    at: u64,
}

/// Refuses a request that breaks a demand of the seed value dictionary `value`; `at` is the field's place.
pub(super) fn check(
    update: &Update<'_, '_>,
    value: &Object,
    request: &SignatureRequest,
    at: u64,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<(), SigningRefusal> {
    let resolved = update.resolve(value, budget)?;
    let Object::Dictionary(dictionary) = resolved else {
        return Err(Malformed::syntax(at, "SV is not a dictionary", "ISO 32000-2, 12.7.5.5").into());
    };
    let mut seed = Seed { update, dictionary, demands: 0, at };
    seed.demands = seed.get("Ff", budget)?.as_integer().unwrap_or(0);
    seed.names(request, budget)?;
    seed.reasons(request, budget)?;
    seed.certification(request, budget)?;
    seed.unsupported(request, budget)?;
    seed.wishes(findings, budget)
}

impl Seed<'_, '_, '_> {
    fn get(&self, key: &str, budget: &mut Budget) -> Result<Object, Malformed> {
        self.update.resolve(self.dictionary.get(key).unwrap_or(&Object::Null), budget)
    }

    fn demands(&self, bit: i64) -> bool {
        self.demands & bit != 0
    }

    fn refuse(&self, reason: String, hint: &str) -> SigningRefusal {
        SigningRefusal::new("pdf.sign.seed-value", reason, hint).at(self.at)
    }

    /// The strings or names of an array.
    fn list(&self, key: &str, budget: &mut Budget) -> Result<Option<Vec<Vec<u8>>>, Malformed> {
        let Object::Array(elements) = self.get(key, budget)? else {
            return Ok(None);
        };
        let mut list = Vec::new();
        for element in &elements {
            budget.spend(types::Resource::Steps, 1)?;
            let element = self.update.resolve(element, budget)?;
            list.extend(element.as_string().or(element.as_name()).map(<[u8]>::to_vec));
        }
        Ok(Some(list))
    }

    /// `Filter`, `SubFilter`, `DigestMethod`, `V`.
    fn names(&self, request: &SignatureRequest, budget: &mut Budget) -> Result<(), SigningRefusal> {
        if self.demands(FILTER)
            && self.get("Filter", budget)?.as_name().is_some_and(|name| name != b"Adobe.PPKLite")
        {
            let reason = "the field demands another signature handler (Filter)".to_owned();
            return Err(self.refuse(reason, "sign with the program that the field names"));
        }
        let ours = request.sub_filter.as_str();
        if self.demands(SUB_FILTER)
            && let Some(list) = self.list("SubFilter", budget)?
            && !list.iter().any(|name| name == ours.as_bytes())
        {
            let reason = format!("the field demands another kind of signature than {ours} (SubFilter)");
            return Err(self.refuse(reason, "choose a kind of signature that the field allows"));
        }
        if self.demands(DIGEST_METHOD)
            && let (Some(list), Some(ours)) = (self.list("DigestMethod", budget)?, &request.digest_method)
            && !list.iter().any(|name| same_digest(name, ours.as_bytes()))
        {
            let reason = format!("the field demands another digest algorithm than {ours} (DigestMethod)");
            return Err(self.refuse(reason, "sign with a digest algorithm that the field allows"));
        }
        if self.demands(VERSION) && self.get("V", budget)?.as_number().is_some_and(|version| version > 3.0) {
            let reason = "the field demands seed values of a later version (V)".to_owned();
            return Err(self.refuse(reason, ""));
        }
        Ok(())
    }

    /// `Reasons`: one of them, or with none or a single period no reason at all.
    fn reasons(&self, request: &SignatureRequest, budget: &mut Budget) -> Result<(), SigningRefusal> {
        if !self.demands(REASONS) {
            return Ok(());
        }
        let list = self.list("Reasons", budget)?.unwrap_or_default();
        let none_allowed = list.is_empty() || (list.len() == 1 && list.iter().all(|reason| reason == b"."));
        let ours = request.reason.as_deref().map(Object::text);
        let ours = ours.as_ref().and_then(Object::as_string);
        match ours {
            None if none_allowed => Ok(()),
            Some(_) if none_allowed => Err(self.refuse(
                "the field demands a signature without reason (Reasons)".into(),
                "leave the reason out",
            )),
            Some(ours) if list.iter().any(|reason| reason == ours) => Ok(()),
            _ => {
                let texts: Vec<_> = list.iter().take(10).map(|reason| shown(reason)).collect();
                let hint = format!("give one of these: {}", texts.join("; "));
                Err(self.refuse("the field demands one of its own reasons (Reasons)".into(), &hint))
            }
        }
    }

    /// `MDP`: whether the signature is to certify, and how.
    fn certification(&self, request: &SignatureRequest, budget: &mut Budget) -> Result<(), SigningRefusal> {
        let mdp = self.get("MDP", budget)?;
        let Some(dictionary) = mdp.as_dictionary() else {
            return Ok(());
        };
        let wanted = self.update.resolve(dictionary.get("P").unwrap_or(&Object::Null), budget)?.as_integer();
        let ours = request.certification.map_or(0, |certification| i64::from(certification.level()));
        match wanted {
            Some(0) if ours != 0 => {
                Err(self.refuse("the field is for an approval signature (MDP)".into(), "do not certify"))
            }
            Some(wanted @ 1..=3) if wanted != ours => {
                let reason = format!("the field demands a certification of level {wanted} (MDP)");
                Err(self.refuse(reason, "certify with that level"))
            }
            _ => Ok(()),
        }
    }

    /// Demands that nothing in a request could meet.
    fn unsupported(&self, request: &SignatureRequest, budget: &mut Budget) -> Result<(), SigningRefusal> {
        let add_rev_info = self.get("AddRevInfo", budget)? == Object::Boolean(true);
        if self.demands(ADD_REV_INFO) && add_rev_info && request.sub_filter != SubFilter::EtsiCadesDetached {
            let reason = "the field demands revocation data inside the signature (AddRevInfo)".to_owned();
            return Err(self.refuse(reason, "make a PAdES signature, which carries them in the document"));
        }
        if self.demands(LEGAL_ATTESTATION) && request.certification.is_some() {
            let reason = "the field demands a legal attestation (LegalAttestation)".to_owned();
            return Err(self.refuse(reason, "use an approval signature or another field"));
        }
        let lock_document = self.get("LockDocument", budget)?;
        if self.demands(LOCK_DOCUMENT) && lock_document.as_name() == Some(b"true") {
            let reason =
                "the field demands that the document be locked after signing (LockDocument)".to_owned();
            return Err(self.refuse(reason, "use another field"));
        }
        if self.demands(APPEARANCE_FILTER) && self.dictionary.get("AppearanceFilter").is_some() {
            let reason = "the field demands an appearance by name (AppearanceFilter)".to_owned();
            return Err(self.refuse(reason, "use another field"));
        }
        Ok(())
    }

    /// What can only be judged with the certificate, or with a network, is told.
    fn wishes(&self, findings: &mut Vec<Finding>, budget: &mut Budget) -> Result<(), SigningRefusal> {
        let demand = |object: &Object| {
            object.as_dictionary().and_then(|d| d.get("Ff")).and_then(Object::as_integer).unwrap_or(0) != 0
        };
        if demand(&self.get("Cert", budget)?) {
            let message =
                "the field demands certain certificates (seed value Cert), which is not checked here";
            findings.push(
                Finding::new("pdf.sign.seed-value-certificate", Severity::Warning, message)
                    .hint("make sure that the signer's certificate is one the author of the form wants"),
            );
        }
        if demand(&self.get("TimeStamp", budget)?) {
            let message = "the field demands a timestamp (seed value TimeStamp)";
            findings.push(
                Finding::new("pdf.sign.seed-value-timestamp", Severity::Warning, message)
                    .hint("augment the signature with a timestamp when a network is there"),
            );
        }
        Ok(())
    }
}

/// Names of digest algorithms are met with and without hyphens, e.g. `SHA256` and `SHA-256`.
fn same_digest(a: &[u8], b: &[u8]) -> bool {
    let letters = |name: &[u8]| -> Vec<u8> {
        name.iter().filter(|byte| **byte != b'-').map(u8::to_ascii_uppercase).collect()
    };
    letters(a) == letters(b)
}

/// A text string for a message.
fn shown(bytes: &[u8]) -> String {
    match bytes.strip_prefix(&[0xFE, 0xFF]) {
        Some(utf16) => {
            let units = utf16.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect()
        }
        None => bytes.iter().copied().map(char::from).collect(),
    }
}
