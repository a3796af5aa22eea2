//! Optional content (ISO 32000-2, 8.11): which layers are off, and which depend on what is done with the document.

use crate::code::{LAYER_AUTOMATIC, LAYER_CONFIGURATIONS, LAYER_EXPRESSION, LAYER_PRINT, LAYERS};
use crate::report::{Place, quote};
use crate::scene::{Scene, Trait, into_dictionary, name, references};
use pdf::object::{Dictionary, Object, ObjectId};
use std::collections::{BTreeMap, BTreeSet};
use types::{Budget, Malformed};

/// The state of the layers as the document is opened.
#[derive(Default)]
pub(crate) struct Layers {
    groups: BTreeSet<ObjectId>,
    off: BTreeSet<ObjectId>,
    /// Whether content of a group or membership is hidden, once asked for.
    hidden: BTreeMap<ObjectId, bool>,
}

/// Deepest nesting of visibility expressions.
const DEEPEST: u32 = 32;

impl Layers {
    /// Reads `OCProperties` of the catalog.
    pub(crate) fn read(
        scene: &mut Scene<'_, '_>,
        catalog: &Dictionary,
        budget: &mut Budget,
    ) -> Result<Layers, Malformed> {
        let properties = scene.dictionary(catalog, "OCProperties", budget)?;
        let groups: BTreeSet<ObjectId> =
            references(&scene.entry(&properties, "OCGs", budget)?).into_iter().collect();
        if properties.0.is_empty() {
            return Ok(Layers::default());
        }
        scene.traits.insert(Trait::Layers);
        scene.add(LAYERS, Place::default(), format!("{} layers (optional content)", groups.len()));
        if !scene.array(&properties, "Configs", budget)?.is_empty() {
            scene.add(LAYER_CONFIGURATIONS, Place::default(), LAYER_CONFIGURATIONS.about);
        }
        let usual = scene.dictionary(&properties, "D", budget)?;
        let mut off = BTreeSet::new();
        if scene.entry(&usual, "BaseState", budget)?.as_name() == Some(b"OFF") {
            off.extend(groups.iter().copied());
        }
        for id in references(&scene.entry(&usual, "ON", budget)?) {
            off.remove(&id);
        }
        off.extend(references(&scene.entry(&usual, "OFF", budget)?));
        let layers = Layers { groups, off, hidden: BTreeMap::new() };
        layers.automatic_states(scene, &usual, budget)?;
        Ok(layers)
    }

    /// `AS`: states that follow from what is done with the document (ISO 32000-2, 8.11.4.5).
    fn automatic_states(
        &self,
        scene: &mut Scene<'_, '_>,
        usual: &Dictionary,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let mut categories: BTreeMap<ObjectId, BTreeSet<Vec<u8>>> = BTreeMap::new();
        for application in scene.array(usual, "AS", budget)? {
            let application = into_dictionary(scene.resolve(&application, budget)?);
            let names = scene.array(&application, "Category", budget)?;
            for id in references(&scene.entry(&application, "OCGs", budget)?) {
                let names = names.iter().filter_map(Object::as_name).map(<[u8]>::to_vec);
                categories.entry(id).or_default().extend(names);
            }
        }
        for (id, categories) in categories {
            let located = scene.snapshot.follow(id, budget).map(Some);
            let Some(located) = scene.read(located, Place::default())? else { continue };
            let place = Place { page: None, span: Some(located.span) };
            let group = into_dictionary(located.object);
            let title = scene.entry(&group, "Name", budget)?;
            let title = quote(&pdf::strings::text(title.as_string().unwrap_or_default()));
            let usage = scene.dictionary(&group, "Usage", budget)?;
            let shown = !self.off.contains(&id);
            let mut states = [shown; 2];
            for (state, (category, key)) in
                states.iter_mut().zip([("View", "ViewState"), ("Print", "PrintState")])
            {
                if categories.contains(category.as_bytes()) {
                    let category = scene.dictionary(&usage, category, budget)?;
                    match scene.entry(&category, key, budget)?.as_name() {
                        Some(b"ON") => *state = true,
                        Some(b"OFF") => *state = false,
                        _ => {}
                    }
                }
            }
            match states {
                [true, false] => scene.add(LAYER_PRINT, place, format!("layer {title} is not printed")),
                [false, true] => {
                    scene.add(LAYER_PRINT, place, format!("layer {title} is printed but not shown"));
                }
                _ => {}
            }
            let others = ["Zoom", "Language", "User", "Export"];
            if others.iter().any(|key| categories.contains(key.as_bytes()) && usage.get(key).is_some()) {
                let message = format!("layer {title} depends on zoom, language, user or export");
                scene.add(LAYER_AUTOMATIC, place, message);
            }
        }
        Ok(())
    }

    /// Whether what belongs to a group or membership is hidden as the document is opened.
    pub(crate) fn hides(
        &mut self,
        scene: &mut Scene<'_, '_>,
        layer: ObjectId,
        budget: &mut Budget,
    ) -> Result<bool, Malformed> {
        if let Some(known) = self.hidden.get(&layer) {
            return Ok(*known);
        }
        let hidden = if self.groups.contains(&layer) || self.off.contains(&layer) {
            self.off.contains(&layer)
        } else {
            let object = scene.resolve(&Object::Reference(layer), budget)?;
            !self.member_is_visible(scene, &into_dictionary(object), budget)?
        };
        self.hidden.insert(layer, hidden);
        Ok(hidden)
    }

    /// A membership dictionary (ISO 32000-2, 8.11.2.2).
    fn member_is_visible(
        &self,
        scene: &mut Scene<'_, '_>,
        member: &Dictionary,
        budget: &mut Budget,
    ) -> Result<bool, Malformed> {
        if name(member, "Type") != b"OCMD" {
            return Ok(true);
        }
        scene.add(LAYER_EXPRESSION, Place::default(), LAYER_EXPRESSION.about);
        let expression = scene.array(member, "VE", budget)?;
        if !expression.is_empty() {
            return self.expression(scene, &expression, DEEPEST, budget);
        }
        let groups = match member.get("OCGs") {
            Some(Object::Reference(id)) if self.groups.contains(id) => vec![*id],
            Some(other) => references(&scene.resolve(other, budget)?),
            None => Vec::new(),
        };
        let mut on = groups.iter().map(|id| !self.off.contains(id));
        Ok(match name(member, "P") {
            _ if groups.is_empty() => true,
            b"AllOn" => on.all(|on| on),
            b"AnyOff" => on.any(|on| !on),
            b"AllOff" => on.all(|on| !on),
            _ => on.any(|on| on),
        })
    }

    fn expression(
        &self,
        scene: &mut Scene<'_, '_>,
        expression: &[Object],
        depth: u32,
        budget: &mut Budget,
    ) -> Result<bool, Malformed> {
        let Some(depth) = depth.checked_sub(1) else { return Ok(true) };
        let [operator, operands @ ..] = expression else { return Ok(true) };
        let operator = operator.as_name().unwrap_or_default();
        let mut values = Vec::new();
        for operand in operands {
            let is_group = operand.as_reference().filter(|id| self.groups.contains(id));
            values.push(match is_group {
                Some(id) => !self.off.contains(&id),
                None => match scene.resolve(operand, budget)? {
                    Object::Array(inner) => self.expression(scene, &inner, depth, budget)?,
                    _ => true,
                },
            });
        }
        Ok(match operator {
            b"Not" => !values.first().copied().unwrap_or(false),
            b"Or" => values.contains(&true),
            _ => !values.contains(&false),
        })
    }
}
