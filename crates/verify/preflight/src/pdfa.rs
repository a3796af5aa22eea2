//! The claim to be PDF/A (ISO 19005) and what contradicts it, as far as it bears on signing.

use crate::code::{PDFA, PDFA_BROKEN};
use crate::report::Place;
use crate::scene::{Scene, Trait};
use pdf::object::{Dictionary, Object};
use types::{Budget, Malformed};

/// What is forbidden, and by which clause of parts 1, 2 and 3, and 4; an empty clause allows it.
const RULES: [(Trait, &str, [&str; 3]); 21] = [
    (Trait::JavaScript, "JavaScript", ["6.6.1", "6.5.1", ""]),
    (Trait::ForbiddenAction, "an action that it does not allow", ["6.6.1", "6.5.1", "6.6.1"]),
    (Trait::LaterForbiddenAction, "an action that it does not allow", ["", "6.5.1", "6.6.1"]),
    (Trait::NamedAction, "a named action", ["6.6.1", "6.5.1", "6.6.1"]),
    (Trait::WidgetAction, "an action of a form field", ["6.9", "6.4.1", "6.4.1"]),
    (Trait::FieldTrigger, "a triggered action of a form field", ["6.6.2", "6.4.1", ""]),
    (Trait::PageTrigger, "a triggered action of a page", ["", "6.5.2", ""]),
    (Trait::CatalogTrigger, "a triggered action of the document", ["6.6.2", "6.5.2", ""]),
    (Trait::External, "content in another file", ["6.1.7", "6.1.7.1", "6.1.6.1"]),
    (Trait::Alternates, "alternate images", ["6.2.4", "6.2.8.1", "6.2.7.1"]),
    (Trait::PostScript, "PostScript", ["6.2.7", "6.2.9.1", "6.2.8.1"]),
    (Trait::Attachment, "an attached file", ["6.1.11", "", ""]),
    (Trait::Lzw, "LZW compression", ["6.1.10", "6.1.7.2", "6.1.6.2"]),
    (Trait::Transparency, "transparency", ["6.4", "", ""]),
    (Trait::FontMissing, "a font that is not embedded", ["6.3.4", "6.2.11.4.1", "6.2.10.4.1"]),
    (Trait::Layers, "layers", ["6.1.13", "", ""]),
    (Trait::NoAppearance, "a form field without appearance", ["6.9", "6.3.3", ""]),
    (Trait::NeedAppearances, "NeedAppearances", ["6.9", "6.4.1", "6.4.1"]),
    (Trait::Xfa, "an XFA form", ["", "6.4.2", "6.4.2"]),
    (Trait::NeedsRendering, "NeedsRendering", ["", "6.4.2", "6.4.2"]),
    (Trait::RichMedia, "sound, film or 3D", ["6.5.2", "6.3.1", "6.3.1"]),
];

/// Part and conformance level as claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Claim {
    part: u8,
    conformance: String,
}

impl Scene<'_, '_> {
    /// Reports the claim, and what contradicts it; to be called after everything else.
    pub(crate) fn look_at_claim(
        &mut self,
        catalog: &Dictionary,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let Object::Stream(metadata) = self.entry(catalog, "Metadata", budget)? else { return Ok(()) };
        let xmp = self.data(&metadata, Place::default(), budget)?;
        let Some(claim) = claim(&xmp) else { return Ok(()) };
        let title = format!("PDF/A-{}{}", claim.part, claim.conformance.to_lowercase());
        self.add(PDFA, Place::default(), format!("the document claims to be {title} (ISO 19005)"));
        let column = match claim.part {
            1 => 0,
            2 | 3 => 1,
            _ => 2,
        };
        let mut broken: Vec<String> = Vec::new();
        if self.snapshot.document().encryption().is_some() {
            broken.push("encryption (6.1.3)".into());
        }
        for (what, words, clauses) in &RULES {
            let clause = clauses[column];
            let lenient = claim.part == 4 && allowed_in_4(*what, &claim.conformance);
            if !clause.is_empty() && !lenient && self.traits.contains(what) {
                broken.push(format!("{words} ({clause})"));
            }
        }
        if claim.part == 4 && self.states_other_version(catalog, budget)? {
            broken.push("a version other than 2 in the catalog (6.1.12)".into());
        }
        if let Some(what) = self.permissions(catalog, claim.part, budget)? {
            broken.push(what);
        }
        broken.dedup();
        if !broken.is_empty() {
            let message = format!("{title} does not allow what is there: {}", broken.join(", "));
            self.add(PDFA_BROKEN, Place::default(), message);
        }
        Ok(())
    }

    /// `Version`, if it is there, is 2 and one digit (ISO 19005-4, 6.1.12).
    fn states_other_version(&mut self, catalog: &Dictionary, budget: &mut Budget) -> Result<bool, Malformed> {
        let version = self.entry(catalog, "Version", budget)?;
        Ok(version != Object::Null && !matches!(version.as_name(), Some([b'2', b'.', b'0'..=b'9'])))
    }

    /// `Perms` may hold but `DocMDP` and, before part 4, `UR3` (ISO 19005-2, 6.1.12; ISO 19005-4, 6.1.11); the
    /// signature reference has no digest of its own (ISO 19005-2, 6.1.12).
    fn permissions(
        &mut self,
        catalog: &Dictionary,
        part: u8,
        budget: &mut Budget,
    ) -> Result<Option<String>, Malformed> {
        if part == 1 {
            return Ok(None);
        }
        let clause = if part == 4 { "6.1.11" } else { "6.1.12" };
        let permissions = self.dictionary(catalog, "Perms", budget)?;
        let allowed: &[&[u8]] = if part == 4 { &[b"DocMDP"] } else { &[b"DocMDP", b"UR3"] };
        if permissions.0.iter().any(|(key, _)| !allowed.contains(&key.0.as_slice())) {
            return Ok(Some(format!("other permissions than DocMDP ({clause})")));
        }
        let signature = self.dictionary(&permissions, "DocMDP", budget)?;
        for reference in self.array(&signature, "Reference", budget)? {
            let reference = crate::scene::into_dictionary(self.resolve(&reference, budget)?);
            let digests = ["DigestLocation", "DigestMethod", "DigestValue"];
            if digests.iter().any(|key| reference.get(key).is_some()) {
                return Ok(Some(format!("a digest in the signature reference ({clause})")));
            }
        }
        Ok(None)
    }
}

/// PDF/A-4e is made for 3D and rich media and their actions (ISO 19005-4, Annex B).
fn allowed_in_4(what: Trait, conformance: &str) -> bool {
    conformance == "E" && matches!(what, Trait::RichMedia | Trait::LaterForbiddenAction | Trait::JavaScript)
}

/// `pdfaid:part` and `pdfaid:conformance`, as attribute or element.
fn claim(xmp: &[u8]) -> Option<Claim> {
    let value = |key: &[u8]| {
        let at = xmp.windows(key.len()).position(|part| part == key)?;
        let rest = xmp.get(at + key.len()..)?;
        let value: Vec<u8> = rest
            .iter()
            .copied()
            .take(40)
            .skip_while(|byte| !byte.is_ascii_alphanumeric())
            .take_while(u8::is_ascii_alphanumeric)
            .collect();
        String::from_utf8(value).ok()
    };
    let part = value(b"pdfaid:part")?.parse().ok()?;
    let conformance = value(b"pdfaid:conformance").filter(|level| level.len() == 1).unwrap_or_default();
    Some(Claim { part, conformance })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_claim_is_read_from_attributes_and_elements() {
        let found = claim(b"<x pdfaid:part=\"2\" pdfaid:conformance='B'/>");
        assert_eq!(found, Some(Claim { part: 2, conformance: "B".into() }));
        let found = claim(b"<pdfaid:part>4</pdfaid:part><pdfaid:rev>2020</pdfaid:rev>");
        assert_eq!(found, Some(Claim { part: 4, conformance: String::new() }));
        assert_eq!(claim(b"<x/>"), None);
    }
}
