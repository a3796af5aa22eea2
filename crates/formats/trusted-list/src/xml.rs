//! Reading the XML of lists: UTF-8, no document type, no entities, bounded work.

use roxmltree::{Document, Node, ParsingOptions};
use types::{Budget, Malformed, Resource};

/// Largest list in bytes; those met have at most 5 MB.
pub(crate) const LARGEST: u64 = 64 << 20;
const MOST_NODES: u32 = 4_000_000;
/// Most attributes between two tags; parsers compare each with each.
const MOST_ATTRIBUTES: u64 = 1_000;
const CLAUSE: &str = "XML 1.0";

/// Parses hardened XML.
pub(crate) fn parse<'b>(bytes: &'b [u8], budget: &mut Budget) -> Result<Document<'b>, Malformed> {
    if bytes.len() as u64 > LARGEST {
        return Err(Malformed::unsupported(None, "the XML is too large", CLAUSE));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Malformed::unsupported(error.valid_up_to() as u64, "the XML is not in UTF-8", CLAUSE)
    })?;
    guard(text.as_bytes(), budget)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text.trim_start_matches('\u{feff}'), options)
        .map_err(|error| Malformed::syntax(None, format!("the XML is not well-formed: {error}"), CLAUSE))
}

/// Spends what a parser may have to do, and refuses what makes it do much more.
fn guard(text: &[u8], budget: &mut Budget) -> Result<(), Malformed> {
    budget.spend(Resource::Steps, text.len() as u64 / 8 + 1)?;
    let (mut tags, mut attributes, mut depth, mut declarations) = (0_u64, 0_u64, 0_i64, 0_u64);
    for (at, byte) in text.iter().enumerate() {
        let next = text.get(at + 1);
        match (byte, next) {
            (b'<', Some(b'/')) => depth -= 1,
            (b'<', _) => {
                (tags, attributes) = (tags + 1, 0);
                depth += i64::from(!matches!(next, Some(b'!' | b'?')));
            }
            (b'/', Some(b'>')) => depth -= 1,
            (b'=', _) => attributes += 1,
            (b'x', _) if text[at..].starts_with(b"xmlns") => declarations += 1,
            _ => {}
        }
        if attributes > MOST_ATTRIBUTES || depth > i64::from(budget.depth()) {
            return Err(Malformed::syntax(at as u64, "the XML is nested too deeply or too wide", CLAUSE));
        }
    }
    Ok(budget.spend(Resource::Steps, tags.saturating_mul(declarations + 1))?)
}

/// The element children with a local name.
pub(crate) fn children<'n, 'b: 'n>(
    node: Node<'n, 'b>,
    name: &'static str,
) -> impl Iterator<Item = Node<'n, 'b>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// All text directly below an element, trimmed.
pub(crate) fn text(node: Node<'_, '_>) -> String {
    let text: String = node.children().filter(Node::is_text).filter_map(|child| child.text()).collect();
    text.trim().to_owned()
}

/// The first element below `node` along this way of local names.
pub(crate) fn at<'n, 'b: 'n>(node: Node<'n, 'b>, way: &[&'static str]) -> Option<Node<'n, 'b>> {
    way.iter().try_fold(node, |node, name| children(node, name).next())
}

/// The text of that element; empty if there is none.
pub(crate) fn text_at(node: Node<'_, '_>, way: &[&'static str]) -> String {
    at(node, way).map(text).unwrap_or_default()
}
