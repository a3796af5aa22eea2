//! The page tree (ISO 32000-2, 7.7.3), walked lazily.

use crate::object::{Dictionary, Object, ObjectId};
use crate::snapshot::Snapshot;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use types::{Budget, Malformed};

/// A page with what it inherits (ISO 32000-2, 7.7.3.4).
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The page object.
    pub id: ObjectId,
    /// Counted from 0.
    pub index: usize,
    /// The page dictionary as written, without what is inherited.
    pub dictionary: Dictionary,
    /// `Resources`, own or inherited, not resolved.
    pub resources: Option<Arc<Object>>,
    /// `MediaBox`, own or inherited, as lower left x, y, upper right x, y in default user space units.
    pub media_box: Option<[f64; 4]>,
    /// `CropBox`, own or inherited; the media box applies where there is none.
    pub crop_box: Option<[f64; 4]>,
    /// `Rotate`, own or inherited, in degrees clockwise: 0, 90, 180 or 270.
    pub rotate: i64,
}

/// What is done with each page; breaks to end the walk.
pub type VisitPage<'v> = dyn FnMut(Page, &mut Budget) -> Result<ControlFlow<()>, Malformed> + 'v;

/// What a page has from its ancestors.
#[derive(Clone, Default)]
struct Inherited {
    resources: Option<Arc<Object>>,
    media_box: Option<[f64; 4]>,
    crop_box: Option<[f64; 4]>,
    rotate: i64,
}

/// A node of the page tree.
struct Node {
    id: ObjectId,
    dictionary: Dictionary,
    kind: NodeKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum NodeKind {
    /// `Pages`.
    Tree,
    /// `Page`.
    Leaf,
}

const CLAUSE: &str = "ISO 32000-2, 7.7.3";

impl Snapshot<'_, '_> {
    /// The number of pages as the root of the page tree states it.
    pub fn page_count(&self, budget: &mut Budget) -> Result<usize, Malformed> {
        let root = self.page_tree(budget)?;
        self.count(&root, budget)
    }

    /// The page at `index`, counted from 0; `None` past the last one.
    ///
    /// Trusts `Count` of each node on the way, as every reader must that does not walk the whole tree.
    pub fn page(&self, index: usize, budget: &mut Budget) -> Result<Option<Page>, Malformed> {
        let mut node = self.page_tree(budget)?;
        let mut inherited = Inherited::default();
        let mut left = index;
        for _ in 0..budget.depth() {
            self.inherit(&node.dictionary, &mut inherited, budget)?;
            if node.kind == NodeKind::Leaf {
                return Ok((left == 0).then(|| page(node, index, inherited)));
            }
            match self.kid_at(&node, left, budget)? {
                Some((kid, rest)) => (node, left) = (kid, rest),
                None => return Ok(None),
            }
        }
        Err(Malformed::syntax(None, "page tree nested too deeply", CLAUSE))
    }

    /// Calls `visit` with every page in order, until it breaks.
    pub fn visit_pages(&self, budget: &mut Budget, visit: &mut VisitPage<'_>) -> Result<(), Malformed> {
        let root = self.page_tree(budget)?;
        let mut walk = Walk { snapshot: self, visited: BTreeSet::from([root.id]), index: 0, visit };
        let depth = budget.depth();
        walk.node(root, Inherited::default(), depth, budget).map(drop)
    }

    /// The object ids of all pages in order.
    pub fn page_ids(&self, budget: &mut Budget) -> Result<Vec<ObjectId>, Malformed> {
        let mut ids = Vec::new();
        self.visit_pages(budget, &mut |page, _| {
            ids.push(page.id);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(ids)
    }

    /// Every page in order, all at once; for long documents see [`Snapshot::visit_pages`].
    pub fn pages(&self, budget: &mut Budget) -> Result<Vec<Page>, Malformed> {
        let mut pages = Vec::new();
        self.visit_pages(budget, &mut |page, _| {
            pages.push(page);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(pages)
    }

    /// The index of a page object, found by climbing from it to the root; `None` if it is not in the tree.
    pub fn page_index(&self, page: ObjectId, budget: &mut Budget) -> Result<Option<usize>, Malformed> {
        let root = self.page_tree(budget)?.id;
        let (mut id, mut index) = (page, 0usize);
        for _ in 0..budget.depth() {
            if id == root {
                return Ok(Some(index));
            }
            let Some(node) = self.node(&Object::Reference(id), budget)? else { return Ok(None) };
            let Some(parent) = node.dictionary.get("Parent").and_then(Object::as_reference) else {
                return Ok(None);
            };
            let Some(parent) = self.node(&Object::Reference(parent), budget)? else { return Ok(None) };
            let kids = self.kids(&parent, budget)?;
            let Some(place) = kids.iter().position(|kid| kid.as_reference() == Some(id)) else {
                return Ok(None);
            };
            let before = kids.get(..place).unwrap_or_default();
            index = index.saturating_add(match self.count(&parent, budget)? == kids.len() {
                true => place,
                false => self.pages_in(before, budget)?,
            });
            id = parent.id;
        }
        Err(Malformed::syntax(None, "page tree nested too deeply", CLAUSE))
    }

    /// The page whose `Annots` hold `widget`, for widgets that do not name it themselves.
    pub fn page_of_annotation(
        &self,
        widget: ObjectId,
        budget: &mut Budget,
    ) -> Result<Option<ObjectId>, Malformed> {
        let mut found = None;
        self.visit_pages(budget, &mut |page, budget| {
            let annotations = self.entry(&page.dictionary, "Annots", budget)?;
            let annotations = annotations.as_array().unwrap_or_default();
            if !annotations.iter().any(|annotation| annotation.as_reference() == Some(widget)) {
                return Ok(ControlFlow::Continue(()));
            }
            found = Some(page.id);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// The root of the page tree.
    fn page_tree(&self, budget: &mut Budget) -> Result<Node, Malformed> {
        let (id, catalog) = self.catalog(budget)?;
        let root = catalog.get("Pages").map_or(Ok(None), |root| self.node(root, budget))?;
        root.ok_or_else(|| {
            Malformed::syntax(None, format!("catalog {id} has no page tree"), "ISO 32000-2, 7.7.2")
        })
    }

    /// A node by its reference; `None` if it is null.
    fn node(&self, node: &Object, budget: &mut Budget) -> Result<Option<Node>, Malformed> {
        let id = node.as_reference();
        let id =
            id.ok_or_else(|| Malformed::syntax(None, "page tree holds what is not a reference", CLAUSE))?;
        let dictionary = match self.get(id, budget)?.object {
            Object::Dictionary(dictionary) => dictionary,
            Object::Null => return Ok(None),
            _ => {
                return Err(Malformed::syntax(
                    None,
                    format!("page tree node {id} is not a dictionary"),
                    CLAUSE,
                ));
            }
        };
        let kind = match self.entry(&dictionary, "Type", budget)?.as_name() {
            Some(b"Pages") => NodeKind::Tree,
            Some(b"Page") => NodeKind::Leaf,
            // `Type` is required but missing in some files; only a tree node has kids.
            _ if dictionary.get("Kids").is_some() => NodeKind::Tree,
            _ => NodeKind::Leaf,
        };
        Ok(Some(Node { id, dictionary, kind }))
    }

    fn kids<'n>(&self, node: &'n Node, budget: &mut Budget) -> Result<Cow<'n, [Object]>, Malformed> {
        match self.entry(&node.dictionary, "Kids", budget)? {
            Cow::Borrowed(Object::Array(kids)) => Ok(Cow::Borrowed(kids)),
            Cow::Owned(Object::Array(kids)) => Ok(Cow::Owned(kids)),
            _ => Err(Malformed::syntax(None, format!("page tree node {} has no Kids", node.id), CLAUSE)),
        }
    }

    /// How many pages are in or below a node.
    fn count(&self, node: &Node, budget: &mut Budget) -> Result<usize, Malformed> {
        if node.kind == NodeKind::Leaf {
            return Ok(1);
        }
        let count = self.entry(&node.dictionary, "Count", budget)?.as_integer();
        let count = count.and_then(|count| usize::try_from(count).ok());
        count.ok_or_else(|| {
            Malformed::syntax(None, format!("page tree node {} has no Count", node.id), CLAUSE)
        })
    }

    fn pages_in(&self, kids: &[Object], budget: &mut Budget) -> Result<usize, Malformed> {
        kids.iter().try_fold(0usize, |pages, kid| match self.node(kid, budget)? {
            Some(kid) => Ok(pages.saturating_add(self.count(&kid, budget)?)),
            None => Ok(pages),
        })
    }

    /// The kid that holds page `left` of a node, and how many pages of it to skip.
    fn kid_at(
        &self,
        node: &Node,
        left: usize,
        budget: &mut Budget,
    ) -> Result<Option<(Node, usize)>, Malformed> {
        let kids = self.kids(node, budget)?;
        // As many pages as kids: each kid is one page, which a look at the one wanted confirms.
        if self.count(node, budget)? == kids.len()
            && let Some(kid) = kids.get(left)
            && let Some(kid) = self.node(kid, budget)?
            && self.count(&kid, budget)? == 1
        {
            return Ok(Some((kid, 0)));
        }
        let mut left = left;
        for kid in kids.iter() {
            let Some(kid) = self.node(kid, budget)? else { continue };
            let pages = self.count(&kid, budget)?;
            if left < pages {
                return Ok(Some((kid, left)));
            }
            left -= pages;
        }
        Ok(None)
    }

    fn inherit(
        &self,
        dictionary: &Dictionary,
        inherited: &mut Inherited,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        if let Some(resources) = dictionary.get("Resources") {
            inherited.resources = Some(Arc::new(resources.clone()));
        }
        for (key, place) in [("MediaBox", &mut inherited.media_box), ("CropBox", &mut inherited.crop_box)] {
            if let Some(value) = dictionary.get(key) {
                *place = self.rectangle(value, budget)?.or(*place);
            }
        }
        if let Some(rotate) = self.entry(dictionary, "Rotate", budget)?.as_integer() {
            inherited.rotate = rotate.rem_euclid(360);
        }
        Ok(())
    }
}

fn page(node: Node, index: usize, inherited: Inherited) -> Page {
    Page {
        id: node.id,
        index,
        dictionary: node.dictionary,
        resources: inherited.resources,
        media_box: inherited.media_box,
        crop_box: inherited.crop_box,
        rotate: inherited.rotate,
    }
}

struct Walk<'v, 'd, 's> {
    snapshot: &'v Snapshot<'d, 's>,
    visited: BTreeSet<ObjectId>,
    index: usize,
    visit: &'v mut VisitPage<'v>,
}

impl Walk<'_, '_, '_> {
    fn node(
        &mut self,
        node: Node,
        mut inherited: Inherited,
        depth: u32,
        budget: &mut Budget,
    ) -> Result<ControlFlow<()>, Malformed> {
        let deeper = depth.checked_sub(1);
        let deeper = deeper.ok_or_else(|| Malformed::syntax(None, "page tree nested too deeply", CLAUSE))?;
        self.snapshot.inherit(&node.dictionary, &mut inherited, budget)?;
        if node.kind == NodeKind::Leaf {
            let page = page(node, self.index, inherited);
            self.index += 1;
            return (self.visit)(page, budget);
        }
        for kid in self.snapshot.kids(&node, budget)?.iter() {
            let Some(kid) = self.snapshot.node(kid, budget)? else { continue };
            if !self.visited.insert(kid.id) {
                let reason = format!("object {} occurs more than once in the page tree", kid.id);
                return Err(Malformed::syntax(None, reason, CLAUSE));
            }
            if self.node(kid, inherited.clone(), deeper, budget)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
