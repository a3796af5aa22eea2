//! How much of an XML document a signature is over, and what it leaves out (XML Signature 1.1, 8.1.1: what is signed is
//! what went through the transforms).

use crate::coverage::Coverage;
use types::{Finding, Severity, Span};
use xades::{Extent, Outcome, Place, Reference, Target, XadesSignature};

/// What a document with signatures is to its reader.
pub(super) struct Page {
    /// The signatures that are judged by themselves; another element of their name is just content.
    listed: Vec<Span>,
    /// What stands in the root element.
    parts: Vec<Span>,
    /// The number of comments.
    comments: usize,
    /// Processing instructions beside the root element.
    instructions: Vec<Span>,
}

impl Page {
    pub(super) fn of(document: &xades::Document<'_>, signatures: &[XadesSignature]) -> Page {
        Page {
            listed: signatures.iter().map(|signature| signature.span).collect(),
            parts: document.parts(),
            comments: document.comments(),
            instructions: document.instructions(),
        }
    }

    /// Whether there is nothing but signatures in it.
    fn is_signatures(&self) -> bool {
        self.parts.iter().all(|part| self.listed.contains(part))
    }
}

/// A signature may be over parts of its document, or over data beside it: then it says nothing of the rest.
pub(super) fn of(signature: &XadesSignature, page: &Page, findings: &mut Vec<Finding>) -> Coverage {
    let envelops = signature.place == Place::Root;
    let is_beside = envelops || (signature.place == Place::Child && page.is_signatures());
    let mut whole = false;
    for reference in &signature.references {
        let is_all = match reference.target {
            Target::Document => reference.outcome == Outcome::Match,
            Target::Detached(_) => is_beside,
            Target::Enveloped(_) | Target::Manifest(_) => envelops,
            _ => continue,
        };
        match left_out(reference, &page.listed) {
            None => whole |= is_all,
            Some(LeftOut::Signatures(number)) => {
                whole |= is_all;
                let message = format!("the signature leaves out {number} other signatures of the document");
                note(signature, findings, Severity::Info, message, "each is judged by itself");
            }
            Some(LeftOut::Content(what)) => {
                let message = format!("the signature leaves out {what}");
                note(signature, findings, Severity::Warning, message, "take nothing in it for signed");
            }
        }
    }
    beside(signature, page, findings);
    let coverage = if whole { Coverage::Content } else { by_parts(signature, page, findings) };
    // Who is shown the document is shown what stands in the signature, too.
    if !is_beside && coverage == Coverage::Content && !signature.unsigned_content.is_empty() {
        let message = "the signature leaves out content that stands in itself".to_owned();
        note(signature, findings, Severity::Warning, message, "take nothing in it for signed");
        return Coverage::Members { covered: 0, of: 1 };
    }
    coverage
}

fn note(
    signature: &XadesSignature,
    findings: &mut Vec<Finding>,
    severity: Severity,
    message: String,
    hint: &'static str,
) {
    let finding = Finding::new("container.part-unsigned", severity, message).at(signature.span);
    findings.push(finding.hint(hint));
}

/// Comments and processing instructions are no content, and yet readers show them or are led by them.
fn beside(signature: &XadesSignature, page: &Page, findings: &mut Vec<Finding>) {
    let matching = || signature.references.iter().filter(|one| one.outcome == Outcome::Match);
    let with_comments = |one: &Reference| {
        let is_pointer = one.uri.as_deref().is_some_and(|uri| uri.starts_with("#xpointer("));
        is_pointer && one.transforms.iter().any(|uri| uri.ends_with("WithComments"))
    };
    let is_over = |one: &Reference| matches!(one.target, Target::Document | Target::Element(..));
    if page.comments > 0 && matching().any(is_over) && !matching().any(with_comments) {
        let message = format!("the signature leaves out comments of the document ({} in all)", page.comments);
        note(signature, findings, Severity::Warning, message, "take nothing in them for signed");
    }
    if !page.instructions.is_empty() && !matching().any(|one| one.target == Target::Document) {
        let message =
            "the signature leaves out instructions to readers that stand before or after the document";
        note(signature, findings, Severity::Warning, message.into(), "look at the document without them");
    }
}

/// Packaged beside the signature under one root (EN 319 132-1 speaks of internally detached): each part by itself.
fn by_parts(signature: &XadesSignature, page: &Page, findings: &mut Vec<Finding>) -> Coverage {
    let is_signed = |part: &Span| {
        signature.references.iter().any(|reference| {
            let is_it = matches!(&reference.target, Target::Element(_, place) if place == part);
            is_it && reference.outcome == Outcome::Match && left_out(reference, &page.listed).is_none()
        })
    };
    let mut others = page.parts.iter().filter(|part| !page.listed.contains(part)).peekable();
    if signature.place != Place::Root && others.peek().is_some() && others.all(is_signed) {
        let message =
            "the signature is over every part of the document, but not over the root element around them";
        let hint = "take neither its name nor its attributes for signed";
        note(signature, findings, Severity::Warning, message.into(), hint);
        return Coverage::Content;
    }
    let message = "the signature is over a part of the document only";
    let hint = "take nothing else in the document for signed";
    note(signature, findings, Severity::Warning, message.into(), hint);
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
        // Such an object is the usual way to keep data.
        Extent::Text => return None,
        Extent::TextOfElements => "all elements and attributes: it is over text".to_owned(),
        Extent::Nothing => "everything that it refers to".to_owned(),
    };
    Some(LeftOut::Content(content))
}
