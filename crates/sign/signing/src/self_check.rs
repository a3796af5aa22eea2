//! The last gate: our own verifier judges the file as it was written, before it gets its name.

use crate::to_be_signed::Signed;
use evidence::{Binding, Check, Context, Coverage, Evidence, SignatureEvidence};
use inspection::{Judgement, LaterChanges, Permissions};
use path::VerifiedLinks;
use pdf::Document;
use std::fmt;
use types::{Budget, Malformed, Source};

/// Why a file that was just signed is not released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfCheckFailed(pub String);

impl fmt::Display for SelfCheckFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the signed file did not pass the check before release: {}", self.0)
    }
}

impl std::error::Error for SelfCheckFailed {}

impl From<Malformed> for SelfCheckFailed {
    fn from(error: Malformed) -> SelfCheckFailed {
        SelfCheckFailed(format!("it cannot be read: {error}"))
    }
}

/// Verifies `written`: the new signature covers the whole file, matches, and is bound to its certificate; and what
/// was added disturbs no earlier signature.
pub fn self_check(
    written: &dyn Source,
    password: Option<&[u8]>,
    signed: &Signed,
    provider: &dyn crypto::Provider,
    budget: &mut Budget,
) -> Result<Evidence, SelfCheckFailed> {
    let expected_len = signed.base_len + signed.tail.len() as u64;
    if written.len() != expected_len {
        let reason = format!("it has {} bytes, expected {expected_len}", written.len());
        return Err(SelfCheckFailed(reason));
    }
    let document = Document::open(written, password, budget)?;
    // Trust plays no part here.
    let links = VerifiedLinks::with_capacity(0);
    let context = Context {
        anchors: &[],
        certificates: &[],
        crls: &[],
        ocsps: &[],
        evidence_records: &[],
        signature_policies: &[],
        beacons: &[],
        provider,
        links: &links,
    };
    let evidence = evidence::collect_pdf(&document, &context, budget)?;
    let new = evidence
        .signatures
        .iter()
        .find(|signature| signature.field == signed.field)
        .ok_or_else(|| SelfCheckFailed(format!("there is no signature in field {:?}", signed.field)))?;
    check_new(new)?;
    if evidence.signatures.len() > 1 {
        check_earlier(&document, budget)?;
    }
    Ok(evidence)
}

/// Looks at the evidence of a file that was signed as a whole, e.g. a CMS or a container: there is exactly one signature, it
/// matches, and it is bound to its certificate.
pub fn check_evidence(evidence: &Evidence) -> Result<(), SelfCheckFailed> {
    let [signature] = evidence.signatures.as_slice() else {
        let reason = format!("it has {} signatures instead of one", evidence.signatures.len());
        return Err(SelfCheckFailed(reason));
    };
    let unsigned = evidence.findings.iter().find(|finding| finding.severity > types::Severity::Info);
    match unsigned {
        Some(finding) => Err(SelfCheckFailed(finding.message.clone())),
        None => check_facts(signature),
    }
}

fn check_new(signature: &SignatureEvidence) -> Result<(), SelfCheckFailed> {
    let failed = |reason: String| Err(SelfCheckFailed(reason));
    if signature.coverage != Coverage::WholeFile {
        return failed("the signature does not cover the whole file".into());
    }
    check_facts(signature)
}

fn check_facts(signature: &SignatureEvidence) -> Result<(), SelfCheckFailed> {
    let failed = |reason: String| Err(SelfCheckFailed(reason));
    let facts = match &signature.signed_data {
        Ok(facts) => facts,
        Err(fault) => return failed(fault.reason.clone()),
    };
    match (&facts.content, &facts.value) {
        (Check::Matches, Check::Matches) => {}
        (Check::Differs, _) => return failed("the signed bytes are not those that were planned".into()),
        (_, Check::Differs) => {
            return failed(
                "the signature value was not made over this document with the certificate's key".into(),
            );
        }
        (Check::NotComputed(why), _) | (_, Check::NotComputed(why)) => return failed(why.clone()),
    }
    match facts.binding {
        Binding::Bound => Ok(()),
        Binding::Named | Binding::Contradicted => {
            failed("the signature does not name its certificate".into())
        }
    }
}

/// What this signature added must be permitted after every earlier one.
fn check_earlier(document: &Document<'_>, budget: &mut Budget) -> Result<(), SelfCheckFailed> {
    let before = document.revisions().len().saturating_sub(2);
    let signatures = document.as_of(before).signatures(budget)?;
    let changes = inspection::later_changes(document, before, budget);
    let values = signatures.fields.iter().filter_map(|field| field.value.as_ref());
    for earlier in values {
        check_undisturbed(&changes, &Permissions::after(&signatures, earlier))?;
    }
    Ok(())
}

fn check_undisturbed(changes: &LaterChanges, permissions: &Permissions) -> Result<(), SelfCheckFailed> {
    match inspection::judge(changes, permissions) {
        Judgement::None | Judgement::Permitted { .. } | Judgement::Overlaid { .. } => Ok(()),
        Judgement::Suspicious { reasons } => {
            let first = reasons.first().map_or("a change", String::as_str);
            Err(SelfCheckFailed(format!("it would spoil an earlier signature: {first}")))
        }
        Judgement::NotAnalysed { why } => {
            Err(SelfCheckFailed(format!("the effect on earlier signatures is not known: {why}")))
        }
    }
}
