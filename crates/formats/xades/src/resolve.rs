//! From the URI of a reference to data (XML Signature 1.1, 4.4.3.2 and 4.4.3.3).

use crate::canonical::{Comments, Selection};
use crate::document::Document;
use crate::outcome::NotComputed;
use crate::xpath::Nodes;
use bergshamra_xml::NodeId;

/// What a URI means.
#[derive(Clone, Debug)]
pub(crate) enum Resolved {
    /// Something in this document.
    Here(Selection),
    /// Something that the caller holds.
    Detached(String),
}

/// Resolves a URI; identifiers must be unique in the document.
pub(crate) fn resolve(document: &Document<'_>, uri: Option<&str>) -> Result<Resolved, NotComputed> {
    let Some(uri) = uri else {
        return Err(NotComputed::Structure("the reference has no URI"));
    };
    let here = |root, comments| Ok(Resolved::Here(Selection { root, comments, without: Nodes::new() }));
    let Some(fragment) = uri.strip_prefix('#') else {
        return match uri {
            "" => here(document.tree.root(), Comments::Out),
            _ => Ok(Resolved::Detached(uri.to_owned())),
        };
    };
    let Some(pointer) = fragment.strip_prefix("xpointer(") else {
        return here(unique(document, fragment)?, Comments::Out);
    };
    if pointer == "/)" {
        return here(document.tree.root(), Comments::In);
    }
    let quoted = pointer.strip_prefix("id(").and_then(|rest| rest.strip_suffix("))"));
    let id = quoted.and_then(|quoted| {
        let inner = |quote: char| quoted.strip_prefix(quote)?.strip_suffix(quote);
        inner('\'').or_else(|| inner('"'))
    });
    match id {
        Some(id) => here(unique(document, id)?, Comments::In),
        None => Err(NotComputed::Unsupported(uri.to_owned())),
    }
}

/// The one element with an identifier.
pub(crate) fn unique(document: &Document<'_>, id: &str) -> Result<NodeId, NotComputed> {
    match document.by_id(id) {
        [only] => Ok(*only),
        [] => Err(NotComputed::Missing(id.to_owned())),
        _ => Err(NotComputed::Ambiguous(id.to_owned())),
    }
}
