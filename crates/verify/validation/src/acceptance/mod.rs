//! "Who will accept this as it is?": what described verifiers would say, as far as that can be told without asking them.

mod description;
mod rules;

pub use description::{Confidence, DESCRIBED, DescriptionError, Verifier};

use crate::text::Text;
use crate::verdict::Verdict;
use evidence::{Evidence, Kind};
use rules::Case;

/// What one verifier would say about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Identifier of the verifier, e.g. `eu-dss`.
    pub id: String,
    /// Its name.
    pub verifier: String,
    /// What it would say.
    pub answer: Accepted,
    /// Why; empty if nothing stands against it.
    pub reasons: Vec<Reason>,
}

/// Whether a verifier would accept a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Accepted {
    /// Nothing that is known of it stands against it.
    Accepts,
    /// It depends on something that cannot be known here.
    Depends,
    /// It would not.
    DoesNotAccept,
}

impl Accepted {
    /// The word of reports for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Accepted::Accepts => "accepts",
            Accepted::Depends => "depends",
            Accepted::DoesNotAccept => "does-not-accept",
        }
    }
}

/// Why a verifier would not accept a document, or on what that depends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// [`Accepted::Depends`] or [`Accepted::DoesNotAccept`].
    pub answer: Accepted,
    /// What stands against it.
    pub text: Text,
    /// How that is known of the verifier.
    pub source: String,
    /// As of when, e.g. `2026-08`.
    pub date: String,
    /// How sure that is.
    pub confidence: Confidence,
}

/// What every described verifier would say; nothing for a document without signatures.
pub fn acceptance(evidence: &Evidence, verdict: &Verdict) -> Vec<Acceptance> {
    let has_signature = evidence.signatures.iter().any(|one| one.kind == Kind::Signature);
    let verifiers = if has_signature { Verifier::all() } else { &[] };
    verifiers.iter().map(|verifier| verifier.judge(evidence, verdict)).collect()
}

impl Verifier {
    /// What this verifier would say about a document.
    pub fn judge(&self, evidence: &Evidence, verdict: &Verdict) -> Acceptance {
        let mut reasons: Vec<Reason> = Vec::new();
        for (signature, verdict) in evidence.signatures.iter().zip(&verdict.signatures) {
            let case = Case { evidence, signature, verdict };
            for rule in &self.rules {
                let Some((answer, text)) = case.against(&rule.asks) else { continue };
                let (source, date) = (rule.source.clone(), rule.date.clone());
                let reason = Reason { answer, text, source, date, confidence: rule.confidence };
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        }
        // What decides comes first.
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.answer));
        let answer = reasons.first().map_or(Accepted::Accepts, |reason| reason.answer);
        // What it would depend on does not matter where it would not accept it anyway.
        reasons.retain(|reason| reason.answer == answer);
        Acceptance { id: self.id.clone(), verifier: self.name.clone(), answer, reasons }
    }
}
