//! Countersignatures (RFC 5652, 11.4): signatures over a signature value, countersigned in turn or not.

use crate::attribute::fault;
use crate::ber::{Encoded, Reader, Tag};
use crate::oid;
use crate::primitive::Context;
use crate::signer_info::{MessageDigest, SignerInfo};
use crypto::{DigestAlgorithm, Message, Provider, PublicKey, SignatureError};
use types::{Budget, Finding, Malformed, Resource};

const CLAUSE: &str = "RFC 5652, 11.4";

/// One countersignature with those on itself.
#[derive(Clone, Debug)]
pub struct Countersignature<'a> {
    /// Who countersigned; spans count from where those of the signature countersigned do.
    pub signer: SignerInfo<'a>,
    /// What is noteworthy about it.
    pub findings: Vec<Finding>,
    /// Countersignatures on this one.
    pub countersignatures: Vec<Countersignature<'a>>,
}

impl<'a> SignerInfo<'a> {
    /// Reads the countersignatures on this signature and those on them, as deep as the budget allows. One that is
    /// malformed is an error: its presence is a claim that somebody signed.
    pub fn countersignatures(&self, budget: &mut Budget) -> Result<Vec<Countersignature<'a>>, Malformed> {
        read_all(&self.unsigned_attributes.countersignatures, 1, budget)
    }
}

fn read_all<'a>(
    values: &[Encoded<'a>],
    depth: u32,
    budget: &mut Budget,
) -> Result<Vec<Countersignature<'a>>, Malformed> {
    let mut read = Vec::with_capacity(values.len().min(16));
    for value in values {
        if depth > budget.depth() {
            let reason = format!("countersignatures are nested deeper than {}", budget.depth());
            return Err(Malformed::syntax(value.span.start, reason, CLAUSE));
        }
        budget.spend(Resource::Signatures, 1)?;
        let mut reader = Reader::new(value.bytes, value.span.start);
        let element = reader.expect(Tag::SEQUENCE, "countersignature", CLAUSE, budget)?;
        let mut context = Context::new(budget);
        let signer = SignerInfo::read(&element, &mut context)?;
        let mut findings = context.findings;
        check(&signer, &mut findings);
        let countersignatures = read_all(&signer.unsigned_attributes.countersignatures, depth + 1, budget)?;
        read.push(Countersignature { signer, findings, countersignatures });
    }
    Ok(read)
}

/// "The signedAttributes field MUST NOT contain a content-type attribute" and "MUST contain a message-digest attribute
/// if it contains any other attributes".
fn check(signer: &SignerInfo<'_>, findings: &mut Vec<Finding>) {
    let Some(signed) = &signer.signed_attributes else { return };
    if signed.attributes.iter().any(|attribute| attribute.oid == oid::CONTENT_TYPE) {
        let message = "a countersignature has a content-type attribute (RFC 5652, 11.4)";
        findings.push(
            Finding::new("cms.countersignature.content-type", types::Severity::Warning, message)
                .at(signed.encoded.span),
        );
    }
    if signed.message_digest.is_none() {
        let message =
            "message-digest is not among the signed attributes of a countersignature (RFC 5652, 11.4)";
        findings.push(fault("cms.message-digest.missing", signed.encoded, message.into()));
    }
}

impl Countersignature<'_> {
    /// The octets that a countersignature is over: the signature value, without tag and length.
    pub fn content<'s>(countersigned: &'s SignerInfo<'_>) -> &'s [u8] {
        &countersigned.signature
    }

    /// Compares message-digest with the digest of the signature value countersigned.
    pub fn check_message_digest(
        &self,
        countersigned: &SignerInfo<'_>,
        provider: &dyn Provider,
    ) -> MessageDigest {
        // An algorithm that is not known cannot agree: the digest by another one differs.
        let algorithm = self.signer.digest_algorithm.as_ref().copied().unwrap_or(DigestAlgorithm::Sha256);
        self.signer.check_message_digest(&provider.digest(algorithm, Self::content(countersigned)))
    }

    /// Checks the countersignature's own value against a key; see [`SignerInfo::check_signature`]. Says nothing without
    /// [`Countersignature::check_message_digest`] where there are signed attributes.
    pub fn check_signature(
        &self,
        countersigned: &SignerInfo<'_>,
        key: &PublicKey,
        provider: &dyn Provider,
    ) -> Result<crate::Confirmation, SignatureError> {
        self.signer.check_signature(key, Message::Whole(Self::content(countersigned)), provider)
    }
}
