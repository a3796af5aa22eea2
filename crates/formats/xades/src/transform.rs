//! Transforms of a reference (XML Signature 1.1, 6.6): canonicalisation, base64, enveloped signature; nothing that runs
//! programs of the signer.

use crate::algorithm::Canonicalization;
use crate::canonical::{Comments, Selection, canonicalize};
use crate::detached::DetachedData;
use crate::document::{DS, Document};
use crate::outcome::NotComputed;
use crate::resolve::Resolved;
use bergshamra_c14n::C14nMode;
use bergshamra_xml::{NodeId, NodeKind};
use types::{Budget, Resource};

const BASE64: &str = "http://www.w3.org/2000/09/xmldsig#base64";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";
/// Most transforms of one reference.
pub(crate) const MOST: usize = 16;
/// Largest detached XML or base64 that is transformed, in bytes.
const LARGEST: usize = 64 << 20;

/// Data on the way through the transforms.
pub(crate) enum Data {
    Here(Selection),
    Detached(String),
    Octets(Vec<u8>),
}

/// Applies all transforms; the result is octets or untouched detached data.
pub(crate) fn apply(
    document: &Document<'_>,
    signature: NodeId,
    resolved: Resolved,
    transforms: &[NodeId],
    detached: &mut dyn DetachedData,
    budget: &mut Budget,
) -> Result<Data, NotComputed> {
    let mut data = match resolved {
        Resolved::Here(selection) => Data::Here(selection),
        Resolved::Detached(uri) => Data::Detached(uri),
    };
    if transforms.len() > MOST {
        return Err(NotComputed::Structure("the reference has too many transforms"));
    }
    for transform in transforms {
        data = one(document, signature, data, *transform, detached, budget)?;
    }
    match data {
        // XML Signature 1.1, 4.4.3.2: what is left as nodes is canonicalised.
        Data::Here(selection) => {
            Ok(Data::Octets(canonicalize(document, &selection, &Canonicalization::DEFAULT, budget)?))
        }
        done => Ok(done),
    }
}

fn one(
    document: &Document<'_>,
    signature: NodeId,
    data: Data,
    transform: NodeId,
    detached: &mut dyn DetachedData,
    budget: &mut Budget,
) -> Result<Data, NotComputed> {
    let uri = document.attribute(transform, "Algorithm").unwrap_or_default();
    if C14nMode::from_uri(uri).is_some() {
        let method = Canonicalization::read(document, transform).map_err(NotComputed::Unsupported)?;
        return Ok(Data::Octets(match data {
            Data::Here(selection) => canonicalize(document, &selection, &method, budget)?,
            other => {
                let octets = octets(other, detached, budget)?;
                let inner = Document::parse(&octets, budget)?;
                let all = Selection { root: inner.tree.root(), comments: Comments::In, without: Vec::new() };
                canonicalize(&inner, &all, &method, budget)?
            }
        }));
    }
    match (uri, data) {
        (ENVELOPED, Data::Here(mut selection)) => {
            let inside = document.ancestors(signature).any(|node| node == selection.root);
            if !inside {
                return Err(NotComputed::Structure(
                    "the signature is not inside of what it is to be left out of",
                ));
            }
            selection.without.push(signature);
            Ok(Data::Here(selection))
        }
        (BASE64, Data::Here(selection)) => {
            let text = text_of(document, &selection, budget)?;
            let decoded = crate::base64::decode(&text);
            decoded.map(Data::Octets).ok_or(NotComputed::Structure("what is to be decoded is not base64"))
        }
        (BASE64, other) => {
            let octets = octets(other, detached, budget)?;
            let text = String::from_utf8(octets).ok();
            let decoded = text.and_then(|text| crate::base64::decode(&text));
            decoded.map(Data::Octets).ok_or(NotComputed::Structure("what is to be decoded is not base64"))
        }
        (XPATH, Data::Here(selection)) => without_signatures(document, selection, transform, budget),
        _ => Err(NotComputed::Unsupported(uri.to_owned())),
    }
}

/// The one XPath filter that is understood: everything outside of XML signatures.
fn without_signatures(
    document: &Document<'_>,
    mut selection: Selection,
    transform: NodeId,
    budget: &mut Budget,
) -> Result<Data, NotComputed> {
    let unsupported = || NotComputed::Unsupported(XPATH.to_owned());
    let filter = document.children(transform, DS, "XPath").next().ok_or_else(unsupported)?;
    let expression: String = document.text(filter).split_ascii_whitespace().collect();
    let prefix = expression
        .strip_prefix("not(ancestor-or-self::")
        .and_then(|rest| rest.strip_suffix(":Signature)"))
        .ok_or_else(unsupported)?;
    let bound = std::iter::once(filter).chain(document.ancestors(filter)).find_map(|node| {
        let declarations = &document.tree.element(node)?.namespace_declarations;
        declarations.iter().find(|(known, _)| known == prefix).map(|(_, uri)| uri.as_ref())
    });
    if bound != Some(DS) {
        return Err(unsupported());
    }
    let nodes = document.subtree(selection.root);
    budget.spend(Resource::Steps, nodes.len() as u64)?;
    let is_signature = |node: &NodeId| document.is(*node, DS, "Signature");
    // The root of a subtree may itself be below a signature; then nothing is left.
    if document.ancestors(selection.root).any(|node| is_signature(&node)) {
        return Err(unsupported());
    }
    let outermost =
        |node: &NodeId| is_signature(node) && !document.ancestors(*node).any(|above| is_signature(&above));
    selection.without.extend(nodes.into_iter().filter(outermost));
    Ok(Data::Here(selection))
}

/// The text of all nodes that are selected (XML Signature 1.1, 6.6.2).
fn text_of(
    document: &Document<'_>,
    selection: &Selection,
    budget: &mut Budget,
) -> Result<String, NotComputed> {
    let mut text = String::new();
    let mut stack = vec![selection.root];
    while let Some(node) = stack.pop() {
        budget.spend(Resource::Steps, 1)?;
        if selection.without.contains(&node) {
            continue;
        }
        if let Some(NodeKind::Text(part) | NodeKind::CData(part)) = document.tree.node_kind(node) {
            text.push_str(part);
        }
        stack.extend(document.tree.children_iter(node).rev());
    }
    Ok(text)
}

/// Octets that have to be in memory to be transformed.
fn octets(data: Data, detached: &mut dyn DetachedData, budget: &mut Budget) -> Result<Vec<u8>, NotComputed> {
    let uri = match data {
        Data::Octets(octets) => return Ok(octets),
        Data::Detached(uri) => uri,
        Data::Here(_) => return Err(NotComputed::Structure("octets were expected")),
    };
    let (mut octets, mut too_many) = (Vec::new(), false);
    let mut sink = |piece: &[u8]| {
        if octets.len() + piece.len() > LARGEST {
            too_many = true;
        } else {
            octets.extend_from_slice(piece);
        }
    };
    detached.stream(&uri, &mut sink, budget).map_err(|unresolved| unresolved.explain(&uri))?;
    if too_many {
        Err(NotComputed::Structure("the data are too large to be transformed"))
    } else {
        Ok(octets)
    }
}
