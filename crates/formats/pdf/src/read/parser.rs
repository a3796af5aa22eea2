//! Tokens to objects (ISO 32000-2, 7.3), within a budget and a limit on nesting.

use crate::object::{Dictionary, Name, Object, ObjectId, PdfString, Real};
use crate::read::lexer::{Lexer, Token};
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

/// More findings than this are not collected for one object.
const MOST_FINDINGS: usize = 32;

/// Reads objects from a lexer.
pub(crate) struct Parser<'l, 'a, 'b> {
    pub(crate) lexer: &'l mut Lexer<'a>,
    pub(crate) budget: &'b mut Budget,
    pub(crate) findings: Vec<Finding>,
}

/// One entry of a dictionary, with its places.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: Name,
    pub(crate) key_span: Span,
    pub(crate) value: Object,
    pub(crate) value_span: Span,
}

impl<'l, 'a, 'b> Parser<'l, 'a, 'b> {
    pub(crate) fn new(lexer: &'l mut Lexer<'a>, budget: &'b mut Budget) -> Parser<'l, 'a, 'b> {
        Parser { lexer, budget, findings: Vec::new() }
    }

    /// The next object; `depth` counts down to 0.
    pub(crate) fn object(&mut self, depth: u32) -> Result<Object, Malformed> {
        if let Some((number, generation)) = self.lexer.accept_plain_reference() {
            self.budget.spend(Resource::Steps, 1)?;
            return Ok(Object::Reference(ObjectId { number, generation }));
        }
        let (token, span) = self.lexer.token()?;
        self.object_from(token, span, depth)
    }

    fn object_from(&mut self, token: Token<'a>, span: Span, depth: u32) -> Result<Object, Malformed> {
        self.budget.spend(Resource::Steps, 1)?;
        match token {
            Token::Integer(value) => self.integer_or_reference(value, span),
            Token::Real(text) => Ok(Object::Real(Real(String::from_utf8_lossy(text).into_owned()))),
            Token::LiteralString(bytes) => Ok(Object::String(PdfString { bytes, hexadecimal: false })),
            Token::HexadecimalString(bytes) => Ok(Object::String(PdfString { bytes, hexadecimal: true })),
            Token::Name(name) => {
                self.note_odd_name(span);
                Ok(Object::Name(Name(name)))
            }
            Token::ArrayOpen => self.array(span, depth),
            Token::DictionaryOpen => self.dictionary(span, depth).map(Object::Dictionary),
            Token::Keyword(b"true") => Ok(Object::Boolean(true)),
            Token::Keyword(b"false") => Ok(Object::Boolean(false)),
            Token::Keyword(b"null") => Ok(Object::Null),
            Token::Keyword(word) => {
                let word = String::from_utf8_lossy(word.get(..word.len().min(20)).unwrap_or_default());
                Err(Malformed::syntax(
                    span.start,
                    format!("expected an object, found {word:?}"),
                    "ISO 32000-2, 7.3",
                ))
            }
            Token::End => {
                Err(Malformed::syntax(span.start, "the data end inside an object", "ISO 32000-2, 7.3"))
            }
            Token::ArrayClose | Token::DictionaryClose => Err(Malformed::syntax(
                span.start,
                "closing bracket without an opening one",
                "ISO 32000-2, 7.3",
            )),
        }
    }

    fn integer_or_reference(&mut self, value: i64, span: Span) -> Result<Object, Malformed> {
        if value < 0 || value > i64::from(u32::MAX) {
            return Ok(Object::Integer(value));
        }
        match (self.lexer.accept_reference(), u32::try_from(value)) {
            (Some(_), Ok(0)) => {
                Err(Malformed::syntax(span.start, "reference to object number 0", "ISO 32000-2, 7.3.10"))
            }
            (Some(generation), Ok(number)) => Ok(Object::Reference(ObjectId { number, generation })),
            _ => Ok(Object::Integer(value)),
        }
    }

    fn deeper(depth: u32, span: Span) -> Result<u32, Malformed> {
        depth
            .checked_sub(1)
            .ok_or_else(|| Malformed::syntax(span.start, "nested too deeply", "ISO 32000-2, C.2"))
    }

    fn array(&mut self, open: Span, depth: u32) -> Result<Object, Malformed> {
        let depth = Self::deeper(depth, open)?;
        let mut elements = Vec::new();
        loop {
            while let Some((number, generation)) = self.lexer.accept_plain_reference() {
                self.budget.spend(Resource::Steps, 1)?;
                elements.push(Object::Reference(ObjectId { number, generation }));
            }
            match self.lexer.token()? {
                (Token::ArrayClose, _) => return Ok(Object::Array(elements)),
                (token, span) => elements.push(self.object_from(token, span, depth)?),
            }
        }
    }

    /// The entries after `<<` up to `>>`, without places.
    fn dictionary(&mut self, open: Span, depth: u32) -> Result<Dictionary, Malformed> {
        let depth = Self::deeper(depth, open)?;
        let mut entries = Vec::new();
        while let Some((key, _)) = self.key()? {
            let value = self.object(depth)?;
            entries.push((key, value));
        }
        self.drop_repeated(&mut entries, Span::new(open.start, self.lexer.offset()));
        Ok(Dictionary(entries))
    }

    fn key(&mut self) -> Result<Option<(Name, Span)>, Malformed> {
        match self.lexer.token()? {
            (Token::Name(name), span) => {
                self.note_odd_name(span);
                Ok(Some((Name(name), span)))
            }
            (Token::DictionaryClose, _) => Ok(None),
            (Token::End, span) => {
                Err(Malformed::syntax(span.start, "the data end inside a dictionary", "ISO 32000-2, 7.3.7"))
            }
            (_, span) => {
                Err(Malformed::syntax(span.start, "dictionary key is not a name", "ISO 32000-2, 7.3.7"))
            }
        }
    }

    fn note_odd_name(&mut self, span: Span) {
        if self.lexer.take_odd_name() && self.findings.len() < MOST_FINDINGS {
            let message = "a name is written so that readers disagree on what it is (ISO 32000-2, 7.3.5)";
            self.findings.push(Finding::new("pdf.name.odd", Severity::Warning, message).at(span));
        }
    }

    /// A dictionary with the place of every key and value; repeated keys are all kept.
    pub(crate) fn entries(&mut self, depth: u32) -> Result<Vec<Entry>, Malformed> {
        let (token, open) = self.lexer.token()?;
        if token != Token::DictionaryOpen {
            return Err(Malformed::syntax(open.start, "expected a dictionary", "ISO 32000-2, 7.3.7"));
        }
        let depth = Self::deeper(depth, open)?;
        let mut entries = Vec::new();
        while let Some((key, key_span)) = self.key()? {
            let (token, first) = self.lexer.token()?;
            let value = self.object_from(token, first, depth)?;
            let value_span = Span::new(first.start, self.lexer.offset());
            entries.push(Entry { key, key_span, value, value_span });
        }
        Ok(entries)
    }

    /// Keeps the first value of each key (ISO 32000-2, 7.3.7 forbids repetition) and reports the others.
    fn drop_repeated(&mut self, entries: &mut Vec<(Name, Object)>, span: Span) {
        let again = repeated(entries, |(key, _)| key);
        if again.is_empty() {
            return;
        }
        for (key, value) in again.iter().filter_map(|&index| entries.get(index)) {
            if self.findings.len() < MOST_FINDINGS {
                let message = format!("dictionary key {key:?} is repeated; the first value was taken");
                // Nobody reads two equal values in two ways.
                let first = entries.iter().find(|(first, _)| first == key).map(|(_, value)| value);
                let severity = if first == Some(value) { Severity::Info } else { Severity::Warning };
                let finding = Finding::new("pdf.dictionary.repeated-key", severity, message);
                self.findings.push(finding.at(span).hint("readers may disagree on which value counts"));
            }
        }
        let (mut index, mut again) = (0, again.into_iter().peekable());
        entries.retain(|_| {
            index += 1;
            again.next_if_eq(&(index - 1)).is_none()
        });
    }
}

/// Indices of entries whose key occurred before, ascending; sorts when there are many.
pub(crate) fn repeated<T>(entries: &[T], key: impl Fn(&T) -> &Name) -> Vec<usize> {
    if entries.len() <= 12 {
        let seen_before = |index: &usize| {
            let (before, rest) = entries.split_at(*index);
            rest.first().is_some_and(|entry| before.iter().any(|earlier| key(earlier) == key(entry)))
        };
        return (1..entries.len()).filter(seen_before).collect();
    }
    let mut order: Vec<(usize, &Name)> = entries.iter().map(key).enumerate().collect();
    order.sort_by(|a, b| a.1.cmp(b.1).then(a.0.cmp(&b.0)));
    let again = order.windows(2).filter(|pair| pair[0].1 == pair[1].1).map(|pair| pair[1].0);
    let mut again: Vec<usize> = again.collect();
    again.sort_unstable();
    again
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Limits;

    fn parse(text: &[u8], budget: &mut Budget) -> Result<(Object, usize), Malformed> {
        let mut lexer = Lexer::new(text, 0);
        let depth = budget.depth();
        let mut parser = Parser::new(&mut lexer, budget);
        let object = parser.object(depth)?;
        Ok((object, parser.findings.len()))
    }

    #[test]
    fn references_and_numbers_are_told_apart() {
        let (object, _) = parse(b"[1 0 R 2 0 3 0 R]", &mut Budget::default()).unwrap();
        let reference = |number| Object::Reference(ObjectId { number, generation: 0 });
        assert_eq!(
            object,
            Object::Array(vec![reference(1), Object::Integer(2), Object::Integer(0), reference(3)])
        );
    }

    #[test]
    fn the_first_of_repeated_keys_is_kept_and_the_repetition_reported() {
        let many: String = (0..30).map(|index| format!("/K{index} {index} ")).collect();
        for text in ["<</A 1/B 2/A 3>>".to_owned(), format!("<</A 1 {many} /A 3>>")] {
            let (object, findings) = parse(text.as_bytes(), &mut Budget::default()).unwrap();
            assert_eq!(object.as_dictionary().unwrap().get("A"), Some(&Object::Integer(1)));
            assert_eq!(object.as_dictionary().unwrap().0.iter().filter(|(key, _)| key.0 == b"A").count(), 1);
            assert_eq!(findings, 1);
        }
    }

    #[test]
    fn deep_nesting_is_refused_without_recursing_far() {
        for text in [vec![b'['; 1_000_000], b"<</A".repeat(1_000_000)] {
            assert_eq!(parse(&text, &mut Budget::default()).unwrap_err().reason, "nested too deeply");
        }
    }

    #[test]
    fn each_object_costs_a_step() {
        let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, 100));
        let text = [b"[".as_slice(), &b"1 ".repeat(200), b"]"].concat();
        assert!(matches!(parse(&text, &mut budget).unwrap_err().cause, types::Cause::Budget(_)));
    }
}
