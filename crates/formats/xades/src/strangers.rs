//! What stands in a signature, is under nothing of it, and may be shown by a reader all the same: a signature that is left
//! out of what it signs (XML Signature 1.1, 6.6.4) is a hole in the document.

use crate::document::{DS, Document, is_xades_namespace};
use crate::signature::Parts;
use bergshamra_xml::{NodeId, NodeKind};
use types::{Budget, Malformed, Resource, Span};

/// Most places of each kind that are named.
const MOST: usize = 16;
/// Namespaces beside XML Signature and XAdES whose elements belong in a signature: XML Signature 1.1 and its additions
/// (RFC 9231), XML Encryption, parameters of transforms, evidence records (RFC 6283).
const KNOWN: [&str; 8] = [
    "http://www.w3.org/2009/xmldsig11#",
    "http://www.w3.org/2001/04/xmldsig-more#",
    "http://www.w3.org/2007/05/xmldsig-more#",
    "http://www.w3.org/2001/04/xmlenc#",
    "http://www.w3.org/2009/xmlenc11#",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2002/06/xmldsig-filter2",
    "urn:ietf:params:xml:ns:ers",
];

/// Where it stands.
#[derive(Default)]
pub(crate) struct Strangers {
    /// Where a signature has no place for it (XML Signature 1.1, 4.1; EN 319 132-1, 4.3).
    pub(crate) misplaced: Vec<Span>,
    /// Where anything may stand; nobody signed it.
    pub(crate) unsigned: Vec<Span>,
}

/// Looks through all that is not under the signature value. `is_signed` tells what is under one of its references.
pub(crate) fn find(
    document: &Document<'_>,
    parts: &Parts,
    is_signed: &dyn Fn(NodeId) -> bool,
    budget: &mut Budget,
) -> Result<Strangers, Malformed> {
    let mut strangers = Strangers::default();
    for child in document.tree.children_iter(parts.signature) {
        let has_place = match document.name(child) {
            (DS, "SignedInfo" | "SignatureValue" | "KeyInfo" | "Object") => true,
            _ => !is_content(document, child),
        };
        note(&mut strangers.misplaced, document, child, !has_place);
    }
    for key_info in parts.key_info.iter().filter(|node| !is_signed(**node)) {
        below(document, *key_info, &mut strangers.unsigned, budget)?;
    }
    for qualifying in parts.qualifying.iter().filter(|node| !is_signed(**node)) {
        properties(document, *qualifying, &mut strangers, budget)?;
    }
    Ok(strangers)
}

/// The groups of qualifying properties hold properties and nothing else; among those of the signature that nobody signs
/// others may invent their own.
fn properties(
    document: &Document<'_>,
    qualifying: NodeId,
    strangers: &mut Strangers,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let mut stack = vec![qualifying];
    while let Some(group) = stack.pop() {
        let is_open = document.is_xades(group, "UnsignedSignatureProperties");
        for child in document.tree.children_iter(group) {
            budget.spend(Resource::Steps, 1)?;
            let is_element = document.tree.element(child).is_some();
            let is_known = is_element && is_known(document, child);
            let places = match is_open && is_element {
                true => &mut strangers.unsigned,
                false => &mut strangers.misplaced,
            };
            note(places, document, child, !is_known && is_content(document, child));
            match document.name(child).1 {
                _ if !is_known => {}
                // They are asked about as such.
                "SignedProperties" => {}
                "UnsignedProperties" | "UnsignedSignatureProperties" | "UnsignedDataObjectProperties" => {
                    stack.push(child);
                }
                _ => below(document, child, &mut strangers.unsigned, budget)?,
            }
        }
    }
    Ok(())
}

/// Elements of other namespaces at any depth, and text where elements stand or should.
fn below(
    document: &Document<'_>,
    top: NodeId,
    places: &mut Vec<Span>,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let mut stack = vec![top];
    while let Some(node) = stack.pop() {
        budget.spend(Resource::Steps, 1)?;
        let holds_elements = document.elements(node).next().is_some()
            || matches!(document.name(node), (DS, "KeyInfo" | "KeyValue" | "X509Data"));
        for child in document.tree.children_iter(node) {
            if document.tree.element(child).is_none() {
                note(places, document, child, holds_elements && is_content(document, child));
            } else if is_known(document, child) {
                stack.push(child);
            } else {
                note(places, document, child, true);
            }
        }
    }
    Ok(())
}

fn note(places: &mut Vec<Span>, document: &Document<'_>, node: NodeId, is_stranger: bool) {
    if is_stranger && places.len() < MOST {
        places.push(document.span(node));
    }
}

fn is_known(document: &Document<'_>, node: NodeId) -> bool {
    let namespace = document.name(node).0;
    namespace == DS || is_xades_namespace(namespace) || KNOWN.contains(&namespace)
}

/// An element, or text that is not blank.
fn is_content(document: &Document<'_>, node: NodeId) -> bool {
    match document.tree.node_kind(node) {
        Some(NodeKind::Text(text) | NodeKind::CData(text)) => !text.trim_ascii().is_empty(),
        Some(NodeKind::Element(_)) => true,
        _ => false,
    }
}
