//! An XML document: hardened parsing, identifiers, and the few ways in which the tree is read.

use bergshamra_xml::uppsala::Parser;
use bergshamra_xml::{Element, NodeId, NodeKind};
use std::collections::BTreeMap;
use types::{Budget, Malformed, Resource, Span};

/// XML Signature.
pub(crate) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// XAdES in its versions; later ones add to 1.3.2.
pub(crate) const XADES: [&str; 3] = [
    "http://uri.etsi.org/01903/v1.3.2#",
    "http://uri.etsi.org/01903/v1.2.2#",
    "http://uri.etsi.org/01903/v1.1.1#",
];
/// The additions of XAdES 1.4.1.
pub(crate) const XADES141: &str = "http://uri.etsi.org/01903/v1.4.1#";
/// Evidence records and other additions of EN 319 132.
pub(crate) const XADES19132: &str = "http://uri.etsi.org/19132/v1.1.1#";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Largest document in bytes.
const LARGEST: usize = 64 << 20;
const MOST_NODES: u64 = 2_000_000;
/// Most attributes between two tags; the parser compares each with each.
const MOST_ATTRIBUTES: u32 = 1_000;
/// Most comments and processing instructions outside of the root element.
const MOST_OUTSIDE: usize = 1_000;
/// The parser and the canonicalisation recurse.
const DEEPEST: u32 = 100;
const CLAUSE: &str = "XML 1.0";

/// A parsed document.
pub struct Document<'x> {
    pub(crate) tree: bergshamra_xml::Document<'x>,
    /// Elements by the value of an attribute that is an identifier by its name.
    ids: BTreeMap<String, Vec<NodeId>>,
    /// All `ds:Manifest`.
    pub(crate) manifests: Vec<NodeId>,
    /// Bytes before the text that the parser saw.
    offset: u64,
    /// Steps of the budget that one walk with namespaces costs.
    pub(crate) walk: u64,
}

impl<'x> Document<'x> {
    /// Parses XML in UTF-8. A document type, an entity, another encoding, or anything too deep or wide is an error.
    pub fn parse(bytes: &'x [u8], budget: &mut Budget) -> Result<Document<'x>, Malformed> {
        if bytes.len() > LARGEST {
            return Err(Malformed::unsupported(None, "the XML is too large", CLAUSE));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            Malformed::unsupported(error.valid_up_to() as u64, "the XML is not in UTF-8", CLAUSE)
        })?;
        guard(bytes, budget)?;
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let depth = budget.depth().min(DEEPEST);
        let parser = Parser::new().with_max_depth(depth).with_forbid_dtd(true).with_forbid_entities(true);
        let mut tree = parser.parse(body).map_err(|error| {
            Malformed::syntax(None, format!("the XML is not well-formed: {error}"), CLAUSE)
        })?;
        check_declaration(&tree, body)?;
        crate::normal::normalise(&mut tree, body, budget)?;
        let offset = (text.len() - body.len()) as u64;
        let mut document = Document { tree, ids: BTreeMap::new(), manifests: Vec::new(), offset, walk: 0 };
        document.index(budget)?;
        Ok(document)
    }

    /// Finds identifiers, and what a walk costs: nodes times what the namespaces in scope weigh.
    fn index(&mut self, budget: &mut Budget) -> Result<(), Malformed> {
        let root = self.tree.root();
        if self.tree.children_iter(root).count() > MOST_OUTSIDE {
            return Err(Malformed::syntax(None, "there is too much outside of the root element", CLAUSE));
        }
        let (mut nodes, mut heaviest) = (0_u64, 0_u64);
        let mut stack = vec![(root, 0_u64)];
        while let Some((node, weight)) = stack.pop() {
            budget.spend(Resource::Steps, 1)?;
            nodes += 1;
            let mut weight = weight;
            if let Some(element) = self.tree.element(node) {
                for (prefix, uri) in &element.namespace_declarations {
                    if uri.is_empty() && !prefix.is_empty() {
                        let reason = "a namespace prefix is undeclared";
                        return Err(Malformed::syntax(self.at(node), reason, "Namespaces in XML 1.0, 5"));
                    }
                    weight += 64 + (prefix.len() + uri.len()) as u64;
                }
                for value in identifiers(element) {
                    self.ids.entry(value.to_owned()).or_default().push(node);
                }
            }
            if self.is(node, DS, "Manifest") {
                self.manifests.push(node);
            }
            heaviest = heaviest.max(weight);
            stack.extend(self.tree.children_iter(node).map(|child| (child, weight)));
        }
        self.walk = nodes.saturating_mul(1 + heaviest / 64);
        Ok(())
    }

    /// Where the elements and other content in the root element stand; blank text and comments are no content.
    pub fn parts(&self) -> Vec<Span> {
        let root = self.elements(self.tree.root()).next();
        let content = root.into_iter().flat_map(|root| self.tree.children_iter(root));
        let is_content = |node: &NodeId| match self.tree.node_kind(*node) {
            Some(NodeKind::Text(text) | NodeKind::CData(text)) => !text.trim_ascii().is_empty(),
            Some(NodeKind::Comment(_)) | None => false,
            Some(_) => true,
        };
        content.filter(is_content).map(|node| self.span(node)).collect()
    }

    /// How many comments there are.
    pub fn comments(&self) -> usize {
        let nodes = self.subtree(self.tree.root());
        nodes.iter().filter(|node| matches!(self.tree.node_kind(**node), Some(NodeKind::Comment(_)))).count()
    }

    /// Where processing instructions stand beside the root element; a style sheet there decides what a reader is shown.
    pub fn instructions(&self) -> Vec<Span> {
        let is_instruction =
            |node: &NodeId| matches!(self.tree.node_kind(*node), Some(NodeKind::ProcessingInstruction(_)));
        let beside = self.tree.children_iter(self.tree.root());
        beside.filter(is_instruction).map(|node| self.span(node)).collect()
    }

    /// The elements with an identifier.
    pub(crate) fn by_id(&self, id: &str) -> &[NodeId] {
        self.ids.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn at(&self, node: NodeId) -> Option<u64> {
        Some(self.span(node).start)
    }

    /// Where a node stands in the bytes given to [`Document::parse`].
    pub(crate) fn span(&self, node: NodeId) -> Span {
        let range = self.tree.node_range(node).unwrap_or_default();
        Span::new(self.offset + range.start as u64, self.offset + range.end as u64)
    }

    pub(crate) fn attribute(&self, node: NodeId, name: &str) -> Option<&str> {
        let attributes = &self.tree.element(node)?.attributes;
        let found = attributes
            .iter()
            .find(|attribute| attribute.name.namespace_uri.is_none() && attribute.name.local_name == name)?;
        Some(&found.value)
    }

    /// Namespace and local name of an element.
    pub(crate) fn name(&self, node: NodeId) -> (&str, &str) {
        self.tree.element(node).map_or(("", ""), |element| {
            (element.name.namespace_uri.as_deref().unwrap_or_default(), &element.name.local_name)
        })
    }

    pub(crate) fn is(&self, node: NodeId, namespace: &str, local: &str) -> bool {
        self.name(node) == (namespace, local)
    }

    pub(crate) fn is_xades(&self, node: NodeId, local: &str) -> bool {
        let (namespace, name) = self.name(node);
        name == local && is_xades_namespace(namespace)
    }

    pub(crate) fn elements(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.tree.children_iter(node).filter(|child| self.tree.element(*child).is_some())
    }

    pub(crate) fn children<'a>(
        &'a self,
        node: NodeId,
        namespace: &'a str,
        local: &'a str,
    ) -> impl Iterator<Item = NodeId> + 'a {
        self.elements(node).filter(move |child| self.is(*child, namespace, local))
    }

    /// Children with a local name in any namespace of XAdES.
    pub(crate) fn xades_children<'a>(
        &'a self,
        node: NodeId,
        local: &'a str,
    ) -> impl Iterator<Item = NodeId> + 'a {
        self.elements(node).filter(move |child| self.is_xades(*child, local))
    }

    pub(crate) fn xades_child(&self, node: NodeId, local: &str) -> Option<NodeId> {
        self.elements(node).find(|child| self.is_xades(*child, local))
    }

    pub(crate) fn child_by_local(&self, node: NodeId, local: &str) -> Option<NodeId> {
        self.elements(node).find(|child| self.name(*child).1 == local)
    }

    /// Exactly one child, or an error that names it.
    pub(crate) fn one(&self, node: NodeId, namespace: &str, local: &str) -> Result<NodeId, Malformed> {
        let mut children = self.children(node, namespace, local);
        match (children.next(), children.next()) {
            (Some(child), None) => Ok(child),
            _ => {
                let reason = format!("exactly one {local} is needed");
                Err(Malformed::syntax(self.at(node), reason, "XML Signature 1.1, 4"))
            }
        }
    }

    /// Whether a node is the root element, and nothing but comments stands beside it.
    pub(crate) fn is_all(&self, node: NodeId) -> bool {
        let is_comment = |one: NodeId| matches!(self.tree.node_kind(one), Some(NodeKind::Comment(_)));
        self.tree.document_element() == Some(node)
            && self.tree.children_iter(self.tree.root()).all(|one| one == node || is_comment(one))
    }

    /// The text directly inside an element.
    pub(crate) fn text(&self, node: NodeId) -> String {
        let mut text = String::new();
        for child in self.tree.children_iter(node) {
            if let Some(NodeKind::Text(part) | NodeKind::CData(part)) = self.tree.node_kind(child) {
                text.push_str(part);
            }
        }
        text
    }

    /// Base64 inside an element that holds nothing else.
    pub(crate) fn octets(&self, node: NodeId) -> Result<Vec<u8>, Malformed> {
        let is_simple = self.elements(node).next().is_none();
        let octets = is_simple.then(|| crate::base64::decode(&self.text(node))).flatten();
        octets.ok_or_else(|| {
            let reason = format!("{} is not in base64", self.name(node).1);
            Malformed::syntax(self.at(node), reason, "XML Schema part 2, 3.2.16")
        })
    }

    pub(crate) fn ancestors(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.tree.parent(node), |node| self.tree.parent(*node))
    }

    /// `node` and everything below it, in document order.
    pub(crate) fn subtree(&self, node: NodeId) -> Vec<NodeId> {
        let (mut found, mut stack) = (Vec::new(), vec![node]);
        while let Some(node) = stack.pop() {
            found.push(node);
            stack.extend(self.tree.children_iter(node).rev());
        }
        found
    }

    /// Whether an element has attributes of the XML namespace that canonicalisation 1.1 treats in a way of its own.
    pub(crate) fn has_base_or_id(&self, node: NodeId) -> bool {
        self.tree.element(node).is_some_and(|element| {
            element.attributes.iter().any(|attribute| {
                attribute.name.namespace_uri.as_deref() == Some(XML)
                    && !matches!(&*attribute.name.local_name, "lang" | "space")
            })
        })
    }
}

pub(crate) fn is_xades_namespace(namespace: &str) -> bool {
    XADES.contains(&namespace) || namespace == XADES141 || namespace == XADES19132
}

/// Attributes that are identifiers by their name; without a document type nothing else can say so.
fn identifiers<'e>(element: &'e Element<'_>) -> impl Iterator<Item = &'e str> + 'e {
    let is_id = |attribute: &&bergshamra_xml::Attribute<'_>| {
        let local = &*attribute.name.local_name;
        match attribute.name.namespace_uri.as_deref() {
            None => matches!(local, "Id" | "ID" | "id"),
            Some(namespace) => namespace == XML && local == "id",
        }
    };
    element.attributes.iter().filter(is_id).map(|attribute| &*attribute.value)
}

fn check_declaration(tree: &bergshamra_xml::Document<'_>, text: &str) -> Result<(), Malformed> {
    let Some(declaration) = &tree.xml_declaration else { return Ok(()) };
    if declaration.version != "1.0" {
        return Err(Malformed::unsupported(None, "the XML is not of version 1.0", CLAUSE));
    }
    let encoding = declaration.encoding.as_deref().unwrap_or("UTF-8");
    let is_read = encoding.eq_ignore_ascii_case("UTF-8") || (text.is_ascii() && extends_ascii(encoding));
    if !is_read {
        return Err(Malformed::unsupported(
            None,
            format!("the encoding {encoding} is not supported"),
            CLAUSE,
        ));
    }
    Ok(())
}

/// Whether text in ASCII is the same in an encoding of this name for every reader; in UTF-7 and others it is not.
fn extends_ascii(encoding: &str) -> bool {
    let encoding = encoding.to_ascii_lowercase();
    let numbered = ["iso-8859-", "windows-125"].iter().find_map(|family| encoding.strip_prefix(family));
    let is_number =
        |rest: &str| matches!(rest.len(), 1..=2) && rest.bytes().all(|byte| byte.is_ascii_digit());
    matches!(&*encoding, "us-ascii" | "utf8") || numbered.is_some_and(is_number)
}

/// Spends what a parser may have to do, and refuses what makes it do much more.
fn guard(text: &[u8], budget: &mut Budget) -> Result<(), Malformed> {
    budget.spend(Resource::Steps, text.len() as u64 / 8 + 1)?;
    let (mut tags, mut attributes) = (0_u64, 0_u32);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'<' => (tags, attributes) = (tags + 1, 0),
            b'=' => attributes += 1,
            _ => {}
        }
        if attributes > MOST_ATTRIBUTES || tags > MOST_NODES {
            return Err(Malformed::syntax(at as u64, "the XML has too many elements or attributes", CLAUSE));
        }
    }
    Ok(())
}
