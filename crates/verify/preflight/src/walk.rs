//! A walk over every object that the catalog leads to: actions, foreign content, fonts, attachments.

use crate::action::Role;
use crate::code::{
    ALTERNATES, ATTACHMENT, EXTERNAL_STREAM, FONT_MISSING, FONT_STANDARD, OPI, POSTSCRIPT, REFERENCE,
};
use crate::report::{Place, quote};
use crate::scene::{Scene, Trait, name};
use pdf::object::{Dictionary, Object, ObjectId};
use std::collections::BTreeMap;
use types::{Budget, Malformed, Resource};

/// Entries that are not followed: back to the page, to the structure (which holds no content of its own), and to the
/// private data of programs, which no viewer shows.
const NOT_FOLLOWED: [&[u8]; 4] = [b"P", b"StructTreeRoot", b"PieceInfo", b"Prev"];

/// Triggers that wait for somebody to click or type (ISO 32000-2, 12.6.3).
const CLICKS: [&[u8]; 4] = [b"D", b"U", b"K", b"F"];

/// The fourteen fonts that every viewer has (ISO 32000-2, 9.6.2.2).
const STANDARD_FONTS: [&str; 14] = [
    "Courier",
    "Courier-Bold",
    "Courier-BoldOblique",
    "Courier-Oblique",
    "Helvetica",
    "Helvetica-Bold",
    "Helvetica-BoldOblique",
    "Helvetica-Oblique",
    "Symbol",
    "Times-Bold",
    "Times-BoldItalic",
    "Times-Italic",
    "Times-Roman",
    "ZapfDingbats",
];

/// What has been visited, and in what role.
pub(crate) struct Walk {
    seen: BTreeMap<ObjectId, Role>,
}

/// An object to be visited.
struct Visit {
    object: Object,
    role: Role,
    place: Place,
}

impl Walk {
    /// A walk that stays out of these objects: the pages, each of which has its turn.
    pub(crate) fn around(pages: impl Iterator<Item = ObjectId>) -> Walk {
        Walk { seen: pages.map(|id| (id, Role::Automatic)).collect() }
    }

    /// Visits what an object leads to, as far as it was not visited before.
    pub(crate) fn visit(
        &mut self,
        scene: &mut Scene<'_, '_>,
        object: Object,
        role: Role,
        place: Place,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let mut waiting = vec![Visit { object, role, place }];
        while let Some(Visit { object, role, place }) = waiting.pop() {
            budget.spend(Resource::Steps, 1)?;
            match object {
                Object::Reference(id) => {
                    if self.seen.get(&id).is_some_and(|before| *before >= role) {
                        continue;
                    }
                    self.seen.insert(id, role);
                    let located = scene.snapshot.get(id, budget).map(Some);
                    if let Some(located) = scene.read(located, place)? {
                        let place = Place { span: Some(located.span), ..place };
                        waiting.push(Visit { object: located.object, role, place });
                    }
                }
                Object::Array(elements) => {
                    waiting.extend(elements.into_iter().map(|object| Visit { object, role, place }));
                }
                Object::Dictionary(dictionary) => {
                    scene.look_at(&dictionary, role, place, budget)?;
                    follow(dictionary, role, place, &mut waiting);
                }
                Object::Stream(stream) => {
                    scene.look_at_stream(&stream.dictionary, place);
                    scene.look_at(&stream.dictionary, role, place, budget)?;
                    follow(stream.dictionary, role, place, &mut waiting);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What a dictionary leads to, and in what role.
fn follow(dictionary: Dictionary, role: Role, place: Place, waiting: &mut Vec<Visit>) {
    let is_action = dictionary.get("S").is_some();
    let triggers = role == Role::Plain && is_trigger(&dictionary);
    let is_page = name(&dictionary, "Type") == b"Page";
    for (key, object) in dictionary.0 {
        let key = key.0.as_slice();
        if NOT_FOLLOWED.contains(&key) || (is_page && key == b"Parent") {
            continue;
        }
        let role = match key {
            b"OpenAction" | b"JavaScript" => Role::Automatic,
            b"A" | b"PA" if !is_action => Role::Clicked,
            b"AA" => {
                triggered(object, place, waiting);
                continue;
            }
            b"Next" if is_action => role.max(Role::Clicked),
            // The nodes of the name tree of scripts.
            b"Kids" | b"Names" if !is_action && role > Role::Plain => role,
            _ if triggers => trigger_role(key),
            _ => Role::Plain,
        };
        if !matches!(object, Object::Null | Object::Boolean(_) | Object::Integer(_) | Object::Real(_)) {
            waiting.push(Visit { object, role, place });
        }
    }
}

/// An `AA` entry whose dictionary is direct; an indirect one is recognised by its entries.
fn triggered(object: Object, place: Place, waiting: &mut Vec<Visit>) {
    match object {
        Object::Dictionary(triggers) => waiting.extend(triggers.0.into_iter().map(|(key, object)| Visit {
            object,
            role: trigger_role(&key.0),
            place,
        })),
        other => waiting.push(Visit { object: other, role: Role::Plain, place }),
    }
}

fn trigger_role(key: &[u8]) -> Role {
    if CLICKS.contains(&key) { Role::Clicked } else { Role::Automatic }
}

/// Whether a dictionary has nothing but triggers, each an action.
fn is_trigger(dictionary: &Dictionary) -> bool {
    const KEYS: [&[u8]; 21] = [
        b"E", b"X", b"D", b"U", b"Fo", b"Bl", b"PO", b"PC", b"PV", b"PI", b"O", b"C", b"K", b"F", b"V",
        b"WC", b"WS", b"DS", b"WP", b"DP", b"Bf",
    ];
    !dictionary.0.is_empty()
        && dictionary.0.iter().all(|(key, value)| {
            KEYS.contains(&key.0.as_slice()) && matches!(value, Object::Reference(_) | Object::Dictionary(_))
        })
}

impl Scene<'_, '_> {
    fn look_at(
        &mut self,
        dictionary: &Dictionary,
        role: Role,
        place: Place,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        self.look_at_action(dictionary, role, place, budget)?;
        self.look_at_file(dictionary, place, budget)?;
        if name(dictionary, "Type") == b"Font" {
            self.look_at_font(dictionary, place, budget)?;
        }
        // PDF/A-1, 6.4: groups, soft masks, blend modes and alpha.
        let alpha = |key| dictionary.get(key).and_then(Object::as_number).is_some_and(|alpha| alpha < 1.0);
        let group = name(dictionary, "S") == b"Transparency";
        let mask = dictionary.get("SMask").is_some_and(|mask| mask.as_name() != Some(b"None"));
        let blend = !matches!(name(dictionary, "BM"), b"" | b"Normal" | b"Compatible");
        if group || mask || blend || alpha("ca") || alpha("CA") {
            self.traits.insert(Trait::Transparency);
        }
        Ok(())
    }

    /// Streams whose content is elsewhere, or differs in print.
    fn look_at_stream(&mut self, dictionary: &Dictionary, place: Place) {
        if dictionary.get("F").is_some() {
            self.traits.insert(Trait::External);
            self.add(EXTERNAL_STREAM, place, "a stream whose data are in another file");
        }
        let filters = match dictionary.get("Filter") {
            Some(Object::Array(filters)) => filters.as_slice(),
            Some(single) => std::slice::from_ref(single),
            None => &[],
        };
        if filters.iter().any(|filter| matches!(filter.as_name(), Some(b"LZWDecode" | b"LZW"))) {
            self.traits.insert(Trait::Lzw);
        }
        let is_form = name(dictionary, "Subtype") == b"Form";
        let is_image = name(dictionary, "Subtype") == b"Image";
        if is_form && dictionary.get("Ref").is_some() {
            self.traits.insert(Trait::External);
            self.add(REFERENCE, place, "a page of another document is imported (reference XObject)");
        }
        if (is_form || is_image) && dictionary.get("OPI").is_some() {
            self.traits.insert(Trait::External);
            self.add(OPI, place, "content that a print server replaces (OPI)");
        }
        if is_image && dictionary.get("Alternates").is_some() {
            self.traits.insert(Trait::Alternates);
            self.add(ALTERNATES, place, ALTERNATES.about);
        }
        if name(dictionary, "Subtype") == b"PS" || (is_form && dictionary.get("PS").is_some()) {
            self.traits.insert(Trait::PostScript);
            self.add(POSTSCRIPT, place, POSTSCRIPT.about);
        }
    }

    /// File specifications with an embedded file (ISO 32000-2, 7.11.4).
    fn look_at_file(
        &mut self,
        dictionary: &Dictionary,
        place: Place,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        if dictionary.get("EF").is_none() {
            return Ok(());
        }
        self.traits.insert(Trait::Attachment);
        let mut file = self.entry(dictionary, "UF", budget)?;
        if file.as_string().is_none() {
            file = self.entry(dictionary, "F", budget)?;
        }
        let file = pdf::strings::text(file.as_string().unwrap_or_default());
        self.add(ATTACHMENT, place, format!("an attached file: {}", quote(&file)));
        Ok(())
    }

    /// Whether a font's program is in the document (ISO 32000-2, 9.9).
    fn look_at_font(
        &mut self,
        font: &Dictionary,
        place: Place,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        if matches!(name(font, "Subtype"), b"Type0" | b"Type3") {
            return Ok(());
        }
        let descriptor = self.dictionary(font, "FontDescriptor", budget)?;
        if ["FontFile", "FontFile2", "FontFile3"].iter().any(|key| descriptor.get(key).is_some()) {
            return Ok(());
        }
        // Fonts of the form as a whole need not be used (ISO 19005-2, 6.2.11.4.1).
        if place.page.is_some() {
            self.traits.insert(Trait::FontMissing);
        }
        let base = String::from_utf8_lossy(name(font, "BaseFont")).into_owned();
        match STANDARD_FONTS.contains(&base.as_str()) {
            true => {
                self.add(FONT_STANDARD, place, format!("the standard font {base} is not in the document"))
            }
            false => {
                self.add(FONT_MISSING, place, format!("the font {} is not in the document", quote(&base)))
            }
        }
        Ok(())
    }
}
