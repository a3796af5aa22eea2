//! Time-stamps in a signature and what they are over (EN 319 132-1, 5.1.4, 5.2.8, 5.3, 5.5.2, A.1.5).

use crate::algorithm::Canonicalization;
use crate::canonical::{Selection, canonicalize};
use crate::document::{DS, XADES141};
use crate::imprint::{Imprint, Piece};
use crate::outcome::NotComputed;
use crate::reference;
use crate::signature::{Context, Parts};
use bergshamra_xml::NodeId;
use types::{Malformed, Resource, Span};

/// Bytes that imprints of one document may keep in memory together.
const MOST_KEPT: u64 = 256 << 20;

/// One time-stamp property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// What it protects.
    pub kind: TimestampKind,
    /// `Id`.
    pub id: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// Where the unsigned properties begin that are under it, in the order in which they stand.
    pub properties: Vec<u64>,
    /// DER tokens (RFC 3161); more than one is allowed and rare, none where it is in XML.
    pub tokens: Vec<Vec<u8>>,
    /// What the tokens have to be over.
    pub imprint: Result<Imprint, NotComputed>,
}

/// What a time-stamp protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampKind {
    /// All data before signing (5.2.8.1).
    AllDataObjects,
    /// Some data before signing (5.2.8.2).
    IndividualDataObjects,
    /// The signature value (5.3).
    Signature,
    /// Signature value, time-stamps and references to validation data (A.1.5.1).
    SigAndRefs,
    /// References to validation data (A.1.5.2).
    RefsOnly,
    /// Everything, in the namespace of XAdES 1.3.2 and older.
    ArchiveOld,
    /// Everything (5.5.2).
    Archive,
}

/// The kind by name; `None` if the property is no time-stamp.
pub(crate) fn kind(namespace: &str, name: &str) -> Option<TimestampKind> {
    Some(match name {
        "AllDataObjectsTimeStamp" => TimestampKind::AllDataObjects,
        "IndividualDataObjectsTimeStamp" => TimestampKind::IndividualDataObjects,
        "SignatureTimeStamp" => TimestampKind::Signature,
        "SigAndRefsTimeStamp" | "SigAndRefsTimeStampV2" => TimestampKind::SigAndRefs,
        "RefsOnlyTimeStamp" | "RefsOnlyTimeStampV2" => TimestampKind::RefsOnly,
        "ArchiveTimeStamp" if namespace == XADES141 => TimestampKind::Archive,
        "ArchiveTimeStamp" => TimestampKind::ArchiveOld,
        _ => return None,
    })
}

/// Reads a time-stamp. `before` are the unsigned properties that precede it.
pub(crate) fn read(
    context: &mut Context<'_, '_>,
    parts: &Parts,
    node: NodeId,
    kind: TimestampKind,
    before: &[NodeId],
) -> Result<Timestamp, Malformed> {
    let document = context.document;
    let mut tokens = Vec::new();
    for token in document.xades_children(node, "EncapsulatedTimeStamp") {
        context.budget.spend(Resource::Steps, 10)?;
        tokens.push(document.octets(token)?);
    }
    let mut properties = Vec::new();
    let imprint = Pieces::new(context, parts, node).and_then(|mut pieces| {
        pieces.fill(kind, before)?;
        properties = pieces.properties;
        Ok(Imprint { pieces: pieces.done })
    });
    let id = document.attribute(node, "Id").map(str::to_owned);
    Ok(Timestamp { kind, id, span: document.span(node), properties, tokens, imprint })
}

/// Collects what is under a token.
struct Pieces<'p, 'c, 'x> {
    context: &'p mut Context<'c, 'x>,
    parts: &'p Parts,
    node: NodeId,
    method: Canonicalization,
    /// Where the unsigned properties among the pieces begin.
    properties: Vec<u64>,
    done: Vec<Piece>,
}

impl<'p, 'c, 'x> Pieces<'p, 'c, 'x> {
    fn new(
        context: &'p mut Context<'c, 'x>,
        parts: &'p Parts,
        node: NodeId,
    ) -> Result<Pieces<'p, 'c, 'x>, NotComputed> {
        let document = context.document;
        let method = match document.children(node, DS, "CanonicalizationMethod").next() {
            Some(method) => Canonicalization::read(document, method).map_err(NotComputed::Unsupported)?,
            None => Canonicalization::DEFAULT,
        };
        Ok(Pieces { context, parts, node, method, properties: Vec::new(), done: Vec::new() })
    }

    fn fill(&mut self, kind: TimestampKind, before: &[NodeId]) -> Result<(), NotComputed> {
        let has_include = self.context.document.xades_child(self.node, "Include").is_some();
        if has_include && kind != TimestampKind::IndividualDataObjects && !self.includes_value(kind) {
            // EN 319 132-1, 5.1.4.4.2: properties in several places.
            return Err(NotComputed::Unsupported("a time-stamp with explicit references".into()));
        }
        match kind {
            TimestampKind::AllDataObjects => {
                self.references(|parts, target| target.is_none() || target != parts.signed_properties)
            }
            TimestampKind::IndividualDataObjects => self.included(),
            TimestampKind::Signature => self.element(self.parts.signature_value),
            TimestampKind::SigAndRefs => {
                self.element(self.parts.signature_value)?;
                self.properties(before, |name| name == "SignatureTimeStamp" || is_references(name))
            }
            TimestampKind::RefsOnly => self.properties(before, is_references),
            TimestampKind::Archive | TimestampKind::ArchiveOld => self.archive(kind, before),
        }
    }

    /// Whether the explicit references name what an implicit signature time-stamp is over anyway.
    fn includes_value(&self, kind: TimestampKind) -> bool {
        let document = self.context.document;
        let is_value = |include: NodeId| {
            let id = document.attribute(include, "URI").and_then(|uri| uri.strip_prefix('#'));
            id.is_some_and(|id| crate::resolve::unique(document, id) == Ok(self.parts.signature_value))
        };
        let mut includes = document.xades_children(self.node, "Include");
        kind == TimestampKind::Signature && includes.next().is_some_and(is_value) && includes.next().is_none()
    }

    /// EN 319 132-1, 5.5.2.2; the older form leaves out objects that a reference leads to (TS 101 903 V1.3.2, 7.7.1).
    fn archive(&mut self, kind: TimestampKind, before: &[NodeId]) -> Result<(), NotComputed> {
        self.references(|_, _| true)?;
        self.element(self.parts.signed_info)?;
        self.element(self.parts.signature_value)?;
        if let Some(key_info) = self.parts.key_info {
            self.element(key_info)?;
        }
        self.properties(before, |_| true)?;
        let referenced: Vec<NodeId> = match kind {
            TimestampKind::ArchiveOld => {
                self.parts.references.iter().filter_map(|node| self.target(*node)).collect()
            }
            _ => Vec::new(),
        };
        for object in self.parts.objects.clone() {
            let document = self.context.document;
            let holds_properties = document.xades_child(object, "QualifyingProperties").is_some();
            if !holds_properties && !referenced.contains(&object) {
                self.element(object)?;
            }
        }
        Ok(())
    }

    /// The element that a reference points to.
    fn target(&self, reference: NodeId) -> Option<NodeId> {
        let document = self.context.document;
        let id = document.attribute(reference, "URI")?.strip_prefix('#')?;
        crate::resolve::unique(document, id).ok()
    }

    /// The data of all references that `wanted` lets through, in their order.
    fn references(&mut self, wanted: impl Fn(&Parts, Option<NodeId>) -> bool) -> Result<(), NotComputed> {
        for node in &self.parts.references {
            if wanted(self.parts, self.target(*node)) {
                let (piece, _) = reference::content(self.context, self.parts, *node)?;
                self.keep(piece)?;
            }
        }
        Ok(())
    }

    /// The data of the references that `Include` names (EN 319 132-1, 5.2.8.2).
    fn included(&mut self) -> Result<(), NotComputed> {
        let document = self.context.document;
        for include in document.xades_children(self.node, "Include") {
            let uri = document.attribute(include, "URI").unwrap_or_default();
            let id = uri.strip_prefix('#').ok_or_else(|| NotComputed::Outside(uri.to_owned()))?;
            let node = crate::resolve::unique(document, id)?;
            if !self.parts.references.contains(&node) {
                return Err(NotComputed::Structure("what is time-stamped is no reference of the signature"));
            }
            let (piece, _) = reference::content(self.context, self.parts, node)?;
            self.keep(piece)?;
        }
        Ok(())
    }

    fn properties(&mut self, before: &[NodeId], wanted: impl Fn(&str) -> bool) -> Result<(), NotComputed> {
        for property in before {
            if wanted(self.context.document.name(*property).1) {
                self.element(*property)?;
                self.properties.push(self.context.document.span(*property).start);
            }
        }
        Ok(())
    }

    fn element(&mut self, node: NodeId) -> Result<(), NotComputed> {
        let selection = Selection::element(node);
        let octets = canonicalize(self.context.document, &selection, &self.method, self.context.budget)?;
        self.keep(Piece::Octets(octets))
    }

    fn keep(&mut self, piece: Piece) -> Result<(), NotComputed> {
        if let Piece::Octets(octets) = &piece {
            self.context.kept += octets.len() as u64;
            if self.context.kept > MOST_KEPT {
                return Err(NotComputed::Structure("there is too much under the time-stamps"));
            }
        }
        self.done.push(piece);
        Ok(())
    }
}

/// References to validation data (EN 319 132-1, A.1.5.1.2).
fn is_references(name: &str) -> bool {
    matches!(
        name,
        "CompleteCertificateRefs"
            | "CompleteCertificateRefsV2"
            | "CompleteRevocationRefs"
            | "AttributeCertificateRefs"
            | "AttributeCertificateRefsV2"
            | "AttributeRevocationRefs"
    )
}
