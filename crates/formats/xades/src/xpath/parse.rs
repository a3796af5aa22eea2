//! Reading of the XPath expressions that are understood.

use super::{Axis, Formula, Here, Path, Paths, Start, Step, Test, Within};
use crate::document::{DS, Document};

/// Longest expression in bytes.
const LONGEST: usize = 4096;
/// Most parts of an expression: tokens.
const MOST: usize = 512;
/// Most paths, and most steps of each.
const MOST_STEPS: usize = 16;
/// Deepest parentheses.
const DEEPEST: usize = 16;
/// Longest formula, counted in what it is about.
const MOST_WITHIN: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A name, with its prefix if it has one.
    Name(String),
    Literal(String),
    Number(String),
    /// Punctuation, one or two characters.
    Sign(&'static str),
}

pub(super) struct Parser<'p, 'x> {
    document: &'p Document<'x>,
    here: Here,
    tokens: Vec<Token>,
    at: usize,
}

impl<'p, 'x> Parser<'p, 'x> {
    pub(super) fn new(document: &'p Document<'x>, here: Here) -> Option<Parser<'p, 'x>> {
        // An element inside is no part of an expression.
        if document.elements(here.0).next().is_some() {
            return None;
        }
        let tokens = tokens(&document.text(here.0))?;
        Some(Parser { document, here, tokens, at: 0 })
    }

    /// All of the expression, or nothing.
    pub(super) fn whole<T>(mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let read = read(&mut self)?;
        (self.at == self.tokens.len()).then_some(read)
    }

    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn sign(&mut self, sign: &'static str) -> Option<()> {
        let is = self.peek(0) == Some(&Token::Sign(sign));
        self.at += usize::from(is);
        is.then_some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let is = matches!(self.peek(0), Some(Token::Name(name)) if name == word);
        self.at += usize::from(is);
        is.then_some(())
    }

    /// These words and signs in a row, or nothing is taken.
    fn row(&mut self, row: &[&'static str]) -> Option<()> {
        let start = self.at;
        for part in row {
            let number = matches!(self.peek(0), Some(Token::Number(number)) if number == part);
            self.at += usize::from(number);
            if !number && self.sign(part).or_else(|| self.word(part)).is_none() {
                self.at = start;
                return None;
            }
        }
        Some(())
    }

    fn literal(&mut self) -> Option<String> {
        let Some(Token::Literal(literal)) = self.peek(0) else { return None };
        let literal = literal.clone();
        self.at += 1;
        Some(literal)
    }

    /// Namespace and local name; without a prefix there is no namespace (XPath 1.0, 2.3).
    fn name(&mut self) -> Option<(String, String)> {
        let Some(Token::Name(name)) = self.peek(0) else { return None };
        let name = match name.split_once(':') {
            None => (String::new(), name.clone()),
            Some((prefix, local)) => (self.namespace(prefix)?, local.to_owned()),
        };
        self.at += 1;
        Some(name)
    }

    fn namespace(&self, prefix: &str) -> Option<String> {
        let document = self.document;
        std::iter::once(self.here.0).chain(document.ancestors(self.here.0)).find_map(|node| {
            let declarations = &document.tree.element(node)?.namespace_declarations;
            declarations.iter().find(|(known, _)| known == prefix).map(|(_, uri)| uri.to_string())
        })
    }

    /// A name or `*`, and `[@name='value']` any number of times.
    fn test(&mut self) -> Option<Test> {
        let name = match self.sign("*") {
            Some(()) => None,
            None => Some(self.name()?),
        };
        let mut attributes = Vec::new();
        while self.row(&["[", "@"]).is_some() {
            let (namespace, local) = self.name()?;
            self.sign("=")?;
            attributes.push((namespace, local, self.literal()?));
            self.sign("]")?;
        }
        Some(Test { name, attributes })
    }

    pub(super) fn paths(&mut self) -> Option<Paths> {
        let mut paths = vec![self.path()?];
        while self.sign("|").is_some() {
            paths.push(self.path()?);
        }
        (paths.len() <= MOST_STEPS).then_some(Paths(paths))
    }

    fn path(&mut self) -> Option<Path> {
        if self.own_signature().is_some() {
            return Some(Path { start: Start::OwnSignature, steps: Vec::new() });
        }
        let mut steps = Vec::new();
        let start = if self.row(&["id", "("]).is_some() {
            let id = self.literal()?;
            self.sign(")")?;
            Start::Id(id)
        } else if matches!(self.peek(0), Some(Token::Sign("/")))
            && matches!(self.peek(1), None | Some(Token::Sign("|")))
        {
            self.at += 1;
            return Some(Path { start: Start::Root, steps });
        } else {
            steps.push(self.step()?);
            Start::Root
        };
        while matches!(self.peek(0), Some(Token::Sign("/" | "//"))) {
            steps.push(self.step()?);
        }
        (steps.len() <= MOST_STEPS).then_some(Path { start, steps })
    }

    fn step(&mut self) -> Option<Step> {
        // `//` is `/descendant-or-self::node()/`: together with a child a descendant (XPath 1.0, 2.5).
        if self.sign("//").is_some() {
            let _ = self.row(&["child", "::"]);
            return Some(Step { axis: Axis::Descendant, test: self.test()? });
        }
        self.sign("/")?;
        let axis = if self.row(&["descendant", "::"]).is_some() {
            Axis::Descendant
        } else if self.row(&["descendant-or-self", "::"]).is_some() {
            Axis::DescendantOrSelf
        } else {
            let _ = self.row(&["child", "::"]);
            Axis::Child
        };
        Some(Step { axis, test: self.test()? })
    }

    fn signature_name(&mut self) -> Option<()> {
        let start = self.at;
        let is = self.name() == Some((DS.to_owned(), "Signature".to_owned()));
        if !is {
            self.at = start;
        }
        is.then_some(())
    }

    /// `here()/ancestor::ds:Signature[1]`, or nothing is taken.
    fn own_signature(&mut self) -> Option<()> {
        let start = self.at;
        let read = self
            .row(&["here", "(", ")", "/", "ancestor", "::"])
            .and_then(|()| self.signature_name())
            .and_then(|()| self.row(&["[", "1", "]"]));
        if read.is_none() {
            self.at = start;
        }
        read
    }

    pub(super) fn formula(&mut self, within: &mut Vec<Within>, depth: usize) -> Option<Formula> {
        let mut any = vec![self.conjunction(within, depth)?];
        while self.word("or").is_some() {
            any.push(self.conjunction(within, depth)?);
        }
        Some(if any.len() == 1 { any.remove(0) } else { Formula::Or(any) })
    }

    fn conjunction(&mut self, within: &mut Vec<Within>, depth: usize) -> Option<Formula> {
        let mut all = vec![self.part(within, depth)?];
        while self.word("and").is_some() {
            all.push(self.part(within, depth)?);
        }
        Some(if all.len() == 1 { all.remove(0) } else { Formula::And(all) })
    }

    fn part(&mut self, within: &mut Vec<Within>, depth: usize) -> Option<Formula> {
        if depth >= DEEPEST || within.len() >= MOST_WITHIN {
            return None;
        }
        let negated = self.row(&["not", "("]).is_some();
        if negated || self.sign("(").is_some() {
            let inner = self.formula(within, depth + 1)?;
            self.sign(")")?;
            return Some(if negated { Formula::Not(Box::new(inner)) } else { inner });
        }
        let number = within.len();
        if self.row(&["count", "("]).is_some() {
            self.outside_of_own_signature()?;
            within.push(Within::OwnSignature);
            return Some(Formula::Not(Box::new(Formula::Is(number))));
        }
        self.row(&["ancestor-or-self", "::"])?;
        within.push(Within::Element(self.test()?));
        Some(Formula::Is(number))
    }

    /// The rest of `count(ancestor-or-self::ds:Signature | here()/ancestor::ds:Signature[1]) >
    /// count(ancestor-or-self::ds:Signature)`: one more than without, so the node is not in it (XML Signature 1.1, 6.6.4).
    fn outside_of_own_signature(&mut self) -> Option<()> {
        self.row(&["ancestor-or-self", "::"])?;
        self.signature_name()?;
        self.sign("|")?;
        self.own_signature()?;
        self.row(&[")", ">", "count", "(", "ancestor-or-self", "::"])?;
        self.signature_name()?;
        self.sign(")")
    }
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while let Some(first) = rest.chars().next() {
        let (token, length) = token(first, rest)?;
        tokens.push(token);
        if tokens.len() > MOST {
            return None;
        }
        rest = rest.get(length..)?.trim_start_matches(is_space);
    }
    Some(tokens)
}

/// White space of XPath 1.0, 3.7.
fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n')
}

/// The token at the beginning and how many bytes it takes.
fn token(first: char, text: &str) -> Option<(Token, usize)> {
    const SIGNS: [&str; 14] = ["::", "//", "/", "(", ")", "[", "]", "@", "=", "|", ">", "*", ",", "."];
    if first == '\'' || first == '"' {
        let literal = text.get(1..)?.split_once(first)?.0;
        return Some((Token::Literal(literal.to_owned()), literal.len() + 2));
    }
    if first.is_ascii_digit() {
        let length = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
        return Some((Token::Number(text.get(..length)?.to_owned()), length));
    }
    if !is_name_start(first) {
        let sign = SIGNS.into_iter().find(|sign| text.starts_with(sign))?;
        return Some((Token::Sign(sign), sign.len()));
    }
    let part = |text: &str| text.find(|char| !is_name(char)).unwrap_or(text.len());
    let mut length = part(text);
    let after = text.get(length..)?.strip_prefix(':').filter(|after| after.starts_with(is_name_start));
    if let Some(after) = after {
        length += 1 + part(after);
    }
    Some((Token::Name(text.get(..length)?.to_owned()), length))
}

fn is_name_start(char: char) -> bool {
    char.is_alphabetic() || char == '_'
}

fn is_name(char: char) -> bool {
    is_name_start(char) || char.is_numeric() || matches!(char, '-' | '.' | '\u{b7}')
}
