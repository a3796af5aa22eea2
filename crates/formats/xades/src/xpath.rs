//! The few XPath expressions that are understood in transforms (XPath 1.0; XML Signature 1.1, 6.6.3; XPath Filter 2.0).
//!
//! Two forms, each evaluated in one walk over the document: location paths that go down from the root, and conditions
//! about what a node lies in. They select elements with all that belongs to them; nothing computes, and whatever else
//! may be written is not supported.

use crate::document::{DS, Document};
use crate::outcome::NotComputed;
use bergshamra_xml::NodeId;
use std::collections::BTreeSet;
use types::{Budget, Resource};

mod parse;

/// Where the expression stands: it decides what prefixes and `here()` mean.
#[derive(Clone, Copy)]
pub(crate) struct Here(pub(crate) NodeId);

/// Nodes by their index.
pub(crate) type Nodes = BTreeSet<usize>;

/// `path | path`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Paths(Vec<Path>);

#[derive(Debug, PartialEq, Eq)]
struct Path {
    start: Start,
    steps: Vec<Step>,
}

#[derive(Debug, PartialEq, Eq)]
enum Start {
    /// `/`
    Root,
    /// `here()/ancestor::ds:Signature[1]`
    OwnSignature,
    /// `id('…')`
    Id(String),
}

#[derive(Debug, PartialEq, Eq)]
struct Step {
    axis: Axis,
    test: Test,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axis {
    Child,
    Descendant,
    DescendantOrSelf,
}

/// Which elements: of a name, or any, and with these attributes.
#[derive(Debug, PartialEq, Eq)]
struct Test {
    /// Namespace, empty for none, and local name.
    name: Option<(String, String)>,
    /// Namespace, local name and value.
    attributes: Vec<(String, String, String)>,
}

/// What holds of a node.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    formula: Formula,
    /// What the formula is about; at most 64.
    within: Vec<Within>,
}

#[derive(Debug, PartialEq, Eq)]
enum Formula {
    Not(Box<Formula>),
    And(Vec<Formula>),
    Or(Vec<Formula>),
    /// The node lies in the one of [`Condition::within`] with this number.
    Is(usize),
}

#[derive(Debug, PartialEq, Eq)]
enum Within {
    /// `ancestor-or-self::…`
    Element(Test),
    /// The signature that holds the expression, as the enveloped-signature transform says it (XML Signature 1.1, 6.6.4).
    OwnSignature,
}

impl Test {
    fn matches(&self, document: &Document<'_>, node: NodeId) -> bool {
        let Some(element) = document.tree.element(node) else { return false };
        let named = |name: &(String, String)| document.is(node, &name.0, &name.1);
        self.name.as_ref().is_none_or(named)
            && self.attributes.iter().all(|(namespace, local, value)| {
                element.attributes.iter().any(|one| {
                    one.name.namespace_uri.as_deref().unwrap_or_default() == namespace
                        && one.name.local_name == *local
                        && one.value == *value
                })
            })
    }
}

impl Here {
    fn own_signature(self, document: &Document<'_>) -> Option<NodeId> {
        document.ancestors(self.0).find(|node| document.is(*node, DS, "Signature"))
    }
}

impl Paths {
    /// Reads the text of the element `here`; `None` if it is anything else than such paths.
    pub(crate) fn read(document: &Document<'_>, here: Here) -> Option<Paths> {
        parse::Parser::new(document, here)?.whole(parse::Parser::paths)
    }

    /// The selected nodes with everything below them (XPath Filter 2.0, 3.4).
    pub(crate) fn select(
        &self,
        document: &Document<'_>,
        here: Here,
        budget: &mut Budget,
    ) -> Result<Nodes, NotComputed> {
        let mut selected = Nodes::new();
        for path in &self.0 {
            let mut nodes = Nodes::from([match &path.start {
                Start::Root => document.tree.root(),
                Start::Id(id) => crate::resolve::unique(document, id)?,
                Start::OwnSignature => here
                    .own_signature(document)
                    .ok_or(NotComputed::Structure("no signature is around the expression"))?,
            }
            .index()]);
            for step in &path.steps {
                nodes = step.take(document, &nodes, budget)?;
            }
            selected.extend(nodes);
        }
        let mut whole = Nodes::new();
        let mut stack = vec![(document.tree.root(), false)];
        while let Some((node, inside)) = stack.pop() {
            budget.spend(Resource::Steps, 1)?;
            let inside = inside || selected.contains(&node.index());
            if inside {
                whole.insert(node.index());
            }
            stack.extend(document.tree.children_iter(node).map(|child| (child, inside)));
        }
        Ok(whole)
    }
}

impl Step {
    fn take(&self, document: &Document<'_>, from: &Nodes, budget: &mut Budget) -> Result<Nodes, NotComputed> {
        let mut found = Nodes::new();
        // Whether the parent is among `from`, and whether anything above is.
        let mut stack = vec![(document.tree.root(), false, false)];
        while let Some((node, parent, above)) = stack.pop() {
            budget.spend(Resource::Steps, 1 + self.test.attributes.len() as u64)?;
            let own = from.contains(&node.index());
            let reached = match self.axis {
                Axis::Child => parent,
                Axis::Descendant => above,
                Axis::DescendantOrSelf => above || own,
            };
            if reached && self.test.matches(document, node) {
                found.insert(node.index());
            }
            stack.extend(document.tree.children_iter(node).map(|child| (child, own, above || own)));
        }
        Ok(found)
    }
}

impl Condition {
    /// Reads the text of the element `here`; `None` if it is anything else than such a condition.
    pub(crate) fn read(document: &Document<'_>, here: Here) -> Option<Condition> {
        let mut within = Vec::new();
        let formula = parse::Parser::new(document, here)?.whole(|parser| parser.formula(&mut within, 0))?;
        (within.len() <= u64::BITS as usize).then_some(Condition { formula, within })
    }

    /// The nodes of the document of which it does not hold.
    pub(crate) fn fails(
        &self,
        document: &Document<'_>,
        here: Here,
        budget: &mut Budget,
    ) -> Result<Nodes, NotComputed> {
        let own = here.own_signature(document);
        let mut failed = Nodes::new();
        // What each node lies in, a bit for each of `within`.
        let mut stack = vec![(document.tree.root(), 0_u64)];
        while let Some((node, mut lies_in)) = stack.pop() {
            budget.spend(Resource::Steps, 1 + self.within.len() as u64)?;
            for (number, within) in self.within.iter().enumerate() {
                let is = match within {
                    Within::Element(test) => test.matches(document, node),
                    Within::OwnSignature => own == Some(node),
                };
                lies_in |= u64::from(is) << number;
            }
            if !self.formula.holds(lies_in) {
                failed.insert(node.index());
            }
            stack.extend(document.tree.children_iter(node).map(|child| (child, lies_in)));
        }
        Ok(failed)
    }
}

impl Formula {
    fn holds(&self, lies_in: u64) -> bool {
        match self {
            Formula::Not(inner) => !inner.holds(lies_in),
            Formula::And(all) => all.iter().all(|one| one.holds(lies_in)),
            Formula::Or(any) => any.iter().any(|one| one.holds(lies_in)),
            Formula::Is(number) => lies_in >> number & 1 == 1,
        }
    }
}
