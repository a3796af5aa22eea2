//! What in a PDF may mislead whoever signs it or relies on it: content that acts, changes, hides or is elsewhere.
//!
//! Each finding has a code ([`CODES`]); those of severity `Error` make it dangerous to sign. Nothing is rendered: what
//! glyphs of an embedded font really look like is not judged.

mod action;
mod annotation;
mod code;
mod content;
mod form;
mod layers;
mod pdfa;
mod report;
mod scene;
mod walk;

pub use code::{CODES, Code, code};
pub use report::{PageFinding, summary};

use action::Role;
use annotation::Sheet;
use code::{INCOMPLETE, ON_OPEN, PORTFOLIO};
use content::{Ground, Surface};
use layers::Layers;
use pdf::Document;
use pdf::marks::{Area, MarkReader};
use pdf::object::{Dictionary, Object};
use pdf::pages::Page;
use report::{Findings, Place};
use scene::{Scene, Trait};
use std::collections::BTreeSet;
use types::{Budget, Cause, Limits, Malformed, Resource};
use walk::Walk;

/// The page where none is stated, in points: US Letter, as viewers take it.
const USUAL_PAGE: Area = [0.0, 0.0, 612.0, 792.0];

/// Limits that fit a preflight: some seconds of work for the worst document.
pub const LIMITS: Limits =
    Limits::STANDARD.with(Resource::Steps, 32_000_000).with(Resource::DecodedBytes, 1 << 30);

/// Looks through the newest revision of a document. Give it a budget of its own ([`LIMITS`]): a document that exhausts
/// it has the finding `preflight.incomplete`; an error is a document without readable catalog or pages.
pub fn preflight(document: &Document<'_>, budget: &mut Budget) -> Result<Vec<PageFinding>, Malformed> {
    let mut scene =
        Scene { snapshot: document.latest(), findings: Findings::default(), traits: BTreeSet::new() };
    match examine(&mut scene, budget) {
        Err(error) if matches!(error.cause, Cause::Budget(_)) => {
            scene.add(INCOMPLETE, Place::default(), format!("not all was looked at: {}", error.reason));
        }
        result => result?,
    }
    Ok(scene.findings.finish())
}

fn examine(scene: &mut Scene<'_, '_>, budget: &mut Budget) -> Result<(), Malformed> {
    let snapshot = scene.snapshot;
    let (_, catalog) = snapshot.catalog(budget)?;
    let pages = snapshot.page_ids(budget)?;
    let mut walk = Walk::around(pages.into_iter());
    on_open(scene, &mut walk, &catalog, budget)?;
    let mut layers = Layers::read(scene, &catalog, budget)?;
    let mut reader = MarkReader::new(snapshot.document());
    snapshot.visit_pages(budget, &mut |page, budget| {
        look_at_page(scene, &mut walk, &mut layers, &mut reader, &page, budget)?;
        Ok(std::ops::ControlFlow::Continue(()))
    })?;
    scene.look_at_form(&mut walk, &catalog, budget)?;
    if catalog.get("Collection").is_some_and(|collection| *collection != Object::Null) {
        scene.add(PORTFOLIO, Place::default(), PORTFOLIO.about);
    }
    if scene.entry(&catalog, "NeedsRendering", budget)? == Object::Boolean(true) {
        scene.traits.insert(Trait::NeedsRendering);
    }
    // Whatever else the catalog leads to: outlines, name trees, threads, attachments.
    let mut rest = catalog.clone();
    for key in ["Pages", "OpenAction", "AA", "AcroForm"] {
        rest.remove(key);
    }
    walk.visit(scene, Object::Dictionary(rest), Role::Plain, Place::default(), budget)?;
    scene.look_at_claim(&catalog, budget)
}

/// What happens by itself when the document is opened, saved or printed (ISO 32000-2, Table 29).
fn on_open(
    scene: &mut Scene<'_, '_>,
    walk: &mut Walk,
    catalog: &Dictionary,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let place = Place::default();
    let action = scene.entry(catalog, "OpenAction", budget)?;
    if action != Object::Null {
        scene.add(ON_OPEN, place, ON_OPEN.about);
        let action = catalog.get("OpenAction").cloned().unwrap_or(Object::Null);
        walk.visit(scene, action, Role::Automatic, place, budget)?;
    }
    if catalog.get("AA").is_some() {
        scene.traits.insert(Trait::CatalogTrigger);
        automatic(scene, walk, catalog, place, budget)?;
    }
    Ok(())
}

/// The triggers of the document or of a page, all of which happen by themselves.
fn automatic(
    scene: &mut Scene<'_, '_>,
    walk: &mut Walk,
    owner: &Dictionary,
    place: Place,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    for (_, action) in scene.dictionary(owner, "AA", budget)?.0 {
        walk.visit(scene, action, Role::Automatic, place, budget)?;
    }
    Ok(())
}

fn look_at_page<'d>(
    scene: &mut Scene<'d, '_>,
    walk: &mut Walk,
    layers: &mut Layers,
    reader: &mut MarkReader<'d, '_>,
    page: &Page,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let place = Place { page: Some(page.index), span: None };
    if page.dictionary.get("AA").is_some() {
        scene.traits.insert(Trait::PageTrigger);
        automatic(scene, walk, &page.dictionary, place, budget)?;
    }
    walk.visit(scene, Object::Dictionary(page.dictionary.clone()), Role::Plain, place, budget)?;
    if let Some(resources) = &page.resources {
        walk.visit(scene, Object::clone(resources), Role::Plain, place, budget)?;
    }
    let visible = page.crop_box.or(page.media_box).unwrap_or(USUAL_PAGE);
    let marks = reader.page(page, budget)?;
    let surface = Surface { visible, ground: Ground::Paper, place };
    let texts = scene.look_at_marks(&marks, surface, layers, budget)?;
    let sheet = Sheet { page, visible, texts: &texts, place };
    scene.look_at_annotations(&sheet, reader, layers, budget)
}
