//! Signatures as they stand in an evidence file.

use super::error::{FrozenError, Within, each};
use super::later::{FrozenLater, Revisions};
use super::record::FrozenRecord;
use super::scalar::{FrozenFinding, Known, Place, Seconds, parsed, words};
use super::table::{Counts, Numbers, Tables, below};
use crate::coverage::{Coverage, Uncovered};
use crate::facts::{
    AttributeFacts, Binding, Check, Claims, FormatFault, Kind, PolicyDocument, SignatureEvidence,
    SignaturePolicy, SignedFacts, Signer, StoreFacts,
};
use inspection::RevisionChanges;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use types::Budget;

words!(UncoveredWord is Uncovered {
    Absent = "absent", Shape = "shape", Bounds = "bounds", Gap = "gap", End = "end",
});
words!(BindingWord is Binding { Bound = "bound", Named = "named", Contradicted = "contradicted" });

/// [`SignatureEvidence`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenSignature {
    claimed_time: Option<Seconds>,
    claims: FrozenClaims,
    coverage: FrozenCoverage,
    doc_mdp: Option<u8>,
    field: String,
    findings: Vec<FrozenFinding>,
    kind: FrozenKind,
    later: FrozenLater,
    own_token: Option<usize>,
    place: Option<Place>,
    revision: usize,
    signature_policy: Option<FrozenSignaturePolicy>,
    signed: Known<FrozenSigned, FrozenFault>,
    span: Place,
    store: FrozenStore,
    sub_filter: String,
    tokens: Vec<usize>,
}

/// [`Kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FrozenKind {
    Signature,
    DocTimestamp,
    EvidenceRecord,
    CountersignatureOf(usize),
}

/// [`Claims`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenClaims {
    location: Option<String>,
    name: Option<String>,
    reason: Option<String>,
}

/// [`SignaturePolicy`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum FrozenSignaturePolicy {
    Implied,
    Named { document: FrozenPolicyDocument, id: String, uri: Option<String> },
}

/// [`PolicyDocument`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FrozenPolicyDocument {
    AtHand,
    NotAtHand,
    Unusable(String),
}

/// [`Coverage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum FrozenCoverage {
    WholeFile,
    WholeRevision(usize),
    Content,
    Members { covered: usize, of: usize },
    Partial(UncoveredWord),
}

/// [`FormatFault`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenFault {
    reason: String,
    recognised: bool,
}

/// [`StoreFacts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenStore {
    certificates: bool,
    later_doc_timestamp: bool,
    revocation_data: bool,
}

/// [`SignedFacts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenSigned {
    attributes: FrozenAttributes,
    binding: BindingWord,
    content: FrozenCheck,
    digest_algorithm: String,
    record: Option<FrozenRecord>,
    signature_algorithm: Known<String, String>,
    signer: Option<FrozenSigner>,
    value: FrozenCheck,
}

/// [`AttributeFacts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenAttributes {
    content_type: bool,
    signing_certificate: bool,
    signing_time: bool,
}

/// [`Check`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FrozenCheck {
    Matches,
    Differs,
    NotComputed(String),
}

/// [`Signer`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenSigner {
    certificate: usize,
    key: Known<String, String>,
}

impl FrozenSignature {
    pub(super) fn freeze(
        signature: &SignatureEvidence,
        numbers: &mut Numbers,
        revisions: &mut Revisions,
    ) -> FrozenSignature {
        FrozenSignature {
            claimed_time: signature.claimed_time.map(Seconds::from),
            claims: FrozenClaims {
                location: signature.claims.location.clone(),
                name: signature.claims.name.clone(),
                reason: signature.claims.reason.clone(),
            },
            coverage: FrozenCoverage::from(signature.coverage),
            doc_mdp: signature.doc_mdp,
            field: signature.field.clone(),
            findings: signature.findings.iter().map(FrozenFinding::from).collect(),
            kind: match signature.kind {
                Kind::Signature => FrozenKind::Signature,
                Kind::DocTimestamp => FrozenKind::DocTimestamp,
                Kind::EvidenceRecord => FrozenKind::EvidenceRecord,
                Kind::Countersignature { of } => FrozenKind::CountersignatureOf(of),
            },
            later: FrozenLater::freeze(&signature.later, revisions),
            own_token: signature.own_token,
            place: signature.place.map(Place::from),
            revision: signature.revision,
            signature_policy: signature.signature_policy.as_ref().map(FrozenSignaturePolicy::from),
            signed: Known::freeze(
                signature.signed_data.as_ref(),
                |facts| FrozenSigned::freeze(facts, numbers),
                FrozenFault::from,
            ),
            span: signature.span.into(),
            store: FrozenStore {
                certificates: signature.store.certificates,
                later_doc_timestamp: signature.store.later_doc_timestamp,
                revocation_data: signature.store.revocation_data,
            },
            sub_filter: signature.sub_filter.clone(),
            tokens: signature.tokens.clone(),
        }
    }

    pub(super) fn thaw(
        &self,
        tables: &Tables,
        revisions: &[Arc<RevisionChanges>],
        budget: &mut Budget,
    ) -> Result<SignatureEvidence, FrozenError> {
        let Counts { signatures, tokens, .. } = tables.counts;
        let distinct: BTreeSet<&usize> = self.tokens.iter().chain(&self.own_token).collect();
        if distinct.len() != self.tokens.len() + usize::from(self.own_token.is_some()) {
            return Err(FrozenError::new("the same token twice").under("tokens"));
        }
        let own_token = self.own_token.map(|id| below(id, tokens, "token"));
        Ok(SignatureEvidence {
            field: self.field.clone(),
            kind: match self.kind {
                FrozenKind::Signature => Kind::Signature,
                FrozenKind::DocTimestamp => Kind::DocTimestamp,
                FrozenKind::EvidenceRecord => Kind::EvidenceRecord,
                FrozenKind::CountersignatureOf(of) => {
                    Kind::Countersignature { of: below(of, signatures, "signature").within("kind")? }
                }
            },
            sub_filter: self.sub_filter.clone(),
            span: self.span.thaw().within("span")?,
            place: self.place.map(Place::thaw).transpose().within("place")?,
            revision: self.revision,
            coverage: self.coverage.into(),
            claimed_time: self.claimed_time.map(Into::into),
            claims: Claims {
                name: self.claims.name.clone(),
                reason: self.claims.reason.clone(),
                location: self.claims.location.clone(),
            },
            signature_policy: self.signature_policy.clone().map(SignaturePolicy::from),
            doc_mdp: self.doc_mdp,
            signed_data: match &self.signed {
                Known::Is(signed) => Ok(signed.thaw(tables).within("signed.is")?),
                Known::Not(fault) => Err(fault.thaw()),
            },
            tokens: each(&self.tokens, |id| below(*id, tokens, "token")).within("tokens")?,
            own_token: own_token.transpose().within("ownToken")?,
            later: self.later.thaw(revisions, budget).within("later")?,
            store: StoreFacts {
                revocation_data: self.store.revocation_data,
                certificates: self.store.certificates,
                later_doc_timestamp: self.store.later_doc_timestamp,
            },
            findings: each(&self.findings, FrozenFinding::thaw).within("findings")?,
        })
    }
}

impl From<&SignaturePolicy> for FrozenSignaturePolicy {
    fn from(policy: &SignaturePolicy) -> FrozenSignaturePolicy {
        let SignaturePolicy::Named { id, uri, document } = policy else {
            return FrozenSignaturePolicy::Implied;
        };
        let document = match document {
            PolicyDocument::AtHand => FrozenPolicyDocument::AtHand,
            PolicyDocument::NotAtHand => FrozenPolicyDocument::NotAtHand,
            PolicyDocument::Unusable(why) => FrozenPolicyDocument::Unusable(why.clone()),
        };
        FrozenSignaturePolicy::Named { document, id: id.clone(), uri: uri.clone() }
    }
}

impl From<FrozenSignaturePolicy> for SignaturePolicy {
    fn from(frozen: FrozenSignaturePolicy) -> SignaturePolicy {
        let FrozenSignaturePolicy::Named { document, id, uri } = frozen else {
            return SignaturePolicy::Implied;
        };
        let document = match document {
            FrozenPolicyDocument::AtHand => PolicyDocument::AtHand,
            FrozenPolicyDocument::NotAtHand => PolicyDocument::NotAtHand,
            FrozenPolicyDocument::Unusable(why) => PolicyDocument::Unusable(why),
        };
        SignaturePolicy::Named { id, uri, document }
    }
}

impl From<Coverage> for FrozenCoverage {
    fn from(coverage: Coverage) -> FrozenCoverage {
        match coverage {
            Coverage::WholeFile => FrozenCoverage::WholeFile,
            Coverage::WholeRevision { revision } => FrozenCoverage::WholeRevision(revision),
            Coverage::Content => FrozenCoverage::Content,
            Coverage::Members { covered, of } => FrozenCoverage::Members { covered, of },
            Coverage::Partial(why) => FrozenCoverage::Partial(why.into()),
        }
    }
}

impl From<FrozenCoverage> for Coverage {
    fn from(frozen: FrozenCoverage) -> Coverage {
        match frozen {
            FrozenCoverage::WholeFile => Coverage::WholeFile,
            FrozenCoverage::WholeRevision(revision) => Coverage::WholeRevision { revision },
            FrozenCoverage::Content => Coverage::Content,
            FrozenCoverage::Members { covered, of } => Coverage::Members { covered, of },
            FrozenCoverage::Partial(why) => Coverage::Partial(why.into()),
        }
    }
}

impl From<&FormatFault> for FrozenFault {
    fn from(fault: &FormatFault) -> FrozenFault {
        FrozenFault { reason: fault.reason.clone(), recognised: fault.recognised }
    }
}

impl FrozenFault {
    pub(super) fn thaw(&self) -> FormatFault {
        FormatFault { reason: self.reason.clone(), recognised: self.recognised }
    }
}

impl FrozenSigned {
    pub(super) fn freeze(facts: &SignedFacts, numbers: &mut Numbers) -> FrozenSigned {
        let AttributeFacts { signing_certificate, signing_time, content_type } = facts.attributes;
        FrozenSigned {
            attributes: FrozenAttributes { content_type, signing_certificate, signing_time },
            binding: facts.binding.into(),
            content: FrozenCheck::from(&facts.content),
            digest_algorithm: facts.digest_algorithm.notation(),
            record: facts.record.as_ref().map(FrozenRecord::from),
            signature_algorithm: Known::freeze(
                facts.signature_algorithm.as_ref(),
                |algorithm| algorithm.notation(),
                String::clone,
            ),
            signer: facts.signer.as_ref().map(|signer| FrozenSigner {
                certificate: numbers.certificate(&signer.certificate),
                key: Known::freeze(signer.key.as_ref(), |key| key.notation(), String::clone),
            }),
            value: FrozenCheck::from(&facts.value),
        }
    }

    pub(super) fn thaw(&self, tables: &Tables) -> Result<SignedFacts, FrozenError> {
        let signer = self.signer.as_ref().map(|signer| {
            Ok(Signer {
                certificate: tables.certificate(signer.certificate).within("certificate")?,
                key: match &signer.key {
                    Known::Is(notation) => Ok(parsed(notation).within("key")?),
                    Known::Not(why) => Err(why.clone()),
                },
            })
        });
        let record = self.record.as_ref().map(|record| record.thaw(tables.counts));
        let facts = SignedFacts {
            digest_algorithm: parsed(&self.digest_algorithm).within("digestAlgorithm")?,
            content: self.content.thaw(),
            signature_algorithm: match &self.signature_algorithm {
                Known::Is(notation) => Ok(parsed(notation).within("signatureAlgorithm")?),
                Known::Not(why) => Err(why.clone()),
            },
            value: self.value.thaw(),
            signer: signer.transpose().within("signer")?,
            binding: self.binding.into(),
            attributes: AttributeFacts {
                signing_certificate: self.attributes.signing_certificate,
                signing_time: self.attributes.signing_time,
                content_type: self.attributes.content_type,
            },
            record: record.transpose().within("record")?,
        };
        let computable = facts.signature_algorithm.is_ok()
            && facts.signer.as_ref().is_some_and(|signer| signer.key.is_ok());
        if facts.value == Check::Matches && !computable {
            let reason = "confirmed, although there is no key or no algorithm to confirm it with";
            return Err(FrozenError::new(reason).under("value"));
        }
        Ok(facts)
    }
}

impl From<&Check> for FrozenCheck {
    fn from(check: &Check) -> FrozenCheck {
        match check {
            Check::Matches => FrozenCheck::Matches,
            Check::Differs => FrozenCheck::Differs,
            Check::NotComputed(why) => FrozenCheck::NotComputed(why.clone()),
        }
    }
}

impl FrozenCheck {
    pub(super) fn thaw(&self) -> Check {
        match self {
            FrozenCheck::Matches => Check::Matches,
            FrozenCheck::Differs => Check::Differs,
            FrozenCheck::NotComputed(why) => Check::NotComputed(why.clone()),
        }
    }
}
