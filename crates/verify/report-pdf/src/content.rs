//! What the PDF holds, in its order: the report without the single questions.

use report::Catalogue;
use report::view::{Block, Fact, Note, PathRow, Tone, View};

/// A part of the document that stays together as one element of its structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    /// What stands side by side.
    pub(crate) cells: Vec<Cell>,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A heading, 1 to 3.
    Heading(u16),
    /// A paragraph in larger letters.
    Lead,
    /// A paragraph.
    Paragraph,
    /// A paragraph in smaller letters.
    Small,
    /// Label and value.
    Fact,
    /// Dimension, state, reason.
    Dimension,
    /// A line across the page before what follows.
    Rule,
}

/// A text with its tone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) tone: Tone,
}

fn plain(text: &str) -> Cell {
    Cell { text: text.to_owned(), tone: Tone::Plain }
}

fn toned(text: &str, tone: Tone) -> Cell {
    Cell { text: text.to_owned(), tone }
}

struct Items(Vec<Item>);

impl Items {
    fn add(&mut self, kind: Kind, cells: Vec<Cell>) {
        if cells.iter().any(|cell| !cell.text.is_empty()) || kind == Kind::Rule {
            self.0.push(Item { kind, cells });
        }
    }

    fn facts(&mut self, facts: &[Fact]) {
        for fact in facts {
            self.add(Kind::Fact, vec![plain(&fact.label), plain(&fact.value)]);
        }
    }

    fn fact(&mut self, label: &str, value: &str) {
        if !value.is_empty() {
            self.add(Kind::Fact, vec![plain(label), plain(value)]);
        }
    }

    fn notes(&mut self, notes: &[Note]) {
        for note in notes {
            let place = if note.place.is_empty() { String::new() } else { format!(" ({})", note.place) };
            let text = format!("{}: {}{place} [{}]", note.severity.word, note.message, note.code);
            self.add(Kind::Paragraph, vec![toned(&text, note.severity.tone)]);
            let hint = if note.hint.is_empty() { String::new() } else { format!("→ {}", note.hint) };
            self.add(Kind::Small, vec![plain(&hint)]);
        }
    }

    fn path(&mut self, heading: &str, path: &[PathRow]) {
        if path.is_empty() {
            return;
        }
        self.add(Kind::Paragraph, vec![plain(heading)]);
        for (index, row) in path.iter().enumerate() {
            let number = format!("{}.", index + 1);
            let text = if row.validity.is_empty() {
                row.subject.clone()
            } else {
                format!("{}, {}", row.subject, row.validity)
            };
            self.add(Kind::Fact, vec![plain(&number), plain(&text)]);
            self.add(Kind::Fact, vec![plain(""), toned(&row.status.word, row.status.tone)]);
        }
    }

    fn block(&mut self, block: &Block, view: &View, catalogue: &Catalogue) {
        self.add(Kind::Rule, Vec::new());
        self.add(Kind::Heading(3), vec![plain(&block.heading)]);
        self.add(Kind::Lead, vec![toned(&block.amounts, block.indication.tone)]);
        let verdict = [&block.indication.word, &block.sub_indication, &block.level];
        let verdict: Vec<&str> =
            verdict.into_iter().map(String::as_str).filter(|one| !one.is_empty()).collect();
        self.add(Kind::Small, vec![plain(&verdict.join(" · "))]);
        if block.place != block.heading {
            self.fact(&catalogue.word("label-covered"), &block.place);
        }
        self.fact(&catalogue.word("label-signer"), &block.signer);
        self.fact(&catalogue.word("label-issuer"), &block.issuer);
        self.fact(&catalogue.word("label-bracket"), &block.bracket);
        self.facts(&block.claims);
        self.facts(&block.facts);
        if !block.dimensions.is_empty() {
            self.add(Kind::Paragraph, vec![plain(&view.words.dimensions)]);
        }
        for row in &block.dimensions {
            let reason = if row.hint.is_empty() {
                row.reason.clone()
            } else {
                format!("{} → {}", row.reason, row.hint)
            };
            let state = toned(&row.state.word, row.state.tone);
            self.add(Kind::Dimension, vec![plain(&row.name), state, plain(&reason)]);
        }
        self.notes(&block.notes);
        self.path(&view.words.path, &block.path);
    }
}

/// The whole document.
pub(crate) fn items(view: &View, catalogue: &Catalogue) -> Vec<Item> {
    let mut items = Items(Vec::new());
    items.add(Kind::Heading(1), vec![plain(&view.title)]);
    items.add(Kind::Lead, vec![toned(&format!("{}: {}", view.file, view.headline), view.tone)]);
    items.facts(&view.facts);
    for (heading, blocks) in
        [(&view.words.signatures, &view.signatures), (&view.words.timestamps, &view.timestamps)]
    {
        if !blocks.is_empty() {
            items.add(Kind::Heading(2), vec![plain(heading)]);
        }
        blocks.iter().for_each(|block| items.block(block, view, catalogue));
    }
    if !view.notes.is_empty() {
        items.add(Kind::Heading(2), vec![plain(&view.words.findings)]);
        items.notes(&view.notes);
    }
    if !view.acceptance.is_empty() {
        items.add(Kind::Heading(2), vec![plain(&view.words.acceptance)]);
    }
    for one in &view.acceptance {
        let text = format!("{}: {}", one.verifier, one.answer.word);
        items.add(Kind::Paragraph, vec![toned(&text, one.answer.tone)]);
        for (reason, known) in &one.reasons {
            items.add(Kind::Small, vec![plain(&format!("– {reason}: {known}"))]);
        }
    }
    items.add(Kind::Heading(2), vec![plain(&view.words.closing)]);
    for sentence in &view.closing {
        items.add(Kind::Small, vec![plain(sentence)]);
    }
    items.0
}
