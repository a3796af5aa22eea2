//! Transforms of a reference (XML Signature 1.1, 6.6; XPath Filter 2.0): canonicalisation, base64, enveloped signature,
//! and filters by the few XPath expressions that are understood; nothing that runs programs of the signer.

use crate::algorithm::Canonicalization;
use crate::canonical::{Comments, Selection, canonicalize};
use crate::detached::DetachedData;
use crate::document::{DS, Document};
use crate::extent::Extent;
use crate::outcome::NotComputed;
use crate::resolve::Resolved;
use crate::xpath::{Condition, Here, Nodes, Paths};
use bergshamra_c14n::C14nMode;
use bergshamra_xml::{NodeId, NodeKind};
use types::{Budget, Resource};

const BASE64: &str = "http://www.w3.org/2000/09/xmldsig#base64";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";
const FILTER: &str = "http://www.w3.org/2002/06/xmldsig-filter2";
/// Most transforms of one reference.
pub(crate) const MOST: usize = 16;
/// Most filters of one transform.
const MOST_FILTERS: usize = 16;
/// Largest detached XML or base64 that is transformed, in bytes.
const LARGEST: usize = 64 << 20;

/// Data on the way through the transforms.
pub(crate) enum Data {
    Here(Selection),
    Detached(String),
    Octets(Vec<u8>),
}

/// Applies all transforms; the result is octets or untouched detached data, and how much of what is in this document
/// went in.
pub(crate) fn apply(
    document: &Document<'_>,
    signature: NodeId,
    resolved: Resolved,
    transforms: &[NodeId],
    detached: &mut dyn DetachedData,
    budget: &mut Budget,
) -> Result<(Data, Extent), NotComputed> {
    let mut data = match resolved {
        Resolved::Here(selection) => Data::Here(selection),
        Resolved::Detached(uri) => Data::Detached(uri),
    };
    if transforms.len() > MOST {
        return Err(NotComputed::Structure("the reference has too many transforms"));
    }
    let mut extent = Extent::Whole;
    for transform in transforms {
        let filters = [ENVELOPED, XPATH, FILTER].contains(&algorithm(document, *transform));
        if let (Data::Here(selection), false) = (&data, filters) {
            extent = Extent::of(document, signature, selection, budget)?;
            if algorithm(document, *transform) == BASE64 {
                extent = extent.text_only(document, selection);
            }
        }
        data = one(document, signature, data, *transform, detached, budget)?;
    }
    match data {
        // XML Signature 1.1, 4.4.3.2: what is left as nodes is canonicalised.
        Data::Here(selection) => {
            extent = Extent::of(document, signature, &selection, budget)?;
            let octets = canonicalize(document, &selection, &Canonicalization::DEFAULT, budget)?;
            Ok((Data::Octets(octets), extent))
        }
        done => Ok((done, extent)),
    }
}

fn algorithm<'d>(document: &'d Document<'_>, transform: NodeId) -> &'d str {
    document.attribute(transform, "Algorithm").unwrap_or_default()
}

fn one(
    document: &Document<'_>,
    signature: NodeId,
    data: Data,
    transform: NodeId,
    detached: &mut dyn DetachedData,
    budget: &mut Budget,
) -> Result<Data, NotComputed> {
    let uri = algorithm(document, transform);
    if C14nMode::from_uri(uri).is_some() {
        let method = Canonicalization::read(document, transform).map_err(NotComputed::Unsupported)?;
        return Ok(Data::Octets(match data {
            Data::Here(selection) => canonicalize(document, &selection, &method, budget)?,
            other => {
                let octets = octets(other, detached, budget)?;
                let inner = Document::parse(&octets, budget)?;
                let all =
                    Selection { root: inner.tree.root(), comments: Comments::In, without: Nodes::new() };
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
            selection.leave_out(document, signature, budget)?;
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
        (XPATH, Data::Here(selection)) => by_condition(document, selection, transform, budget),
        (FILTER, Data::Here(selection)) => by_filters(document, selection, transform, budget),
        _ => Err(NotComputed::Unsupported(uri.to_owned())),
    }
}

/// XPath filtering (XML Signature 1.1, 6.6.3): the nodes of which the condition holds.
fn by_condition(
    document: &Document<'_>,
    mut selection: Selection,
    transform: NodeId,
    budget: &mut Budget,
) -> Result<Data, NotComputed> {
    let filter = document.one(transform, DS, "XPath")?;
    let here = Here(filter);
    let condition = Condition::read(document, here).ok_or_else(|| not_understood(document, filter))?;
    selection.without.extend(condition.fails(document, here, budget)?);
    Ok(Data::Here(selection))
}

/// XPath Filter 2.0, 3: starting with the whole document, each filter takes from it or adds to it; what is left of the
/// selection is in both.
fn by_filters(
    document: &Document<'_>,
    mut selection: Selection,
    transform: NodeId,
    budget: &mut Budget,
) -> Result<Data, NotComputed> {
    let filters: Vec<NodeId> = document.children(transform, FILTER, "XPath").collect();
    if filters.is_empty() || filters.len() > MOST_FILTERS {
        return Err(NotComputed::Structure("a filter of XPath Filter 2.0 has between 1 and 16 expressions"));
    }
    let all = document.subtree(document.tree.root());
    let all: Vec<usize> = all.iter().map(NodeId::index).collect();
    let mut without = Nodes::new();
    for filter in filters {
        let here = Here(filter);
        let paths = Paths::read(document, here).ok_or_else(|| not_understood(document, filter))?;
        let selected = paths.select(document, here, budget)?;
        budget.spend(Resource::Steps, all.len() as u64)?;
        match document.attribute(filter, "Filter") {
            Some("intersect") => without.extend(all.iter().filter(|node| !selected.contains(node))),
            Some("subtract") => without.extend(selected),
            Some("union") => without.retain(|node| !selected.contains(node)),
            _ => return Err(NotComputed::Structure("a filter of XPath Filter 2.0 is of no known kind")),
        }
    }
    selection.without.extend(without);
    Ok(Data::Here(selection))
}

/// The expression is said, as far as it is of a readable length.
fn not_understood(document: &Document<'_>, filter: NodeId) -> NotComputed {
    let text: Vec<String> = document.text(filter).split_ascii_whitespace().map(str::to_owned).collect();
    let text: String = text.join(" ").chars().filter(|char| !char.is_control()).take(120).collect();
    NotComputed::Unsupported(format!("the XPath expression {text:?}"))
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
        let is_in = !selection.without.contains(&node.index());
        if let (true, Some(NodeKind::Text(part) | NodeKind::CData(part))) =
            (is_in, document.tree.node_kind(node))
        {
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
