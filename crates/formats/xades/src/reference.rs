//! `ds:Reference` (XML Signature 1.1, 4.4.3): what is referenced, and whether its digest is the one signed.

use crate::algorithm::digest_algorithm;
use crate::document::{DS, Document};
use crate::extent::Extent;
use crate::imprint::Piece;
use crate::outcome::{NotComputed, Outcome};
use crate::resolve::{Resolved, resolve};
use crate::signature::{Context, Parts};
use crate::transform::{Data, apply};
use bergshamra_xml::NodeId;
use crypto::DigestAlgorithm;
use types::{Malformed, Resource, Span};

/// Steps of the budget for each reference.
const REFERENCE: u64 = 100;

/// One reference, computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `Id`, which data object formats and time-stamps point to.
    pub id: Option<String>,
    /// As written; `None` and empty are not the same.
    pub uri: Option<String>,
    /// `Type`.
    pub kind: Option<String>,
    /// Identifiers of the transforms in their order.
    pub transforms: Vec<String>,
    /// The digest algorithm, or the identifier that is not known.
    pub algorithm: Result<DigestAlgorithm, String>,
    /// The digest value in the reference.
    pub expected: Vec<u8>,
    /// What is referenced.
    pub target: Target,
    /// How much of that is under the digest. It says something only where the outcome is a match.
    pub extent: Extent,
    /// What came out.
    pub outcome: Outcome,
    /// The references of a `ds:Manifest` that is referenced (XML Signature 1.1, 5.1). They are not followed further.
    pub manifest: Vec<Reference>,
    /// Where the reference stands.
    pub span: Span,
}

/// What a reference points to. Spans count in the XML document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The document, or its root element if nothing but comments stands beside that.
    Document,
    /// The signed properties of this signature.
    SignedProperties,
    /// The `KeyInfo` of this signature.
    KeyInfo,
    /// A `ds:Object` of this signature, or something in one: the signature envelops it.
    Enveloped(Span),
    /// A `ds:Manifest` in this signature.
    Manifest(Span),
    /// The signature value that is countersigned (EN 319 132-1, 5.2.7.2).
    CountersignedValue,
    /// Another element: its local name and place.
    Element(String, Span),
    /// Data outside of the document, by URI as written.
    Detached(String),
    /// Nothing, or nothing unique.
    Unresolved,
}

/// How deep references are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    Manifests,
    No,
}

/// Reads and computes a reference.
pub(crate) fn read(
    context: &mut Context<'_, '_>,
    parts: &Parts,
    node: NodeId,
    follow: Follow,
) -> Result<Reference, Malformed> {
    context.budget.spend(Resource::Steps, REFERENCE)?;
    let document = context.document;
    let attribute = |name| document.attribute(node, name).map(str::to_owned);
    let method = document.one(node, DS, "DigestMethod")?;
    let algorithm = document.attribute(method, "Algorithm").unwrap_or_default();
    let algorithm = digest_algorithm(algorithm).ok_or_else(|| algorithm.to_owned());
    let expected = document.octets(document.one(node, DS, "DigestValue")?)?;
    let resolved = resolve(document, document.attribute(node, "URI"));
    let target = resolved.as_ref().map_or(Target::Unresolved, |resolved| target(document, parts, resolved));
    let (outcome, extent) = match &algorithm {
        Err(uri) => (Outcome::NotComputed(NotComputed::Unsupported(uri.clone())), Extent::Nothing),
        Ok(algorithm) => compute(context, parts, node, *algorithm, &expected),
    };
    let mut manifest = Vec::new();
    if let (Follow::Manifests, Target::Manifest(_), Ok(Resolved::Here(selection))) =
        (follow, &target, &resolved)
    {
        for inner in document.children(selection.root, DS, "Reference") {
            manifest.push(read(context, parts, inner, Follow::No)?);
        }
    }
    Ok(Reference {
        id: attribute("Id"),
        uri: attribute("URI"),
        kind: attribute("Type"),
        transforms: transforms(document, node)
            .into_iter()
            .map(|node| document.attribute(node, "Algorithm").unwrap_or_default().to_owned())
            .collect(),
        algorithm,
        expected,
        target,
        extent,
        outcome,
        manifest,
        span: document.span(node),
    })
}

fn transforms(document: &Document<'_>, reference: NodeId) -> Vec<NodeId> {
    let lists: Vec<NodeId> = document.children(reference, DS, "Transforms").collect();
    lists.into_iter().flat_map(|list| document.children(list, DS, "Transform").collect::<Vec<_>>()).collect()
}

/// The data behind a reference after its transforms, and how much they are of it.
pub(crate) fn content(
    context: &mut Context<'_, '_>,
    parts: &Parts,
    node: NodeId,
) -> Result<(Piece, Extent), NotComputed> {
    let document = context.document;
    let resolved = resolve(document, document.attribute(node, "URI"))?;
    let transforms = transforms(document, node);
    match apply(document, parts.signature, resolved, &transforms, context.detached, context.budget)? {
        (Data::Octets(octets), extent) => Ok((Piece::Octets(octets), extent)),
        (Data::Detached(uri), extent) => Ok((Piece::Detached(uri), extent)),
        (Data::Here(_), _) => Err(NotComputed::Structure("the data were not canonicalised")),
    }
}

fn compute(
    context: &mut Context<'_, '_>,
    parts: &Parts,
    node: NodeId,
    algorithm: DigestAlgorithm,
    expected: &[u8],
) -> (Outcome, Extent) {
    let (piece, extent) = match content(context, parts, node) {
        Ok(content) => content,
        Err(reason) => return (Outcome::NotComputed(reason), Extent::Nothing),
    };
    let digest = match piece {
        Piece::Octets(octets) => Ok(context.provider.digest(algorithm, &octets)),
        Piece::Detached(uri) => context
            .detached
            .digest(&uri, algorithm, context.budget)
            .map_err(|unresolved| unresolved.explain(&uri)),
    };
    let outcome = match digest {
        Ok(digest) if digest.value == expected => Outcome::Match,
        Ok(digest) => Outcome::Mismatch(digest),
        Err(reason) => Outcome::NotComputed(reason),
    };
    (outcome, extent)
}

fn target(document: &Document<'_>, parts: &Parts, resolved: &Resolved) -> Target {
    let root = match resolved {
        Resolved::Detached(uri) => return Target::Detached(uri.clone()),
        Resolved::Here(selection) => selection.root,
    };
    let span = document.span(root);
    if root == document.tree.root() || document.is_all(root) {
        Target::Document
    } else if Some(root) == parts.signed_properties {
        Target::SignedProperties
    } else if Some(root) == parts.key_info {
        Target::KeyInfo
    } else if Some(root) == parts.countersigned {
        Target::CountersignedValue
    } else if parts.objects.contains(&root)
        || document.ancestors(root).any(|node| parts.objects.contains(&node))
    {
        if document.is(root, DS, "Manifest") { Target::Manifest(span) } else { Target::Enveloped(span) }
    } else {
        Target::Element(document.name(root).1.to_owned(), span)
    }
}
