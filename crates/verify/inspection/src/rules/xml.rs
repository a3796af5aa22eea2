//! Just enough XML to tell a well-formed XMP packet from anything else (ISO 16684-1; XML 1.0).

use std::borrow::Cow;

/// Deepest nesting of elements; no packet comes near.
const DEEPEST: usize = 1000;

/// Whether the bytes are one well-formed element `x:xmpmeta` or `rdf:RDF` in UTF-8, or in UTF-16, with nothing but
/// comments, processing instructions and white space around it. Document type declarations are refused.
pub(super) fn is_metadata(data: &[u8]) -> bool {
    let Some(text) = decode(data) else { return false };
    let mut rest = text.trim_start_matches('\u{feff}');
    let mut open: Vec<&str> = Vec::new();
    let mut roots = 0;
    while let Some(at) = rest.find('<') {
        let (before, markup) = rest.split_at(at);
        if !is_character_data(before, open.is_empty()) {
            return false;
        }
        let Some((tag, after)) = next_markup(markup) else { return false };
        rest = after;
        match tag {
            Markup::Skipped => {}
            Markup::CharacterData if !open.is_empty() => {}
            Markup::CharacterData => return false,
            Markup::Close(name) => {
                if open.pop() != Some(name) {
                    return false;
                }
            }
            Markup::Open(name) | Markup::Empty(name) => {
                if open.is_empty() {
                    roots += 1;
                    if roots > 1 || !matches!(local(name), "xmpmeta" | "xapmeta" | "RDF") {
                        return false;
                    }
                }
                if matches!(tag, Markup::Open(_)) {
                    if open.len() >= DEEPEST {
                        return false;
                    }
                    open.push(name);
                }
            }
        }
    }
    open.is_empty() && roots == 1 && is_character_data(rest.trim_end_matches('\0'), true)
}

enum Markup<'t> {
    Open(&'t str),
    Empty(&'t str),
    Close(&'t str),
    CharacterData,
    Skipped,
}

fn decode(data: &[u8]) -> Option<Cow<'_, str>> {
    let units = |to: fn([u8; 2]) -> u16| data.as_chunks::<2>().0.iter().map(move |pair| to(*pair));
    let text = match data {
        [0xFE, 0xFF, ..] => char::decode_utf16(units(u16::from_be_bytes)).collect::<Result<_, _>>(),
        [0xFF, 0xFE, ..] => char::decode_utf16(units(u16::from_le_bytes)).collect::<Result<_, _>>(),
        _ => return str::from_utf8(data).ok().map(Cow::Borrowed),
    };
    text.ok().map(Cow::Owned)
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Text between tags: white space outside the root element; elsewhere entities only as XML defines them itself.
fn is_character_data(text: &str, outside: bool) -> bool {
    if outside {
        return text.trim().is_empty();
    }
    text.split('&').skip(1).all(|entity| {
        let name = entity.split_once(';').map_or("", |(name, _)| name);
        matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") || (name.starts_with('#') && name.len() > 1)
    })
}

/// The markup at the start of `text`, and what follows it.
fn next_markup(text: &str) -> Option<(Markup<'_>, &str)> {
    for (start, end, markup) in [
        ("<?", "?>", Markup::Skipped),
        ("<!--", "-->", Markup::Skipped),
        ("<![CDATA[", "]]>", Markup::CharacterData),
    ] {
        if let Some(inside) = text.strip_prefix(start) {
            let (_, rest) = inside.split_once(end)?;
            return Some((markup, rest));
        }
    }
    if let Some(inside) = text.strip_prefix("</") {
        let (name, rest) = inside.split_once('>')?;
        return is_name(name.trim_end()).then_some((Markup::Close(name.trim_end()), rest));
    }
    start_tag(text.strip_prefix('<')?)
}

fn start_tag(text: &str) -> Option<(Markup<'_>, &str)> {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '/' | '>'))?;
    let (name, mut rest) = text.split_at(end);
    if !is_name(name) {
        return None;
    }
    loop {
        rest = rest.trim_start();
        if let Some(rest) = rest.strip_prefix("/>") {
            return Some((Markup::Empty(name), rest));
        }
        if let Some(rest) = rest.strip_prefix('>') {
            return Some((Markup::Open(name), rest));
        }
        let (attribute, value) = rest.split_once('=')?;
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, after) = value.get(1..)?.split_once(quote)?;
        if !is_name(attribute.trim_end()) || value.contains('<') || !is_character_data(value, false) {
            return None;
        }
        rest = after;
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
}

#[cfg(test)]
mod tests {
    use super::is_metadata;

    #[test]
    fn an_xmp_packet_is_metadata() {
        assert!(is_metadata(
            b"<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF>\
              <a:b c='1' d = \"&amp;\"/>text &#10;<!-- < --></rdf:RDF></x:xmpmeta>\n<?xpacket end='w'?>  "
        ));
    }

    #[test]
    fn elements_nest_only_so_deep() {
        let nested = |depth: usize| {
            let inside = ["<a>".repeat(depth), "</a>".repeat(depth)].concat();
            format!("<x:xmpmeta>{inside}</x:xmpmeta>")
        };
        assert!(is_metadata(nested(100).as_bytes()));
        assert!(!is_metadata(nested(2000).as_bytes()));
    }

    #[test]
    fn anything_else_is_not() {
        for bad in [
            "",
            "text",
            "<html></html>",
            "<x:xmpmeta>",
            "<x:xmpmeta></x:xmpmeta><x:xmpmeta/>",
            "<x:xmpmeta><a></b></x:xmpmeta>",
            "<!DOCTYPE x><x:xmpmeta/>",
            "<x:xmpmeta>&e;</x:xmpmeta>",
            "<x:xmpmeta a=1/>",
            "<x:xmpmeta a='<'/>",
            "q <x:xmpmeta/>",
        ] {
            assert!(!is_metadata(bad.as_bytes()), "{bad}");
        }
    }
}
