//! How much of what a reference points to is under its digest: filters of the signer may leave anything out.

use crate::canonical::Selection;
use crate::document::{DS, Document};
use crate::outcome::NotComputed;
use bergshamra_xml::{NodeId, NodeKind};
use types::{Budget, Resource, Span};

/// Most places that are named.
const MOST: usize = 16;
/// Most other signatures that one leaves out; with more of them they count as parts.
const MOST_SIGNATURES: usize = 256;

/// How much of the target of a reference went through its transforms. Comments do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it, but for the signature itself if it lies there.
    Whole,
    /// All of it but signatures; where those other than this one stand, at most 256.
    ButSignatures(Vec<Span>),
    /// Not these elements, by local name and place, the first of them; or something inside of them.
    Parts(Vec<(String, Span)>),
    /// The characters in a `ds:Object` without elements, decoded.
    Text,
    /// The characters in it, decoded: no elements, no attributes.
    TextOfElements,
    /// Nothing.
    Nothing,
}

impl Extent {
    pub(crate) fn of(
        document: &Document<'_>,
        signature: NodeId,
        selection: &Selection,
        budget: &mut Budget,
    ) -> Result<Extent, NotComputed> {
        if selection.without.is_empty() {
            return Ok(Extent::Whole);
        }
        let (mut signatures, mut parts, mut any) = (Vec::new(), Vec::new(), false);
        // Whether something above is left out and said to be.
        let mut stack = vec![(selection.root, false)];
        while let Some((node, said)) = stack.pop() {
            budget.spend(Resource::Steps, 1)?;
            let is_out = selection.without.contains(&node.index());
            let counts = match document.tree.node_kind(node) {
                Some(NodeKind::Text(text) | NodeKind::CData(text)) => !text.trim_ascii().is_empty(),
                Some(NodeKind::Document | NodeKind::Comment(_)) | None => false,
                Some(_) => true,
            };
            any |= counts && !is_out;
            let said = if counts && is_out && !said {
                let place = document.span(node);
                match document.is(node, DS, "Signature") {
                    _ if node == signature => {}
                    true if signatures.len() < MOST_SIGNATURES => signatures.push(place),
                    _ if parts.len() >= MOST => {}
                    _ => parts.push((document.name(node).1.to_owned(), place)),
                }
                true
            } else {
                said
            };
            stack.extend(document.tree.children_iter(node).rev().map(|child| (child, said)));
        }
        Ok(match (any, parts.is_empty(), signatures.is_empty()) {
            (false, ..) => Extent::Nothing,
            (_, false, _) => Extent::Parts(parts),
            (_, _, true) => Extent::Whole,
            _ => Extent::ButSignatures(signatures),
        })
    }

    /// The same, of which only the characters are taken.
    pub(crate) fn text_only(self, document: &Document<'_>, selection: &Selection) -> Extent {
        let is_object = document.is(selection.root, DS, "Object");
        let elements = document.elements(selection.root).next().is_some();
        match self {
            Extent::Nothing | Extent::Parts(_) => self,
            // Data in an object are kept that way (XML Signature 1.1, 4.5).
            _ if is_object && !elements => Extent::Text,
            _ => Extent::TextOfElements,
        }
    }
}
