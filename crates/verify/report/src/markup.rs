//! Elements of HTML and XML, written so that inserted text is always escaped and every element is closed.

use std::fmt::Write;

/// A document that grows. Names of elements and attributes come from the program, texts from anywhere.
#[derive(Debug, Default)]
pub(crate) struct Markup {
    out: String,
}

/// Attributes: names and values.
pub(crate) type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Markup {
    /// Starts with something fixed, e.g. the document type.
    pub(crate) fn starting(prolog: &'static str) -> Markup {
        Markup { out: prolog.to_owned() }
    }

    /// Text, escaped.
    pub(crate) fn text(&mut self, text: &str) {
        escape(&mut self.out, text);
    }

    /// Text of this program that must stand as it is, e.g. a style sheet.
    pub(crate) fn raw(&mut self, text: &'static str) {
        self.out.push_str(text);
    }

    /// An element and what is in it.
    pub(crate) fn element(
        &mut self,
        name: &'static str,
        attributes: Attributes<'_>,
        content: impl FnOnce(&mut Markup),
    ) {
        self.open(name, attributes);
        self.out.push('>');
        content(self);
        write!(self.out, "</{name}>").expect("writing to a string cannot fail");
    }

    /// An element that holds text only.
    pub(crate) fn leaf(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) {
        self.element(name, attributes, |inner| inner.text(text));
    }

    /// An element without content: `<meta>` in HTML, `<a/>` in XML.
    pub(crate) fn empty(&mut self, name: &'static str, attributes: Attributes<'_>, end: Empty) {
        self.open(name, attributes);
        self.out.push_str(match end {
            Empty::Html => ">",
            Empty::Xml => "/>",
        });
    }

    /// A line end, for people who read the source.
    pub(crate) fn newline(&mut self) {
        self.out.push('\n');
    }

    fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        write!(self.out, "<{name}").expect("writing to a string cannot fail");
        for (name, value) in attributes {
            write!(self.out, " {name}=\"").expect("writing to a string cannot fail");
            escape(&mut self.out, value);
            self.out.push('"');
        }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }
}

/// How an element without content ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Empty {
    /// As a void element of HTML.
    Html,
    /// As an empty element of XML.
    Xml,
}

/// Characters with a meaning become references; what XML 1.0, 2.2 does not allow becomes visible.
fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{FFFE}' | '\u{FFFF}' => out.extend(character.escape_unicode()),
            character if character.is_control() => out.extend(character.escape_unicode()),
            character => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inserted_becomes_markup() {
        let mut markup = Markup::default();
        markup.leaf("p", &[("title", "\"><script>'")], "</p><script>&\u{0}\u{FFFF}\u{1b}");
        assert_eq!(
            markup.finish(),
            "<p title=\"&quot;&gt;&lt;script&gt;&#39;\">&lt;/p&gt;&lt;script&gt;&amp;\\u{0}\\u{ffff}\\u{1b}</p>"
        );
    }

    #[test]
    fn elements_without_content_end_as_their_language_wants() {
        let mut markup = Markup::starting("<!doctype html>");
        markup.empty("meta", &[("charset", "utf-8")], Empty::Html);
        markup.empty("a", &[], Empty::Xml);
        assert_eq!(markup.finish(), "<!doctype html><meta charset=\"utf-8\"><a/>");
    }
}
