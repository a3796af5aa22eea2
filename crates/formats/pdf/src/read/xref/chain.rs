//! The chain of cross-reference sections from `startxref` back through every `Prev` (ISO 32000-2, 7.5.5 to 7.5.8).

use super::ends::{self, Header, Tail};
use super::table::{Index, Section};
use super::{classic, stream};
use crate::document::{Revision, XrefStyle};
use crate::object::{Dictionary, Object};
use crate::read::lexer::Token;
use crate::read::window::Windows;
use std::collections::BTreeSet;
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

const CLAUSE: &str = "ISO 32000-2, 7.5.5";

/// Everything the cross-reference sections say.
pub(crate) struct Chain {
    pub(crate) version: (u8, u8),
    /// What to add to offsets as written: the offset of the header if offsets count from there, else 0.
    pub(crate) shift: u64,
    /// Oldest first.
    pub(crate) revisions: Vec<Revision>,
    /// In step with `revisions`.
    pub(crate) sections: Vec<Section>,
    pub(crate) index: Index,
    pub(crate) findings: Vec<Finding>,
}

/// One section as read.
struct Loaded {
    at: u64,
    style: XrefStyle,
    section: Section,
    trailer: Dictionary,
    prev: Option<u64>,
    /// What the table of a hybrid calls free and its stream has.
    hidden: Vec<u32>,
    /// Past the trailer dictionary or the stream object.
    end: u64,
}

/// Reads header, tail and all sections.
pub(crate) fn read_chain(windows: &Windows<'_>, budget: &mut Budget) -> Result<Chain, Malformed> {
    let mut findings = Vec::new();
    let header = ends::header(windows, &mut findings)?;
    let tail = ends::tail(windows, &mut findings)?;
    let mut reader = Reader { windows, shift: 0, visited: BTreeSet::new(), findings };
    reader.shift = reader.choose_shift(&header, &tail);
    let mut loaded = reader.all(tail.startxref, budget)?;
    reader.join_linearised(&mut loaded, &header, budget);
    let (revisions, sections) = reader.close(loaded, &tail, budget)?;
    let index = Index::new(&sections);
    let Reader { shift, findings, .. } = reader;
    Ok(Chain { version: header.version, shift, revisions, sections, index, findings })
}

struct Reader<'w, 's> {
    windows: &'w Windows<'s>,
    shift: u64,
    visited: BTreeSet<u64>,
    findings: Vec<Finding>,
}

impl Reader<'_, '_> {
    /// Whether offsets count from the header when that is not at byte 0: so if a section is found only that way.
    fn choose_shift(&self, header: &Header, tail: &Tail) -> u64 {
        let section_at = |at: u64| {
            let found = self
                .windows
                .lex(at, |lexer| Ok(matches!(lexer.token()?.0, Token::Keyword(b"xref") | Token::Integer(_))));
            found == Ok(true)
        };
        let moved = tail.startxref.checked_add(header.at);
        match header.at > 0 && !section_at(tail.startxref) && moved.is_some_and(section_at) {
            true => header.at,
            false => 0,
        }
    }

    /// All sections, newest first.
    fn all(&mut self, startxref: u64, budget: &mut Budget) -> Result<Vec<Loaded>, Malformed> {
        let mut loaded = Vec::new();
        let mut next = Some(startxref);
        while let Some(written) = next {
            budget.spend(Resource::Revisions, 1)?;
            let at = written.checked_add(self.shift).filter(|&at| at < self.windows.source().len());
            let at = at.ok_or_else(|| {
                let reason = format!("cross-reference section at {written}, past the end of the file");
                Malformed::syntax(self.windows.source().len(), reason, CLAUSE)
            })?;
            let section = self.load(at, budget)?;
            next = section.prev;
            loaded.push(section);
        }
        Ok(loaded)
    }

    /// Marks a section as read; a second time means a loop.
    fn visit(&mut self, at: u64) -> Result<(), Malformed> {
        match self.visited.insert(at) {
            true => Ok(()),
            false => {
                Err(Malformed::syntax(at, "cross-reference sections refer to each other in a loop", CLAUSE))
            }
        }
    }

    fn load(&mut self, at: u64, budget: &mut Budget) -> Result<Loaded, Malformed> {
        self.visit(at)?;
        let (keyword_end, start) = self.windows.lex(at, |lexer| {
            lexer.skip_white_space();
            let start = lexer.offset();
            match lexer.token()? {
                (Token::Keyword(b"xref"), span) => Ok((Some(span.end), start)),
                (Token::Integer(_), _) => Ok((None, start)),
                _ => Err(Malformed::syntax(at, "no cross-reference section where one is said to be", CLAUSE)),
            }
        })?;
        if start > at {
            let message = "white space precedes a cross-reference section";
            let finding = Finding::new("pdf.xref.offset-early", Severity::Warning, message);
            self.findings.push(finding.at(Span::new(at, start)).hint("its offset is wrong by so much"));
        }
        match keyword_end {
            Some(keyword_end) => self.load_table(at, start, keyword_end, budget),
            None => self.load_stream(at, budget),
        }
    }

    fn load_stream(&mut self, at: u64, budget: &mut Budget) -> Result<Loaded, Malformed> {
        let read = stream::read_stream(self.windows, at, budget, &mut self.findings)?;
        let prev = self.offset_entry(&read.trailer, "Prev", at)?;
        let (section, trailer, end) = (read.section, read.trailer, read.span.end);
        Ok(Loaded { at, style: XrefStyle::Stream, section, trailer, prev, hidden: Vec::new(), end })
    }

    fn load_table(
        &mut self,
        at: u64,
        start: u64,
        from: u64,
        budget: &mut Budget,
    ) -> Result<Loaded, Malformed> {
        let table = classic::read_table(self.windows, start, from, budget, &mut self.findings)?;
        let prev = self.offset_entry(&table.trailer, "Prev", at)?;
        let (mut section, mut style, mut freed) = (table.section, XrefStyle::Classic, Vec::new());
        if let Some(written) = self.offset_entry(&table.trailer, "XRefStm", at)? {
            let hidden_at = written.saturating_add(self.shift);
            self.visit(hidden_at)?;
            let hidden = stream::read_stream(self.windows, hidden_at, budget, &mut self.findings)?;
            if let Some(number) = section.disagreement(&hidden.section) {
                let reason = format!("table and hidden stream place object {number} differently");
                return Err(Malformed::syntax(hidden_at, reason, "ISO 32000-2, 7.5.8.4"));
            }
            freed = section.freed(&hidden.section);
            section = section.completed_by(&hidden.section);
            style = XrefStyle::Hybrid;
        }
        Ok(Loaded { at, style, section, trailer: table.trailer, prev, hidden: freed, end: table.end })
    }

    /// `Prev` or `XRefStm`: a direct non-negative integer. 0, which some writers put for "none", is a finding.
    fn offset_entry(&mut self, trailer: &Dictionary, key: &str, at: u64) -> Result<Option<u64>, Malformed> {
        match trailer.get(key) {
            None => Ok(None),
            Some(Object::Integer(0)) => {
                let message = format!("{key} is 0 and was taken as absent");
                let finding = Finding::new("pdf.xref.prev-zero", Severity::Warning, message);
                self.findings.push(finding.at(Span::new(at, at)));
                Ok(None)
            }
            Some(Object::Integer(value)) if *value > 0 => Ok(Some(value.unsigned_abs())),
            Some(_) => Err(Malformed::syntax(at, format!("{key} of the trailer is not an offset"), CLAUSE)),
        }
    }

    /// Joins the two sections of a linearised original into one (ISO 32000-2, Annex F): the older one comes later in
    /// the file.
    fn join_linearised(&self, loaded: &mut Vec<Loaded>, header: &Header, budget: &mut Budget) {
        let [.., first, main] = loaded.as_slice() else { return };
        if main.at <= first.at || main.prev.is_some() || !self.is_linearised(header, budget) {
            return;
        }
        let Some(main) = loaded.pop() else { return };
        if let Some(first) = loaded.last_mut() {
            first.section = first.section.completed_by(&main.section);
            first.end = main.end;
        }
    }

    /// Whether the first object is a linearisation parameter dictionary.
    fn is_linearised(&self, header: &Header, budget: &mut Budget) -> bool {
        ends::linearisation(self.windows, header, budget).is_some()
    }

    /// Finds where each revision ends, and turns the order to oldest first.
    fn close(
        &mut self,
        loaded: Vec<Loaded>,
        tail: &Tail,
        budget: &mut Budget,
    ) -> Result<(Vec<Revision>, Vec<Section>), Malformed> {
        let count = loaded.len();
        let (mut revisions, mut sections) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut after = self.windows.source().len();
        for (age, loaded) in loaded.into_iter().enumerate() {
            let end = match age {
                0 => {
                    self.check_last(loaded.end, tail);
                    tail.end
                }
                _ => ends::revision_end(self.windows, loaded.end, after, budget, &mut self.findings)?
                    .unwrap_or(after),
            };
            self.check_order(&loaded, end, after, age);
            after = loaded.at;
            let (xref_at, style, hidden) = (loaded.at - self.shift, loaded.style, loaded.hidden);
            let ending = ends::ending(self.windows, end)?;
            revisions.push(Revision { end, ending, xref_at, style, trailer: loaded.trailer, hidden });
            sections.push(loaded.section);
        }
        revisions.reverse();
        sections.reverse();
        Ok((revisions, sections))
    }

    /// An older revision must lie wholly before the section of a newer one (ISO 32000-2, 7.5.6).
    fn check_order(&mut self, loaded: &Loaded, end: u64, after: u64, age: usize) {
        if age > 0 && end > after {
            let message = "an older revision ends after the cross-reference section of a newer one";
            let finding = Finding::new("pdf.revision.order", Severity::Error, message);
            self.findings.push(finding.at(Span::new(loaded.at, end)).hint("updates must be appended"));
        }
    }

    /// The newest section must be the last thing before the last `startxref`.
    fn check_last(&mut self, section_end: u64, tail: &Tail) {
        let next = self.windows.lex(section_end, |lexer| {
            lexer.skip_gaps();
            Ok(lexer.offset())
        });
        if next != Ok(tail.at) {
            let message = "the newest cross-reference section is not the last thing before startxref";
            let finding = Finding::new("pdf.revision.section-not-last", Severity::Warning, message);
            let span = Span::new(section_end, tail.at);
            self.findings
                .push(finding.at(span).hint("what lies between belongs to no revision, or one was undone"));
        }
    }
}
