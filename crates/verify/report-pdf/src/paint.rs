//! Pages to a PDF/A file, with a structure that a screen reader follows.

use crate::PdfError;
use crate::content::Kind;
use crate::fonts::Fonts;
use crate::layout::{Line, MARGIN, PAGE, Page};
use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, Node, Tag, TagGroup, TagTree};
use krilla::text::TextDirection;
use krilla::{Document, SerializeSettings};
use report::view::{Tone, View};
use std::num::NonZeroU16;
use types::Time;

/// Writes the pages.
pub(crate) fn paint(view: &View, pages: &[Page], fonts: &Fonts<'_>, at: Time) -> Result<Vec<u8>, PdfError> {
    let wrong = |why: String| PdfError::NotPdfA(why);
    let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A2_B).finish();
    let configuration = configuration.map_err(|error| wrong(format!("{error:?}")))?;
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    document.set_metadata(metadata(view, at));
    let mut structure = Structure::new(view.language);
    for (number, page) in pages.iter().enumerate() {
        let size = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| wrong("page size".to_owned()))?;
        let mut sheet = document.start_page_with(size);
        let mut surface = sheet.surface();
        for line in &page.lines {
            let tag = surface.start_tagged(ContentTag::Other);
            draw(&mut surface, line, fonts);
            surface.end_tagged();
            structure.add(line, tag);
        }
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        page.rules.iter().for_each(|y| rule(&mut surface, *y));
        surface.end_tagged();
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::PageNumber)));
        let footer = format!("{} {} / {} · {}", view.words.page, number + 1, pages.len(), view.file);
        draw(&mut surface, &foot(&fonts.drawable(&footer), fonts), fonts);
        surface.end_tagged();
        surface.finish();
        sheet.finish();
    }
    document.set_tag_tree(structure.finish());
    document.finish().map_err(|error| wrong(format!("{error:?}")))
}

fn metadata(view: &View, at: Time) -> Metadata {
    let (year, month, day, hour, minute, second) = at.civil();
    let small = |number: u32| u8::try_from(number).unwrap_or(0);
    let date = DateTime::new(u16::try_from(year).unwrap_or(0))
        .month(small(month))
        .day(small(day))
        .hour(small(hour))
        .minute(small(minute))
        .second(small(second))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(format!("{}: {}", view.title, view.file))
        .language(view.language.to_owned())
        .creator("Undersign".to_owned())
        .creation_date(date)
}

/// The foot of a page in one line; a long file name is cut.
fn foot(text: &str, fonts: &Fonts<'_>) -> Line {
    const SIZE: f32 = 8.0;
    let mut shown = String::new();
    for character in text.chars() {
        shown.push(character);
        if fonts.width(&shown) * SIZE > PAGE.0 - 2.0 * MARGIN - 10.0 {
            shown.push('…');
            break;
        }
    }
    Line {
        x: MARGIN,
        y: PAGE.1 - 36.0,
        size: SIZE,
        text: shown,
        tone: Tone::Plain,
        soft: true,
        item: (usize::MAX, Kind::Small),
    }
}

fn draw(surface: &mut Surface<'_>, line: &Line, fonts: &Fonts<'_>) {
    surface.set_fill(Some(fill(colour(line.tone, line.soft))));
    surface.set_stroke(None);
    let mut x = line.x;
    for run in fonts.runs(&line.text) {
        let Some(font) = fonts.get(run.font) else { continue };
        let direction = match run.right_to_left {
            true => TextDirection::RightToLeft,
            false => TextDirection::LeftToRight,
        };
        surface.draw_text(Point::from_xy(x, line.y), font.clone(), line.size, &run.text, false, direction);
        x += run.width * line.size;
    }
}

fn rule(surface: &mut Surface<'_>, y: f32) {
    let mut path = PathBuilder::new();
    path.move_to(MARGIN, y);
    path.line_to(PAGE.0 - MARGIN, y);
    let Some(path) = path.finish() else { return };
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint: rgb::Color::new(190, 190, 196).into(),
        width: 0.6,
        ..Stroke::default()
    }));
    surface.draw_path(&path);
    surface.set_stroke(None);
}

fn fill(colour: rgb::Color) -> Fill {
    Fill { paint: colour.into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn colour(tone: Tone, soft: bool) -> rgb::Color {
    match (tone, soft) {
        (Tone::Good, _) => rgb::Color::new(20, 100, 44),
        (Tone::Open, _) => rgb::Color::new(122, 75, 0),
        (Tone::Bad, _) => rgb::Color::new(163, 20, 15),
        (Tone::Plain, true) => rgb::Color::new(90, 90, 96),
        (Tone::Plain, false) => rgb::Color::new(28, 28, 30),
    }
}

/// The structure: one element for each item, in their order.
struct Structure {
    tree: TagTree,
    current: Option<(usize, TagGroup)>,
}

impl Structure {
    fn new(language: &str) -> Structure {
        Structure { tree: TagTree::new().with_lang(Some(language.to_owned())), current: None }
    }

    fn add(&mut self, line: &Line, tag: Identifier) {
        let (number, kind) = line.item;
        if self.current.as_ref().is_none_or(|(current, _)| *current != number) {
            self.close();
            let group = match kind {
                Kind::Heading(level) => {
                    let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
                    TagGroup::new(Tag::Hn(level, Some(line.text.clone())))
                }
                _ => TagGroup::new(Tag::P),
            };
            self.current = Some((number, group));
        }
        if let Some((_, group)) = &mut self.current {
            group.push(Node::Leaf(tag));
        }
    }

    fn close(&mut self) {
        if let Some((_, group)) = self.current.take() {
            self.tree.push(Node::Group(group));
        }
    }

    fn finish(mut self) -> TagTree {
        self.close();
        self.tree
    }
}
