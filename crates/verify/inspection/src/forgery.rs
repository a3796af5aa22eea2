//! Forgeries that need no later change: what the signature dictionary itself shows, by the name of the attack.
//!
//! This names; whether the signature is rejected, coverage and integrity decide. Every forgery named here is an error.

use crate::attack::Attack;
use pdf::Document;
use pdf::signatures::{ByteRange, SignatureDictionary, Signatures};
use std::collections::BTreeMap;
use types::{Finding, Severity, Span};

/// A signature whose dictionary follows the pattern of a known attack.
#[derive(Clone, Debug, PartialEq)]
pub struct Forgery {
    /// Fully qualified name of its field.
    pub field: String,
    /// The attack.
    pub attack: Attack,
    /// What shows it, an error whose code begins with `attack.`.
    pub finding: Finding,
}

/// What looks forged about the signatures of a document.
pub fn forgeries(document: &Document<'_>, signatures: &Signatures) -> Vec<Forgery> {
    let mut found = Vec::new();
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for field in &signatures.fields {
        let mut add = |attack: Attack, span: Option<Span>, what: String| {
            let message = format!("{what} ({})", attack.as_str());
            let finding = Finding { span, ..Finding::new(attack.code(), Severity::Error, message) };
            found.push(Forgery { field: field.name.clone(), attack, finding });
        };
        let count = names.entry(&field.name).or_default();
        *count += 1;
        if *count == 2 {
            let what = format!("two signature fields have the name {:?}", field.name);
            add(Attack::DuplicateField, None, what);
        }
        if let Some(why) = &field.unreadable {
            let span = why.at.map(|at| Span::new(at, at));
            let what = "the value of the field is not a signature dictionary that can be read";
            add(Attack::SignatureSpoofing, span, what.into());
        }
        if let Some(value) = &field.value {
            value_forgeries(document, value, &mut add);
        }
    }
    found
}

type Add<'a> = dyn FnMut(Attack, Option<Span>, String) + 'a;

fn value_forgeries(document: &Document<'_>, value: &SignatureDictionary, add: &mut Add<'_>) {
    if value.contents.iter().all(|byte| *byte == 0) {
        let what = "the signature value is absent, empty or zero";
        add(Attack::UniversalSignatureForgery, value.contents_span, what.into());
    }
    if value.sub_filter.as_ref().is_none_or(|name| name.0.is_empty()) {
        let what = "the signature dictionary does not say of what form the value is";
        add(Attack::UniversalSignatureForgery, Some(value.span), what.into());
    }
    for finding in value.findings.iter().filter(|finding| finding.severity == Severity::Error) {
        let attack = match &*finding.code {
            "pdf.signature.shared" => Attack::SharedSignature,
            "pdf.signature.repeated-key" | "pdf.signature.type" | "pdf.signature.compressed" => {
                Attack::SignatureSpoofing
            }
            code if code.ends_with("-indirect") => Attack::SignatureSpoofing,
            _ => continue,
        };
        add(attack, finding.span, finding.message.clone());
    }
    match &value.byte_range {
        None => {
            let what = "the signature dictionary has no byte range";
            add(Attack::UniversalSignatureForgery, Some(value.span), what.into());
        }
        Some(range) => {
            if let Some((attack, what)) = range_forgery(range, value.contents_span, document) {
                add(attack, range.span.or(Some(value.span)), what.into());
            }
        }
    }
}

/// What a byte range that does not cover a revision whole looks like (ISO 32000-2, 12.8.1).
fn range_forgery(
    range: &ByteRange,
    contents: Option<Span>,
    document: &Document<'_>,
) -> Option<(Attack, &'static str)> {
    let len = document.len();
    let mut end = 0;
    for (index, (offset, length)) in range.parts.iter().enumerate() {
        if *offset < end && index > 0 {
            return Some((Attack::ByteRangeHole, "the parts of the byte range overlap or are out of order"));
        }
        end = offset.saturating_add(*length);
    }
    let [(first, first_length), (second, second_length)] = range.parts[..] else {
        return Some(match range.parts.is_empty() {
            true => {
                (Attack::UniversalSignatureForgery, "the byte range is not a list of offsets and lengths")
            }
            false => (Attack::ByteRangeHole, "the byte range does not have two parts"),
        });
    };
    if first != 0 || first_length == 0 || second_length == 0 {
        return Some((
            Attack::UniversalSignatureForgery,
            "the byte range leaves out the start or the end of the file",
        ));
    }
    if end > len {
        return Some((Attack::UniversalSignatureForgery, "the byte range reaches past the end of the file"));
    }
    let gap = Span { start: first_length, end: second };
    match contents {
        Some(contents) if contents == gap => {}
        Some(contents) if gap.start <= contents.start && contents.end <= gap.end => {
            return Some((
                Attack::SignatureWrapping,
                "the gap of the byte range holds more than the signature value",
            ));
        }
        Some(_) => {
            return Some((
                Attack::SignatureWrapping,
                "the signature value is not in the gap of the byte range",
            ));
        }
        None => return None,
    }
    let is_end = end == len || document.revisions().iter().any(|revision| revision.ends_at(end));
    (!is_end)
        .then_some((Attack::ByteRangeHole, "the byte range does not end where a revision of the file ends"))
}
