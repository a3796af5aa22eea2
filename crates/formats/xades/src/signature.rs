//! `ds:Signature` with its qualifying properties (XML Signature 1.1, 4; EN 319 132-1, 4 and 5).

use crate::algorithm::{self, Canonicalization};
use crate::canonical::{Selection, canonicalize};
use crate::detached::DetachedData;
use crate::document::{DS, Document};
use crate::extent::Extent;
use crate::outcome::{NotComputed, Outcome};
use crate::reference::{self, Follow, Reference, Target};
use crate::signed_properties::{self, SignedProperties};
use crate::strangers;
use crate::timestamp;
use crate::unsigned_properties::{self, UnsignedProperties};
use bergshamra_c14n::C14nMode;
use bergshamra_xml::NodeId;
use crypto::{Provider, SignatureAlgorithm};
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

/// Deepest nesting of countersignatures.
const DEEPEST: u32 = 8;

/// One XML signature, with or without XAdES properties. Everything is owned.
#[derive(Clone, Debug)]
pub struct XadesSignature {
    /// `Id`.
    pub id: Option<String>,
    /// Where it stands in the document.
    pub span: Span,
    /// How it stands there.
    pub place: Place,
    /// How `SignedInfo` is canonicalised, or the identifier that is not known.
    pub canonicalization: Result<Canonicalization, String>,
    /// How the value was made, or the identifier that is not known.
    pub signature_method: Result<SignatureAlgorithm, String>,
    /// The canonical `SignedInfo`: the bytes under the signature value.
    pub signed_info: Result<Vec<u8>, NotComputed>,
    /// As received; for ECDSA two numbers side by side.
    pub signature_value: Vec<u8>,
    /// All references of `SignedInfo`, computed. Everything that is signed is in here and nothing else.
    pub references: Vec<Reference>,
    /// Certificates of `KeyInfo`, DER, in their order. They are signed only if a reference says so.
    pub certificates: Vec<Vec<u8>>,
    /// The properties under the signature, if [`XadesSignature::binding`] is [`Binding::Bound`].
    pub signed_properties: Option<SignedProperties>,
    /// Whether the signed properties are under the signature.
    pub binding: Binding,
    /// What was added later.
    pub unsigned_properties: UnsignedProperties,
    /// Content in the signature that is under none of its references, the first of it. Where the signature stands in a
    /// document, a reader of that may be shown it.
    pub unsigned_content: Vec<Span>,
    /// What is noteworthy. With one of [`Severity::Error`] it must not pass.
    pub findings: Vec<Finding>,
}

/// How a signature stands in its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the document element.
    Root,
    /// It is a child of the document element, e.g. of `XAdESSignatures` (EN 319 162-1, A.6).
    Child,
    /// It lies deeper, e.g. in the document that it signs.
    Inside,
    /// It is a countersignature of another.
    Counter,
}

/// Whether the signed properties are under the signature (EN 319 132-1, 4.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Exactly one reference of the right type points to exactly these properties.
    Bound,
    /// There are no signed properties: it is no XAdES signature.
    Absent,
    /// No reference points to them.
    Unreferenced,
    /// Exactly one reference points to exactly these properties, but without the type that the standard demands.
    /// They are under the signature all the same.
    WrongType,
    /// Several references have the type, or there are several property elements.
    Ambiguous,
    /// They belong to another signature, or are transformed on the way.
    Foreign,
}

/// What reading a signature needs.
pub(crate) struct Context<'c, 'x> {
    pub(crate) document: &'c Document<'x>,
    pub(crate) detached: &'c mut dyn DetachedData,
    pub(crate) provider: &'c dyn Provider,
    pub(crate) budget: &'c mut Budget,
    /// Bytes kept for imprints.
    pub(crate) kept: u64,
    /// Countersignatures above.
    depth: u32,
}

/// The elements of one signature. Each is found once and used for judging and digesting alike.
pub(crate) struct Parts {
    pub(crate) signature: NodeId,
    pub(crate) signed_info: NodeId,
    pub(crate) signature_value: NodeId,
    pub(crate) key_info: Option<NodeId>,
    pub(crate) objects: Vec<NodeId>,
    pub(crate) references: Vec<NodeId>,
    pub(crate) qualifying: Vec<NodeId>,
    pub(crate) signed_properties: Option<NodeId>,
    /// The value that this signature countersigns.
    pub(crate) countersigned: Option<NodeId>,
}

impl Document<'_> {
    /// Reads every signature in the order of the document; countersignatures are with the signature that they are over.
    /// A broken signature is an error in its place and does not hide the others.
    pub fn signatures(
        &self,
        detached: &mut dyn DetachedData,
        provider: &dyn Provider,
        budget: &mut Budget,
    ) -> Result<Vec<Result<XadesSignature, Malformed>>, Malformed> {
        let mut nodes = Vec::new();
        for node in self.subtree(self.tree.root()) {
            budget.spend(Resource::Steps, 1)?;
            if signed_properties::is_signature(self, node) && !self.is_countersignature(node) {
                budget.spend(Resource::Signatures, 1)?;
                nodes.push(node);
            }
        }
        let mut context = Context { document: self, detached, provider, budget, kept: 0, depth: 0 };
        Ok(nodes.into_iter().map(|node| XadesSignature::read(&mut context, node, None)).collect())
    }

    /// Whether a signature is exactly where [`unsigned_properties`] reads countersignatures.
    fn is_countersignature(&self, node: NodeId) -> bool {
        let path =
            ["CounterSignature", "UnsignedSignatureProperties", "UnsignedProperties", "QualifyingProperties"];
        let mut above = self.ancestors(node);
        path.iter().all(|name| above.next().is_some_and(|node| self.is_xades(node, name)))
            && above.next().is_some_and(|node| self.is(node, DS, "Object"))
            && above.next().is_some_and(|node| self.is(node, DS, "Signature"))
    }
}

impl Parts {
    fn find(
        document: &Document<'_>,
        signature: NodeId,
        countersigned: Option<NodeId>,
    ) -> Result<Parts, Malformed> {
        let signed_info = document.one(signature, DS, "SignedInfo")?;
        let signature_value = document.one(signature, DS, "SignatureValue")?;
        let mut key_infos = document.children(signature, DS, "KeyInfo");
        let key_info = key_infos.next();
        if key_infos.next().is_some() {
            return Err(Malformed::syntax(
                document.at(signature),
                "there are two KeyInfo",
                "XML Signature 1.1, 4.1",
            ));
        }
        let objects: Vec<NodeId> = document.children(signature, DS, "Object").collect();
        let references: Vec<NodeId> = document.children(signed_info, DS, "Reference").collect();
        if references.is_empty() {
            return Err(Malformed::syntax(
                document.at(signed_info),
                "nothing is referenced",
                "XML Signature 1.1, 4.4",
            ));
        }
        let inside =
            |object: &NodeId| document.xades_children(*object, "QualifyingProperties").collect::<Vec<_>>();
        let qualifying: Vec<NodeId> = objects.iter().flat_map(inside).collect();
        let mut signed = qualifying.iter().filter_map(|node| document.xades_child(*node, "SignedProperties"));
        let signed_properties = signed.next();
        Ok(Parts {
            signature,
            signed_info,
            signature_value,
            key_info,
            objects,
            references,
            signed_properties,
            qualifying,
            countersigned,
        })
    }
}

impl XadesSignature {
    /// Reads a countersignature over `value`.
    pub(crate) fn read_counter(
        context: &mut Context<'_, '_>,
        node: NodeId,
        value: NodeId,
    ) -> Result<XadesSignature, Malformed> {
        if context.depth >= DEEPEST {
            let reason = "countersignatures are nested too deeply";
            return Err(Malformed::syntax(context.document.at(node), reason, "EN 319 132-1, 5.2.7.2"));
        }
        context.depth += 1;
        let result = XadesSignature::read(context, node, Some(value));
        context.depth -= 1;
        result
    }

    fn read(
        context: &mut Context<'_, '_>,
        node: NodeId,
        countersigned: Option<NodeId>,
    ) -> Result<XadesSignature, Malformed> {
        let document = context.document;
        let parts = Parts::find(document, node, countersigned)?;
        let method = document.one(parts.signed_info, DS, "CanonicalizationMethod")?;
        let canonicalization = Canonicalization::read(document, method);
        let signature_method = document.one(parts.signed_info, DS, "SignatureMethod")?;
        let selection = Selection::element(parts.signed_info);
        let signed_info = match &canonicalization {
            Ok(method) => canonicalize(document, &selection, method, context.budget),
            Err(uri) => Err(NotComputed::Unsupported(uri.clone())),
        };
        let references: Result<Vec<Reference>, Malformed> = parts
            .references
            .iter()
            .map(|node| reference::read(context, &parts, *node, Follow::Manifests))
            .collect();
        let mut signature = XadesSignature {
            id: document.attribute(node, "Id").map(str::to_owned),
            span: document.span(node),
            place: place(document, node, countersigned),
            canonicalization,
            signature_method: algorithm::signature_method(document, signature_method),
            signed_info,
            signature_value: document.octets(parts.signature_value)?,
            references: references?,
            certificates: certificates(document, &parts, context.budget)?,
            signed_properties: None,
            binding: Binding::Absent,
            unsigned_properties: UnsignedProperties::default(),
            unsigned_content: Vec::new(),
            findings: Vec::new(),
        };
        signature.read_properties(context, &parts)?;
        signature.note(document, &parts);
        signature.note_strangers(document, &parts, context.budget)?;
        signature.note_what_is_not_followed(document, &parts, context.budget)?;
        Ok(signature)
    }

    fn read_properties(&mut self, context: &mut Context<'_, '_>, parts: &Parts) -> Result<(), Malformed> {
        let document = context.document;
        self.binding = binding(document, parts, self);
        if let Some(node) = parts.signed_properties {
            let mut properties = signed_properties::read(document, node, context.budget)?;
            for group in document.elements(node) {
                for property in document.elements(group) {
                    let (namespace, name) = document.name(property);
                    if let Some(kind) = timestamp::kind(namespace, name) {
                        let read = timestamp::read(context, parts, property, kind, &[])?;
                        properties.content_timestamps.push(read);
                    }
                }
            }
            self.signed_properties = Some(properties);
        }
        let groups: Vec<NodeId> = parts
            .qualifying
            .iter()
            .flat_map(|node| document.xades_children(*node, "UnsignedProperties"))
            .flat_map(|node| document.xades_children(node, "UnsignedSignatureProperties"))
            .collect();
        self.unsigned_properties = unsigned_properties::read(context, parts, &groups)?;
        Ok(())
    }

    /// Notes what must be known beside the outcomes.
    fn note(&mut self, document: &Document<'_>, parts: &Parts) {
        let mut note = |code, severity, message: &str| {
            self.findings.push(Finding::new(code, severity, message).at(self.span));
        };
        let explain = match self.binding {
            Binding::Bound => None,
            Binding::Absent => Some("there are no signed properties, so this is no XAdES signature"),
            Binding::Unreferenced => Some("the signed properties are not under the signature"),
            Binding::WrongType => Some("the reference to the signed properties does not have their type"),
            Binding::Ambiguous => Some("there are several signed properties or references to them"),
            Binding::Foreign => Some("the signed properties are not those of this signature as they are"),
        };
        if let Some(message) = explain {
            // Without the type the reference is the same; only readers that look for the type miss it.
            let severity = match self.binding {
                Binding::WrongType | Binding::Absent => Severity::Warning,
                _ => Severity::Error,
            };
            note("xades.signed-properties", severity, message);
        }
        let target = parts.qualifying.first().and_then(|node| document.attribute(*node, "Target"));
        let own = self.id.as_ref().map(|id| format!("#{id}"));
        if !parts.qualifying.is_empty() && (own.is_none() || target != own.as_deref()) {
            note("xades.target", Severity::Warning, "the qualifying properties do not name this signature");
        }
        if self.id.as_ref().is_some_and(|id| document.by_id(id).len() > 1) {
            note(
                "xades.duplicate-id",
                Severity::Error,
                "the identifier of the signature stands more than once",
            );
        }
        let is_data = |reference: &Reference| {
            let left_out = reference.outcome == Outcome::Match && reference.extent == Extent::Nothing;
            !left_out
                && !matches!(
                    reference.target,
                    Target::SignedProperties | Target::KeyInfo | Target::Unresolved
                )
        };
        if !self.references.iter().any(is_data) {
            note("xades.nothing-signed", Severity::Error, "no data are under the signature");
        }
        let counters = |reference: &Reference| reference.target == Target::CountersignedValue;
        if parts.countersigned.is_some() && !self.references.iter().any(counters) {
            let message = "the countersignature is not over the value of the signature that carries it";
            note("xades.countersignature", Severity::Error, message);
        }
        let unused = parts.objects.iter().filter(|object| !self.is_used(document, **object));
        for object in unused.copied().collect::<Vec<_>>() {
            let message = "an object in the signature is under none of its references";
            let finding = Finding::new("xades.object-unsigned", Severity::Warning, message);
            let finding = finding.at(document.span(object)).hint("take nothing in it for signed");
            self.findings.push(finding);
            self.unsigned_content.push(document.span(object));
        }
    }

    /// Notes what nobody signed and a reader may show.
    fn note_strangers(
        &mut self,
        document: &Document<'_>,
        parts: &Parts,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let whole = self.references.iter().filter(|one| one.outcome == Outcome::Match);
        let whole = whole.filter(|one| one.extent == Extent::Whole).filter_map(|one| match one.target {
            Target::Enveloped(span) => Some(span),
            Target::KeyInfo => parts.key_info.map(|node| document.span(node)),
            _ => None,
        });
        let whole: Vec<Span> = whole.collect();
        let is_signed = |node| whole.iter().any(|span| span.contains(document.span(node)));
        let found = strangers::find(document, parts, &is_signed, budget)?;
        let mut note = |severity, message: &str, place: Span| {
            let finding = Finding::new("xades.foreign-content", severity, message).at(place);
            self.findings.push(finding.hint("take nothing in it for signed"));
        };
        for place in found.misplaced {
            note(Severity::Error, "content stands in the signature that has no place there", place);
        }
        for place in &found.unsigned {
            note(
                Severity::Warning,
                "the signature is not over content of another kind that stands in it",
                *place,
            );
        }
        self.unsigned_content.extend(found.unsigned);
        Ok(())
    }

    /// Notes data that are signed as what they say, not as the data that they lead to or that are kept.
    fn note_what_is_not_followed(
        &mut self,
        document: &Document<'_>,
        parts: &Parts,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let all = || self.references.iter().flat_map(|one| one.manifest.iter().chain([one]));
        let signed = all().filter(|one| one.outcome == Outcome::Match).filter_map(|one| match &one.target {
            Target::Enveloped(span) | Target::Manifest(span) | Target::Element(_, span) => Some(*span),
            Target::Document => Some(Span::new(0, u64::MAX)),
            _ => None,
        });
        let signed: Vec<Span> = signed.collect();
        let is_followed = |place| self.references.iter().any(|one| one.target == Target::Manifest(place));
        let mut open = Vec::new();
        for manifest in &document.manifests {
            budget.spend(Resource::Steps, 1 + (signed.len() + self.references.len()) as u64)?;
            let place = document.span(*manifest);
            let is_signed = signed.iter().any(|span| span.contains(place));
            // Those in other signatures are theirs.
            let is_others = |node| document.is(node, DS, "Signature") && node != parts.signature;
            if is_signed && !is_followed(place) && !document.ancestors(*manifest).any(is_others) {
                open.push(place);
            }
        }
        let transformed = self.references.iter().filter(|one| {
            let is_match = one.outcome == Outcome::Match && !one.transforms.is_empty();
            is_match && matches!(one.target, Target::Detached(_))
        });
        let transformed = transformed.count();
        if let Some(first) = open.first() {
            let message = format!("{} manifests are signed whose references were not looked at", open.len());
            let finding = Finding::new("xades.manifest-not-followed", Severity::Warning, message);
            self.findings.push(finding.at(*first).hint("take what they list for unsigned"));
        }
        if transformed > 0 {
            let message = format!("{transformed} files beside the signature are signed after a transform");
            let finding = Finding::new("xades.transformed", Severity::Warning, message).at(self.span);
            self.findings.push(finding.hint("take nothing for signed that it leaves out, such as comments"));
        }
        Ok(())
    }

    /// Whether everything in an object is referenced, or is what this crate reads as properties.
    fn is_used(&self, document: &Document<'_>, object: NodeId) -> bool {
        let signed = self.references.iter().filter_map(|one| match one.target {
            Target::Enveloped(span) | Target::Manifest(span) => Some(span),
            _ => None,
        });
        let signed: Vec<Span> = signed.collect();
        let is_signed = |node| signed.iter().any(|span| span.contains(document.span(node)));
        let is_read = |node| document.is_xades(node, "QualifyingProperties") || is_signed(node);
        is_signed(object)
            || (document.text(object).trim_ascii().is_empty() && document.elements(object).all(is_read))
    }
}

fn place(document: &Document<'_>, node: NodeId, countersigned: Option<NodeId>) -> Place {
    let root = document.tree.document_element();
    if countersigned.is_some() {
        Place::Counter
    } else if root == Some(node) {
        Place::Root
    } else if document.tree.parent(node) == root {
        Place::Child
    } else {
        Place::Inside
    }
}

/// DER certificates of `ds:X509Data`.
fn certificates(
    document: &Document<'_>,
    parts: &Parts,
    budget: &mut Budget,
) -> Result<Vec<Vec<u8>>, Malformed> {
    let mut certificates = Vec::new();
    for data in parts.key_info.iter().flat_map(|node| document.children(*node, DS, "X509Data")) {
        for certificate in document.children(data, DS, "X509Certificate") {
            budget.spend(Resource::Certificates, 1)?;
            certificates.push(document.octets(certificate)?);
        }
    }
    Ok(certificates)
}

fn is_signed_properties_type(reference: &Reference) -> bool {
    let kind = reference.kind.as_deref().unwrap_or_default();
    kind.starts_with("http://uri.etsi.org/01903") && kind.ends_with("#SignedProperties")
}

fn binding(document: &Document<'_>, parts: &Parts, signature: &XadesSignature) -> Binding {
    let typed: Vec<&Reference> =
        signature.references.iter().filter(|reference| is_signed_properties_type(reference)).collect();
    let pointing: Vec<&Reference> = signature
        .references
        .iter()
        .filter(|reference| reference.target == Target::SignedProperties)
        .collect();
    if parts.signed_properties.is_none() {
        return if typed.is_empty() { Binding::Absent } else { Binding::Foreign };
    }
    let elements =
        parts.qualifying.iter().map(|node| document.xades_children(*node, "SignedProperties").count());
    if elements.sum::<usize>() > 1 || typed.len() > 1 || pointing.len() > 1 {
        return Binding::Ambiguous;
    }
    let only_canonical =
        |reference: &Reference| reference.transforms.iter().all(|uri| C14nMode::from_uri(uri).is_some());
    match (typed.as_slice(), pointing.as_slice()) {
        ([typed], [pointing]) if typed == pointing && only_canonical(typed) => Binding::Bound,
        ([_], _) => Binding::Foreign,
        ([], [_]) => Binding::WrongType,
        _ => Binding::Unreferenced,
    }
}
