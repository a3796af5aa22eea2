//! Whether a revision's cross-reference section, trailer and end are written just as the standard says. Where they are not,
//! some readers give up on the section and search the whole file for objects, and may find others than were listed.

use super::ends;
use crate::document::{Document, EntryKind, Revision, XrefStyle};
use crate::object::{Object, ObjectId};
use crate::read::lexer::{Lexer, is_white_space};
use crate::read::parser::Parser;
use crate::read::structure::indirect;
use crate::read::xref::Entry;
use types::{Budget, Cause, Finding, Malformed, Resource};

/// Object numbers that an update may leave out above those that are in use.
const SLACK: u64 = 1000;
/// Most bytes of the first section of a linearised file.
const MOST_OF_FIRST: u64 = 1 << 20;
/// Lines of comment before `startxref`, where some writers put their name.
const MOST_COMMENTS: usize = 4;

/// How a section ends. A linearised file has a first one, which objects follow, and a main one, to which the first leads and
/// whose end leads back to the first (Annex F.3.4 and F.3.13).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Only,
    First,
    Main,
}

/// What the first object says about how to begin.
enum Linearised {
    No,
    /// It may be a linearisation dictionary, which readers understand in different ways.
    Unclear,
    /// The file is linearised if it has about this length; the first section follows `past`.
    To {
        length: u64,
        past: u64,
    },
}

impl Document<'_> {
    /// How revision `revision` is written otherwise than ISO 32000-2, 7.5.4 to 7.5.8 say, in words without a full stop;
    /// `None` if it is not. Only an exhausted budget or an unreadable source is an error.
    pub fn deviation(&self, revision: usize, budget: &mut Budget) -> Result<Option<String>, Malformed> {
        let Some(this) = self.revisions().get(revision) else { return Ok(None) };
        if let Some(words) = self.wrong_numbers(revision, budget)? {
            return Ok(Some(words));
        }
        let was_in_use =
            |number: &&u32| revision.checked_sub(1).is_some_and(|before| self.is_in_use(**number, before));
        if let Some(number) = this.hidden.iter().find(was_in_use) {
            return Ok(Some(format!("its table frees object {number}, which its stream gives back")));
        }
        if self.is_linearised_otherwise(revision, budget)? {
            let words =
                "the file says to be linearised, so that readers may begin with another section of it";
            return Ok(Some(words.into()));
        }
        match self.linearisation(budget)? {
            Linearised::To { .. } if revision == 0 => {
                if let Some(words) = self.wrong_section(this, (this.xref_at, Ends::First), budget)? {
                    return Ok(Some(words));
                }
                let main = this.trailer.get("Prev").and_then(Object::as_integer);
                let main = main.and_then(|main| u64::try_from(main).ok()).unwrap_or(this.xref_at);
                self.wrong_section(this, (main, Ends::Main), budget)
            }
            _ => self.wrong_section(this, (this.xref_at, Ends::Only), budget),
        }
    }

    /// How a section of a revision, from where it stands to the end of the revision, is written otherwise.
    fn wrong_section(
        &self,
        this: &Revision,
        (at, ends): (u64, Ends),
        budget: &mut Budget,
    ) -> Result<Option<String>, Malformed> {
        let from = at.saturating_add(self.shift);
        let of_section = |finding: &&Finding| {
            let is_here = finding.span.is_some_and(|span| span.start >= from && span.start < this.end);
            let is_slight =
                finding.code == "pdf.xref.offset-early" && finding.span.is_some_and(|span| span.len() <= 2);
            is_here && finding.code.starts_with("pdf.xref.") && !is_slight
        };
        if let Some(finding) = self.findings().iter().find(of_section) {
            return Ok(Some(finding.message.clone()));
        }
        let most = if ends == Ends::First { MOST_OF_FIRST } else { u64::MAX };
        let length = this.end.saturating_sub(from).min(most);
        budget.spend(Resource::DecodedBytes, length)?;
        let bytes = self.windows.bytes(from, length)?;
        let mut text = Text { rest: &bytes };
        let words = match this.style {
            XrefStyle::Stream if this.trailer.get("XRefStm").is_some() => {
                Err("its cross-reference stream names another one")
            }
            XrefStyle::Classic if this.trailer.get("XRefStm").is_some() => {
                Err("its trailer names a stream that is not there")
            }
            XrefStyle::Classic | XrefStyle::Hybrid => {
                text.table(this.trailer.get("Size").and_then(Object::as_integer))
            }
            XrefStyle::Stream => self.stream(&mut text, from, budget),
        };
        let words = words.and_then(|()| text.end(this.xref_at, ends)).err();
        Ok(words.map(str::to_owned))
    }

    fn is_in_use(&self, number: u32, revision: usize) -> bool {
        matches!(self.entry(number, revision), Some((_, Entry::InUse { .. } | Entry::Compressed { .. })))
    }

    /// Whether a reader may take the file for linearised as of the end of this revision or of an earlier one, and begin with
    /// another section than the last (ISO 32000-2, Annex F): then it shows something else as soon as the file grows.
    fn is_linearised_otherwise(&self, revision: usize, budget: &mut Budget) -> Result<bool, Malformed> {
        const SLACK: u64 = 1024;
        let (length, past) = match self.linearisation(budget)? {
            Linearised::No => return Ok(false),
            Linearised::Unclear => return Ok(revision > 0),
            Linearised::To { length, past } => (length, past),
        };
        let is_near = |end: u64| length.abs_diff(end) <= SLACK;
        let this = self.revisions().get(revision).map_or(0, |one| one.end);
        if revision > 0 && (is_near(this) || is_near(self.len())) {
            return Ok(true);
        }
        for earlier in self.revisions().iter().take(revision).filter(|one| is_near(one.end)) {
            // The first section is the one to begin with for every reader (Annex F.3.4).
            let first = earlier.xref_at.saturating_add(self.shift);
            let gap = first.checked_sub(past).filter(|gap| *gap <= SLACK);
            let between = gap.map(|gap| self.windows.bytes(past, gap)).transpose()?;
            if !between.is_some_and(|between| between.iter().all(|byte| is_white_space(*byte))) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn linearisation(&self, budget: &mut Budget) -> Result<Linearised, Malformed> {
        /// The dictionary lies within the first 1024 bytes (Annex F.3.3).
        const WITHIN: u64 = 2048;
        let start = self.windows.bytes(0, self.len().min(WITHIN))?;
        // A name may be written with escapes.
        let has = |word: &[u8]| memchr::memmem::find(&start, word).is_some();
        if !has(b"inearized") && !has(b"#") {
            return Ok(Linearised::No);
        }
        let Ok(header) = ends::header(&self.windows, &mut Vec::new()) else { return Ok(Linearised::Unclear) };
        let first = match indirect(&self.windows, header.at, budget) {
            Ok(first) => first,
            Err(error) if matches!(error.cause, Cause::Budget(_) | Cause::Source(_)) => return Err(error),
            Err(_) => return Ok(Linearised::Unclear),
        };
        let Object::Dictionary(dictionary) = &first.object else { return Ok(Linearised::No) };
        if dictionary.get("Linearized").is_none() && first.findings.is_empty() {
            return Ok(Linearised::No);
        }
        let length = dictionary.get("L").and_then(Object::as_integer);
        let length = length.and_then(|length| u64::try_from(length).ok());
        Ok(match length.filter(|_| first.findings.is_empty()) {
            Some(length) => Linearised::To { length, past: first.span.end },
            None => Linearised::Unclear,
        })
    }

    /// Numbers that do not fit: sizes, free entries, offsets that do not name the very object.
    fn wrong_numbers(&self, revision: usize, budget: &mut Budget) -> Result<Option<String>, Malformed> {
        let trailer = |revision: usize| self.revisions().get(revision).map(|one| &one.trailer);
        let size_of = |revision| trailer(revision).and_then(|trailer| trailer.get("Size")?.as_integer());
        let Some(size) = size_of(revision).and_then(|size| u64::try_from(size).ok()) else {
            return Ok(Some("its trailer has no Size".into()));
        };
        let (mut highest, mut count) = (0, 0_u64);
        for (id, entry) in self.objects_of_revision(revision) {
            budget.spend(Resource::Steps, 1)?;
            (highest, count) = (highest.max(u64::from(id.number)), count.saturating_add(1));
            if let EntryKind::InUse { offset } = entry
                && !self.is_header(id, offset)?
            {
                return Ok(Some(format!("its entry of object {id} does not name the place of its number")));
            }
        }
        let before = revision.checked_sub(1).and_then(size_of).and_then(|size| u64::try_from(size).ok());
        let before = before.unwrap_or(0);
        if size <= highest || size < before {
            return Ok(Some(format!("Size is {size}, which leaves objects out")));
        }
        let most = before.saturating_add(count).saturating_add(SLACK);
        Ok((revision > 0 && size > most)
            .then(|| format!("Size is {size}, far more than objects that there are")))
    }

    /// Whether `n g obj` is at `offset`, at most an end of a line further.
    fn is_header(&self, id: ObjectId, offset: u64) -> Result<bool, Malformed> {
        let wanted = format!("{} {} obj", id.number, id.generation);
        let there = self.len().saturating_sub(offset).min(wanted.len() as u64 + 2);
        let bytes = self.windows.bytes(offset.min(self.len()), there)?;
        let gap = bytes.iter().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n' | b' ')).count();
        Ok(bytes.get(gap..).is_some_and(|bytes| bytes.starts_with(wanted.as_bytes())))
    }

    /// A cross-reference stream (7.5.8), from the first digit of its number to `endobj`.
    fn stream(&self, text: &mut Text<'_>, from: u64, budget: &mut Budget) -> Result<(), &'static str> {
        const PLACE: &str = "its cross-reference stream is not where it is said to be";
        let start = text.rest;
        text.gap(0, 2, false)?;
        text.number(10).and_then(|_| text.word(b" ")).and_then(|()| text.number(5)).map_err(|_| PLACE)?;
        text.word(b" obj").map_err(|_| PLACE)?;
        let object = indirect(&self.windows, from, budget).map_err(|_| PLACE)?;
        let (Object::Dictionary(dictionary), Some(data_at)) = (object.object, object.data_at) else {
            return Err(PLACE);
        };
        let widths: Vec<i64> = dictionary
            .get("W")
            .and_then(Object::as_array)
            .map(|widths| widths.iter().filter_map(Object::as_integer).collect())
            .unwrap_or_default();
        if !matches!(widths[..], [0..=2, 1..=8, 0..=4]) {
            return Err("the entries of its cross-reference stream are wider than readers expect");
        }
        if let Some(index) = dictionary.get("Index").and_then(Object::as_array) {
            let mut next = 0;
            for pair in index.chunks(2) {
                let number = |place: usize| pair.get(place).and_then(Object::as_integer);
                match (number(0), number(1)) {
                    (Some(first), Some(count)) if first >= next && count > 0 => {
                        next = first.saturating_add(count)
                    }
                    _ => return Err("Index of its cross-reference stream is not ascending"),
                }
            }
            let size = dictionary.get("Size").and_then(Object::as_integer).unwrap_or(0);
            if next > size {
                return Err("Index of its cross-reference stream goes beyond Size");
            }
        }
        let length = dictionary.get("Length").and_then(Object::as_integer).unwrap_or(-1);
        let past =
            u64::try_from(length).ok().and_then(|length| data_at.checked_sub(from)?.checked_add(length));
        let past = past.and_then(|past| usize::try_from(past).ok());
        text.rest =
            past.and_then(|past| start.get(past..)).ok_or("its cross-reference stream has no Length")?;
        text.gap(0, 2, false).and_then(|()| text.word(b"endstream")).and_then(|()| text.gap(1, 3, true))?;
        text.word(b"endobj")
    }
}

/// Bytes that are read one after the other.
struct Text<'a> {
    rest: &'a [u8],
}

type Fits<T> = Result<T, &'static str>;

impl<'a> Text<'a> {
    fn word(&mut self, word: &[u8]) -> Fits<()> {
        self.rest = self
            .rest
            .strip_prefix(word)
            .ok_or("its cross-reference section or what follows has other words")?;
        Ok(())
    }

    /// A number of 1 to `most` digits.
    fn number(&mut self, most: usize) -> Fits<u64> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.rest.split_at_checked(digits).unwrap_or_default();
        self.rest = rest;
        let number = std::str::from_utf8(number).ok().filter(|number| number.len() <= most);
        number.and_then(|number| number.parse().ok()).ok_or("a number in its cross-reference section is none")
    }

    /// White space, with an end of a line in it if `ends_line`.
    fn gap(&mut self, least: usize, most: usize, ends_line: bool) -> Fits<()> {
        let length = self.rest.iter().take_while(|byte| matches!(byte, b' ' | b'\r' | b'\n')).count();
        let (gap, rest) = self.rest.split_at_checked(length).unwrap_or_default();
        self.rest = rest;
        let is_as_wanted =
            (least..=most).contains(&length) && (!ends_line || gap.iter().any(|byte| *byte != b' '));
        is_as_wanted.then_some(()).ok_or("white space in its cross-reference section is not as it has to be")
    }

    /// A table with its trailer (7.5.4, 7.5.5).
    fn table(&mut self, size: Option<i64>) -> Fits<()> {
        let size = size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        self.gap(0, 2, false)?;
        self.word(b"xref")?;
        self.gap(1, 3, true)?;
        while !self.rest.starts_with(b"trailer") {
            let first = self.number(10)?;
            self.word(b" ")?;
            let count = self.number(10)?;
            self.gap(1, 3, true)?;
            if first.saturating_add(count) > size {
                return Err("a part of its cross-reference table goes beyond Size");
            }
            for _ in 0..count {
                self.entry(size)?;
            }
            if self.rest.starts_with(b"\ntrailer") || self.rest.starts_with(b"\r\ntrailer") {
                self.gap(1, 2, true)?;
            }
        }
        self.word(b"trailer")?;
        self.gap(0, 4, false)?;
        let mut lexer = Lexer::new(self.rest, 0);
        let mut budget = Budget::default();
        let depth = budget.depth();
        let parsed = Parser::new(&mut lexer, &mut budget).object(depth);
        let past =
            usize::try_from(lexer.offset()).ok().filter(|_| matches!(parsed, Ok(Object::Dictionary(_))));
        self.rest = past.and_then(|past| self.rest.get(past..)).ok_or("its trailer is none")?;
        Ok(())
    }

    /// Twenty bytes (7.5.4); a free entry names the next free one.
    fn entry(&mut self, size: u64) -> Fits<()> {
        const WRONG: &str =
            "an entry of its cross-reference table has not the twenty bytes that it has to have";
        let (entry, rest) = self.rest.split_at_checked(20).ok_or(WRONG)?;
        self.rest = rest;
        let is_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
        match entry {
            [offset @ .., b' ', g1, g2, g3, g4, g5, b' ', kind @ (b'n' | b'f'), a, b]
                if is_digits(offset)
                    && is_digits(&[*g1, *g2, *g3, *g4, *g5])
                    && matches!([*a, *b], [b' ', b'\r' | b'\n'] | [b'\r', b'\n']) =>
            {
                let next = Text { rest: offset }.number(10)?;
                if *kind == b'f' && next >= size {
                    return Err("a free entry of its cross-reference table names no object");
                }
                Ok(())
            }
            _ => Err(WRONG),
        }
    }

    /// `startxref`, the offset and `%%EOF` (7.5.5), with nothing but ends of lines after it.
    fn end(&mut self, xref_at: u64, ends: Ends) -> Fits<()> {
        match ends {
            Ends::First => return Ok(()),
            // Where it was not known how long the section would be.
            Ends::Main => self.gap(0, 256, false)?,
            Ends::Only => self.gap(0, 4, false)?,
        }
        for _ in 0..MOST_COMMENTS {
            let is_comment = self.rest.starts_with(b"%");
            let line =
                self.rest.iter().take(200).take_while(|byte| matches!(byte, b' '..=b'~' | 0x80..)).count();
            if !is_comment {
                break;
            }
            self.rest = self.rest.get(line..).unwrap_or_default();
            self.gap(1, 4, true)?;
        }
        self.word(b"startxref")?;
        self.gap(1, 3, true)?;
        if self.number(20)? != xref_at {
            return Err("startxref names another section");
        }
        self.gap(1, 3, true)?;
        self.word(b"%%EOF")?;
        let is_end =
            self.rest.len() <= 16 && self.rest.iter().all(|byte| matches!(byte, b'\r' | b'\n' | b' '));
        is_end.then_some(()).ok_or("something follows its %%EOF on the same line")
    }
}
