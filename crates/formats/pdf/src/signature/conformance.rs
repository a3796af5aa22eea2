//! Whether a document claims to be PDF/A, and what that asks of what is added.

use crate::appearance::{CidSet, Colour, Constraints, Transparency};
use crate::document::Document;
use crate::object::{Dictionary, Object};
use types::{Budget, Malformed};

/// The part of ISO 19005 that the XMP metadata name (`pdfaid:part`), if any.
pub(crate) fn pdf_a_part(
    document: &Document<'_>,
    catalog: &Dictionary,
    budget: &mut Budget,
) -> Result<Option<u8>, Malformed> {
    let Some(metadata) = catalog.get("Metadata") else {
        return Ok(None);
    };
    let Object::Stream(stream) = document.resolve(metadata, budget)?.into_owned() else {
        return Ok(None);
    };
    let xmp = document.stream_data(&stream, budget)?;
    Ok(part_in(&xmp))
}

/// `pdfaid:part="2"` or `<pdfaid:part>2</pdfaid:part>`.
fn part_in(xmp: &[u8]) -> Option<u8> {
    let key = b"pdfaid:part";
    let at = memchr::memmem::find(xmp, key)?;
    let rest = xmp.get(at + key.len()..)?.iter().take(40);
    rest.copied().find(u8::is_ascii_digit).map(|digit| digit - b'0')
}

/// What an appearance may use.
pub(super) fn constraints(
    document: &Document<'_>,
    catalog: &Dictionary,
    part: Option<u8>,
    budget: &mut Budget,
) -> Result<Constraints, Malformed> {
    let Some(part) = part else {
        return Ok(Constraints::NONE);
    };
    let transparency = match part {
        1 => Transparency::Forbidden,
        _ if has_output_intent(document, catalog, budget)? => Transparency::Allowed,
        _ => Transparency::Forbidden,
    };
    let cid_set = if part == 1 { CidSet::Written } else { CidSet::Omitted };
    Ok(Constraints { colour: Colour::Calibrated, transparency, cid_set })
}

/// A PDF/A output intent (ISO 19005-2, 6.2.3).
fn has_output_intent(
    document: &Document<'_>,
    catalog: &Dictionary,
    budget: &mut Budget,
) -> Result<bool, Malformed> {
    let intents = document.resolve(catalog.get("OutputIntents").unwrap_or(&Object::Null), budget)?;
    for intent in intents.as_array().unwrap_or_default() {
        budget.spend(types::Resource::Steps, 1)?;
        let intent = document.resolve(intent, budget)?;
        let kind = intent.as_dictionary().and_then(|intent| intent.get("S"));
        if kind.and_then(Object::as_name) == Some(b"GTS_PDFA1") {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_is_read_from_attribute_and_element() {
        assert_eq!(part_in(b"<x pdfaid:part=\"1\" pdfaid:conformance='B'/>"), Some(1));
        assert_eq!(part_in(b"<pdfaid:part>3</pdfaid:part>"), Some(3));
        assert_eq!(part_in(b"<x/>"), None);
    }
}
