//! Canonical XML of subtrees, on a budget (Canonical XML 1.0 and 1.1, Exclusive Canonical XML 1.0).

use crate::algorithm::Canonicalization;
use crate::document::Document;
use crate::outcome::NotComputed;
use crate::xpath::Nodes;
use bergshamra_c14n::{C14nMode, C14nSink, canonicalize_doc_to};
use bergshamra_xml::{NodeId, NodeSet};
use types::{Budget, Resource};

/// What is to be canonicalised: a subtree without some of its nodes. Attributes and namespaces go with their element.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// The document node or an element.
    pub(crate) root: NodeId,
    pub(crate) comments: Comments,
    /// Nodes that are left out, here or elsewhere in the document, by their index.
    pub(crate) without: Nodes,
}

/// Whether comments belong to the selection (XML Signature 1.1, 4.4.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comments {
    In,
    Out,
}

impl Selection {
    pub(crate) fn element(root: NodeId) -> Selection {
        Selection { root, comments: Comments::In, without: Nodes::new() }
    }

    /// Leaves out a node and everything below it.
    pub(crate) fn leave_out(
        &mut self,
        document: &Document<'_>,
        branch: NodeId,
        budget: &mut Budget,
    ) -> Result<(), NotComputed> {
        let nodes = document.subtree(branch);
        budget.spend(Resource::Steps, nodes.len() as u64)?;
        self.without.extend(nodes.iter().map(NodeId::index));
        Ok(())
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
    budget.spend(Resource::Steps, selection.without.len() as u64)?;
    let is_1_1 = matches!(method.mode, C14nMode::Inclusive11 | C14nMode::Inclusive11WithComments);
    let inherits = selection.root != document.tree.root();
    let mut above = document.ancestors(selection.root).filter(|_| inherits);
    let mut left_out = selection.without.iter().map(|node| NodeId::new(*node));
    let has = |node| document.has_base_or_id(node);
    if is_1_1 && (above.any(has) || left_out.any(has)) {
        // Canonical XML 1.1, 2.4: xml:base is joined and xml:id is not inherited; met in no signature so far.
        return Err(NotComputed::Unsupported(format!("{} with xml:base or xml:id above", method.uri())));
    }
    let mut nodes = match selection.comments {
        Comments::In => NodeSet::tree_with_comments(selection.root, &document.tree),
        Comments::Out => NodeSet::tree_without_comments(selection.root, &document.tree),
    };
    for node in &selection.without {
        nodes.remove_id(NodeId::new(*node));
    }
    let limit = usize::try_from(budget.left(Resource::DecodedBytes)).unwrap_or(usize::MAX);
    let mut output = Bounded { bytes: Vec::new(), limit, overflow: false };
    canonicalize_doc_to(&document.tree, method.mode, Some(&nodes), &method.prefixes, &mut output)
        .map_err(|_| NotComputed::Structure("the canonical form cannot be made"))?;
    let length = if output.overflow { u64::MAX } else { output.bytes.len() as u64 };
    budget.spend(Resource::DecodedBytes, length)?;
    Ok(output.bytes)
}
