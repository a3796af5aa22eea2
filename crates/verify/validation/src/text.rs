//! A message as a key and its arguments; the report puts it into words of a language.

use std::borrow::Cow;
use std::fmt;

/// A message of the catalogue (`messages/`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Key in the catalogue, e.g. `integrity-proven`.
    pub key: Cow<'static, str>,
    /// Names and values of what is inserted.
    pub arguments: Vec<(&'static str, String)>,
}

impl Text {
    /// A message without arguments.
    pub fn new(key: &'static str) -> Text {
        Text { key: Cow::Borrowed(key), arguments: Vec::new() }
    }

    /// The message of a question ([`crate::Asked::question`]).
    pub fn question(name: &'static str) -> Text {
        Text { key: Cow::Owned(format!("ask-{name}")), arguments: Vec::new() }
    }

    /// The same with one more argument.
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Text {
        self.arguments.push((name, value.to_string()));
        self
    }
}
