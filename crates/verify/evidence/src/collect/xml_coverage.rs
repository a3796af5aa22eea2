//! How much of an XML document a signature is over, and what it leaves out (XML Signature 1.1, 8.1.1: what is signed is
//! what went through the transforms).

use crate::coverage::Coverage;
use types::{Finding, Severity, Span};
use xades::{Extent, Outcome, Reference, Target, XadesSignature};

/// A signature may be over parts of its document, or over data beside it: then it says nothing of the rest. `listed` are
/// the signatures of the document that are judged by themselves, another element of their name is just content; `parts`
/// is what stands in the root element.
pub(super) fn of(
    signature: &XadesSignature,
    listed: &[Span],
    parts: &[Span],
    findings: &mut Vec<Finding>,
) -> Coverage {
    let envelops = signature.place == xades::Place::Root;
    let mut note = |severity, message: String, hint: &'static str| {
        let finding = Finding::new("container.part-unsigned", severity, message).at(signature.span);
        findings.push(finding.hint(hint));
    };
    let mut whole = false;
    for reference in &signature.references {
        let is_all = match reference.target {
            Target::Document => reference.outcome == Outcome::Match,
            Target::Detached(_) => true,
            Target::Enveloped(_) | Target::Manifest(_) => envelops,
            _ => continue,
        };
        match left_out(reference, listed) {
            None => whole |= is_all,
            Some(LeftOut::Signatures(number)) => {
                whole |= is_all;
                let message = format!("the signature leaves out {number} other signatures of the document");
                note(Severity::Info, message, "each is judged by itself");
            }
            Some(LeftOut::Content(what)) => {
                let message = format!("the signature leaves out {what}");
                note(Severity::Warning, message, "take nothing in it for signed");
            }
        }
    }
    if whole {
        return Coverage::Content;
    }
    // Packaged beside the signature under one root (EN 319 132-1 speaks of internally detached): each part by itself.
    let is_signed = |part: &Span| {
        signature.references.iter().any(|reference| {
            let is_it = matches!(&reference.target, Target::Element(_, place) if place == part);
            is_it && reference.outcome == Outcome::Match && left_out(reference, listed).is_none()
        })
    };
    let mut others = parts.iter().filter(|part| !listed.contains(part)).peekable();
    if !envelops && others.peek().is_some() && others.all(is_signed) {
        let message =
            "the signature is over every part of the document, but not over the root element around them";
        note(Severity::Warning, message.into(), "take neither its name nor its attributes for signed");
        return Coverage::Content;
    }
    let message = "the signature is over a part of the document only";
    note(Severity::Warning, message.into(), "take nothing else in the document for signed");
    Coverage::Members { covered: 0, of: 1 }
}

/// What filters took away.
enum LeftOut {
    /// So many signatures that are judged by themselves.
    Signatures(usize),
    /// Content, in words.
    Content(String),
}

fn left_out(reference: &Reference, listed: &[Span]) -> Option<LeftOut> {
    if reference.outcome != Outcome::Match {
        return None;
    }
    let content = match &reference.extent {
        Extent::Whole => return None,
        Extent::ButSignatures(places) if places.iter().all(|place| listed.contains(place)) => {
            return Some(LeftOut::Signatures(places.len()));
        }
        Extent::ButSignatures(_) => "an element that looks like a signature and is none".to_owned(),
        Extent::Parts(parts) => {
            let names = parts.iter().map(|(name, place)| {
                let name = if name.is_empty() { "text" } else { name };
                format!("{name:?} at byte {}", place.start)
            });
            names.collect::<Vec<_>>().join(", ")
        }
        Extent::Text => match reference.target {
            Target::Document | Target::Element(..) => {
                "all elements and attributes: it is over text".to_owned()
            }
            _ => return None,
        },
        Extent::Nothing => "everything that it refers to".to_owned(),
    };
    Some(LeftOut::Content(content))
}
