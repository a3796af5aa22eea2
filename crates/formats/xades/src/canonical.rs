//! Canonical XML of subtrees, on a budget (Canonical XML 1.0 and 1.1, Exclusive Canonical XML 1.0).

use crate::algorithm::Canonicalization;
use crate::document::Document;
use crate::outcome::NotComputed;
use bergshamra_c14n::{C14nMode, C14nSink, canonicalize_doc_to};
use bergshamra_xml::{NodeId, NodeSet};
use types::{Budget, Resource};

/// What is to be canonicalised: a subtree without some of its branches.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// The document node or an element.
    pub(crate) root: NodeId,
    pub(crate) comments: Comments,
    /// Branches that are left out.
    pub(crate) without: Vec<NodeId>,
}

/// Whether comments belong to the selection (XML Signature 1.1, 4.4.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comments {
    In,
    Out,
}

impl Selection {
    pub(crate) fn element(root: NodeId) -> Selection {
        Selection { root, comments: Comments::In, without: Vec::new() }
    }
}

/// Stops keeping bytes when there are more than the budget has.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    overflow: bool,
}

impl C14nSink for Bounded {
    fn write(&mut self, bytes: &[u8]) {
        if self.bytes.len().saturating_add(bytes.len()) > self.limit {
            self.overflow = true;
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }
}

/// The canonical form.
pub(crate) fn canonicalize(
    document: &Document<'_>,
    selection: &Selection,
    method: &Canonicalization,
    budget: &mut Budget,
) -> Result<Vec<u8>, NotComputed> {
    budget.spend(Resource::Steps, document.walk)?;
    let is_1_1 = matches!(method.mode, C14nMode::Inclusive11 | C14nMode::Inclusive11WithComments);
    let inherits = selection.root != document.tree.root();
    if is_1_1 && inherits && document.ancestors(selection.root).any(|node| document.has_base_or_id(node)) {
        // Canonical XML 1.1, 2.4: xml:base is joined and xml:id is not inherited; met in no signature so far.
        return Err(NotComputed::Unsupported(format!("{} with xml:base or xml:id above", method.uri())));
    }
    let mut nodes = match selection.comments {
        Comments::In => NodeSet::tree_with_comments(selection.root, &document.tree),
        Comments::Out => NodeSet::tree_without_comments(selection.root, &document.tree),
    };
    for branch in &selection.without {
        for node in document.subtree(*branch) {
            budget.spend(Resource::Steps, 1)?;
            nodes.remove_id(node);
        }
    }
    let limit = usize::try_from(budget.left(Resource::DecodedBytes)).unwrap_or(usize::MAX);
    let mut output = Bounded { bytes: Vec::new(), limit, overflow: false };
    canonicalize_doc_to(&document.tree, method.mode, Some(&nodes), &method.prefixes, &mut output)
        .map_err(|_| NotComputed::Structure("the canonical form cannot be made"))?;
    let length = if output.overflow { u64::MAX } else { output.bytes.len() as u64 };
    budget.spend(Resource::DecodedBytes, length)?;
    Ok(output.bytes)
}
