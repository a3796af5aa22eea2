//! What XML 1.0 does to text before anyone sees it, where the parser leaves it undone: line ends (2.11) and white space
//! in the values of attributes (3.3.3).

use bergshamra_xml::{Document, Element, NodeKind};
use std::borrow::Cow;
use types::{Budget, Malformed, Resource};

const CLAUSE: &str = "XML 1.0, 3.3.3";

/// Puts every node of `tree` right; `text` is what it was parsed from. What a character reference stands for stays.
pub(crate) fn normalise<'x>(
    tree: &mut Document<'x>,
    text: &str,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let mut stack = vec![tree.root()];
    while let Some(node) = stack.pop() {
        budget.spend(Resource::Steps, 1)?;
        stack.extend(tree.children_iter(node));
        let start = tree.node_range(node).unwrap_or_default().start;
        match tree.node_kind_mut(node) {
            Some(NodeKind::Element(element)) => {
                // Each that is written is looked for among all.
                let number = element.attributes.len() as u64;
                budget.spend(Resource::Steps, number.saturating_mul(number) / 16)?;
                let done = attributes(element, text.get(start..).unwrap_or_default());
                done.ok_or_else(|| {
                    Malformed::syntax(start as u64, "white space in the name of a namespace", CLAUSE)
                })?;
            }
            Some(NodeKind::CData(text) | NodeKind::Comment(text)) => line_ends(text),
            Some(NodeKind::ProcessingInstruction(instruction)) => {
                if let Some(data) = &mut instruction.data {
                    line_ends(data);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// CR LF and CR become LF; in text the parser does that itself.
fn line_ends(text: &mut Cow<'_, str>) {
    if text.contains('\r') {
        *text = Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"));
    }
}

/// Sets the values of the attributes whose start tag is at the beginning of `source`; `None` if the two do not go
/// together, or if the name of a namespace has white space in it, which has taken part in names by now.
fn attributes(element: &mut Element<'_>, source: &str) -> Option<()> {
    let is_space = |char| matches!(char, '\t' | '\n' | '\r');
    if element.namespace_declarations.iter().any(|(_, uri)| uri.contains(is_space)) {
        return None;
    }
    if !element.attributes.iter().any(|attribute| attribute.value.contains(is_space)) {
        return Some(());
    }
    let mut rest = source.get(source.find([' ', '\t', '\n', '\r', '/', '>'])?..)?;
    while let Some((name, value, after)) = next(rest) {
        rest = after;
        if !value.contains(is_space) {
            continue;
        }
        let attribute = element.attributes.iter_mut().find(|one| one.name.prefixed_name() == name);
        let Some(attribute) = attribute else { continue };
        attribute.value = Cow::Owned(normalised(value, &attribute.value)?);
    }
    Some(())
}

/// The next attribute of a well-formed start tag as it is written, and what follows it.
fn next(tag: &str) -> Option<(&str, &str, &str)> {
    let tag = tag.trim_ascii_start();
    if tag.starts_with(['/', '>']) {
        return None;
    }
    let (name, after) = tag.split_once('=')?;
    let after = after.trim_ascii_start();
    let quote = after.chars().next().filter(|char| matches!(char, '"' | '\''))?;
    let (value, rest) = after.get(1..)?.split_once(quote)?;
    Some((name.trim_ascii_end(), value, rest))
}

/// `read` is what the parser made of `written`: references resolved, each to one character as there are no entities.
fn normalised(written: &str, read: &str) -> Option<String> {
    let mut value = String::with_capacity(read.len());
    let (mut written, mut read) = (written.chars().peekable(), read.chars());
    while let Some(char) = written.next() {
        let resolved = read.next()?;
        match char {
            '&' => {
                written.find(|char| *char == ';')?;
                value.push(resolved);
            }
            // Of CR LF the line feed becomes the space.
            '\r' if written.peek() == Some(&'\n') => {}
            '\t' | '\n' | '\r' => value.push(' '),
            _ => value.push(resolved),
        }
    }
    read.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(xml: &str) -> Option<String> {
        let mut tree = bergshamra_xml::uppsala::Parser::new().parse(xml).unwrap();
        normalise(&mut tree, xml, &mut Budget::default()).ok()?;
        let root = tree.document_element().unwrap();
        let element = tree.element(root).unwrap();
        Some(element.attributes.iter().map(|one| one.value.to_string()).collect::<Vec<_>>().join("|"))
    }

    #[test]
    fn white_space_that_is_written_becomes_spaces_and_references_stay() {
        assert_eq!(value("<a c='x\ny\tz\r\nu\rv\r\n\nw'/>").unwrap(), "x y z u v  w");
        assert_eq!(value("<a c='x&#10;y\nz&amp;&#xD;\r\n&#9;'/>").unwrap(), "x\ny z&\r \t");
        let several = "<a\n\tc = \"1\n'\"\r\n d:c='2\t=' xmlns:d='d' e='>\n/'>\n</a>";
        assert_eq!(value(several).unwrap(), "1 '|2 =|> /");
    }

    #[test]
    fn a_namespace_with_white_space_in_it_is_refused() {
        assert!(value("<a xmlns='urn:a\n'/>").is_none() && value("<a xmlns:b='&#9;urn'/>").is_none());
    }
}
