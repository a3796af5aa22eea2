//! Distinguished names: original bytes, comparison by RFC 5280, 7.1, and text by RFC 4514.

use crate::oid::{self, Oid};
use crate::string_prep;
use crate::tlv::{self, Reader};
use crate::{encode, tlv::Element};
use std::fmt;
use std::sync::Arc;
use types::Malformed;

/// A distinguished name (`Name`, RFC 5280, 4.1.2.4) with its original encoding.
///
/// Two names are equal if they match by RFC 5280, 7.1: attribute by attribute, strings of different types compared
/// after preparation (case, white space, compatibility forms), other values octet by octet.
///
/// ```text
/// Name ::= CHOICE { rdnSequence  RDNSequence }
/// RDNSequence ::= SEQUENCE OF RelativeDistinguishedName
/// RelativeDistinguishedName ::= SET SIZE (1..MAX) OF AttributeTypeAndValue
/// AttributeTypeAndValue ::= SEQUENCE { type AttributeType, value AttributeValue }
/// ```
#[derive(Clone)]
pub struct Name {
    der: Arc<[u8]>,
    /// Prepared form: each relative name with its length in front, so that a prefix of octets is a prefix of names.
    prepared: Arc<[u8]>,
}

/// One attribute of a name.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    /// Attribute type, e.g. commonName.
    pub oid: Oid,
    /// Identifier octet of the value.
    pub tag: u8,
    /// Contents of the value.
    pub content: &'a [u8],
    /// The value with its tag and length.
    pub der: &'a [u8],
    /// Index of the relative distinguished name that holds it.
    pub relative: usize,
}

impl Attribute<'_> {
    /// The value as text, if its type is a string type and its octets fit that type.
    pub fn text(&self) -> Option<String> {
        string_prep::decode(self.tag, self.content).map(|text| text.into_owned())
    }
}

impl Name {
    /// Reads the DER of a `Name`.
    pub fn from_der(der: &[u8]) -> Result<Name, Malformed> {
        let element = tlv::only(der, tlv::SEQUENCE, "a name")?;
        Name::read(&element)
    }

    pub(crate) fn read(element: &Element<'_>) -> Result<Name, Malformed> {
        let mut prepared = Vec::with_capacity(element.whole.len() + 16);
        let mut relatives = element.reader();
        while !relatives.is_empty() {
            let set = relatives.expect(tlv::SET, "a relative distinguished name")?;
            prepare_relative(&set, &mut prepared)?;
        }
        Ok(Name { der: element.whole.into(), prepared: prepared.into() })
    }

    /// A name of one relative name per attribute, in the order given (most general first). Values are written as
    /// UTF8String, except country (PrintableString) and e-mail and domain component (IA5String) where they fit.
    pub fn from_attributes(attributes: &[(Oid, &str)]) -> Name {
        let relatives: Vec<u8> = attributes
            .iter()
            .flat_map(|(oid, text)| {
                let printable = matches!(*oid, oid::COUNTRY | oid::SERIAL_NUMBER);
                let tag = match *oid {
                    _ if printable && is_printable(text) => tlv::PRINTABLE_STRING,
                    oid::EMAIL_ADDRESS | oid::DOMAIN_COMPONENT if text.is_ascii() => tlv::IA5_STRING,
                    _ => tlv::UTF8_STRING,
                };
                let value = encode::value(tag, text.as_bytes());
                encode::value(tlv::SET, &encode::sequence(&[&oid.to_der(), &value]))
            })
            .collect();
        Name::from_der(&encode::value(tlv::SEQUENCE, &relatives)).expect("what was just encoded can be read")
    }

    /// This name with one more relative name, given as the DER contents of its SET: the full name of a distribution
    /// point that is named relative to the CRL issuer (RFC 5280, 4.2.1.13). `None` if the contents are malformed.
    pub fn with_relative(&self, contents: &[u8]) -> Option<Name> {
        let own = tlv::only(&self.der, tlv::SEQUENCE, "a name").ok()?.content;
        Name::from_der(&encode::sequence(&[own, &encode::value(tlv::SET, contents)])).ok()
    }

    /// The original encoding.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The prepared form that comparison uses; equal octets mean equal names.
    pub fn prepared(&self) -> &[u8] {
        &self.prepared
    }

    /// Whether there is no attribute at all.
    pub fn is_empty(&self) -> bool {
        self.prepared.is_empty()
    }

    /// Whether the relative names of `base` are the first ones of this name: the subtree test for directory names
    /// (RFC 5280, 4.2.1.10).
    pub fn is_within(&self, base: &Name) -> bool {
        self.prepared.starts_with(&base.prepared)
    }

    /// Whether every string in it can be prepared for comparison (RFC 4518, 2.4); of others nothing can be said.
    pub fn is_comparable(&self) -> bool {
        self.attributes().iter().all(|one| string_prep::is_comparable(one.tag, one.content))
    }

    /// Its attributes in the order of the encoding.
    pub fn attributes(&self) -> Vec<Attribute<'_>> {
        let mut out = Vec::new();
        // What was read once can be read again, so errors cannot occur here.
        let _ = self.visit(|attribute| out.push(attribute));
        out
    }

    fn visit<'a>(&'a self, mut see: impl FnMut(Attribute<'a>)) -> Result<(), Malformed> {
        let mut relatives = Reader::new(&self.der).any()?.reader();
        let mut relative = 0;
        while !relatives.is_empty() {
            let mut set = relatives.any()?.reader();
            while !set.is_empty() {
                let (oid, value) = type_and_value(&mut set)?;
                see(Attribute { oid, tag: value.tag, content: value.content, der: value.whole, relative });
            }
            relative += 1;
        }
        Ok(())
    }

    /// The last attribute of this type as text: the most specific one.
    pub fn last(&self, oid: Oid) -> Option<String> {
        self.attributes().iter().rev().find(|attribute| attribute.oid == oid)?.text()
    }

    /// The most specific common name.
    pub fn common_name(&self) -> Option<String> {
        self.last(oid::COMMON_NAME)
    }
}

fn type_and_value<'a>(set: &mut Reader<'a>) -> Result<(Oid, Element<'a>), Malformed> {
    let pair = set.expect(tlv::SEQUENCE, "an attribute type and value")?;
    let mut pair = pair.reader();
    let oid = Oid::read(&pair.expect(tlv::OID, "an attribute type")?)?;
    let value = pair.any()?;
    pair.finish("an attribute value")?;
    Ok((oid, value))
}

/// Appends the prepared form of one relative name: length, then its attributes in octet order.
fn prepare_relative(set: &Element<'_>, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut reader = set.reader();
    if reader.is_empty() {
        return Err(set.malformed("a relative distinguished name without attributes", "RFC 5280, 4.1.2.4"));
    }
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    prepare_attribute(&mut reader, out)?;
    if !reader.is_empty() {
        let mut several = vec![out.split_off(start + 4)];
        while !reader.is_empty() {
            let mut one = Vec::new();
            prepare_attribute(&mut reader, &mut one)?;
            several.push(one);
        }
        several.sort();
        out.extend(several.concat());
    }
    let length = (out.len() - start - 4) as u32;
    if let Some(place) = out.get_mut(start..start + 4) {
        place.copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

/// Appends the prepared form of one attribute: type, kind of value, value, each with its length.
fn prepare_attribute(set: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let (oid, value) = type_and_value(set)?;
    out.push(oid.octets().len() as u8);
    out.extend_from_slice(oid.octets());
    let kind = out.len();
    out.extend_from_slice(&[1, 0, 0, 0, 0]);
    if !string_prep::prepare(value.tag, value.content, out) {
        out.truncate(kind + 5);
        if let Some(kind) = out.get_mut(kind) {
            *kind = 0;
        }
        out.extend_from_slice(value.whole);
    }
    let length = (out.len() - kind - 5) as u32;
    if let Some(place) = out.get_mut(kind + 1..kind + 5) {
        place.copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

/// Whether every character is of PrintableString (X.680, 41.4).
fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte))
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        self.prepared == other.prepared
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> std::cmp::Ordering {
        self.prepared.cmp(&other.prepared)
    }
}

impl std::hash::Hash for Name {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.prepared.hash(state);
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

/// Short names of attribute types (RFC 4514, 3; RFC 4519).
const SHORT_NAMES: [(Oid, &str); 16] = [
    (oid::COMMON_NAME, "CN"),
    (oid::LOCALITY, "L"),
    (oid::STATE, "ST"),
    (oid::ORGANIZATION, "O"),
    (oid::ORGANIZATIONAL_UNIT, "OU"),
    (oid::COUNTRY, "C"),
    (oid::STREET, "STREET"),
    (oid::DOMAIN_COMPONENT, "DC"),
    (oid::USER_ID, "UID"),
    (oid::SURNAME, "SN"),
    (oid::GIVEN_NAME, "givenName"),
    (oid::SERIAL_NUMBER, "serialNumber"),
    (oid::TITLE, "title"),
    (oid::PSEUDONYM, "pseudonym"),
    (oid::EMAIL_ADDRESS, "emailAddress"),
    (oid::ORGANIZATION_IDENTIFIER, "organizationIdentifier"),
];

impl fmt::Display for Name {
    /// RFC 4514: most specific first, e.g. `CN=Ada Example,O=Example,C=IT`. Control and direction-changing
    /// characters are escaped, so the text is safe to print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes = self.attributes();
        let relatives: Vec<&[Attribute<'_>]> = attributes.chunk_by(|a, b| a.relative == b.relative).collect();
        for (place, relative) in relatives.iter().rev().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            for (index, attribute) in relative.iter().enumerate() {
                if index > 0 {
                    f.write_str("+")?;
                }
                write_attribute(f, attribute)?;
            }
        }
        Ok(())
    }
}

fn write_attribute(f: &mut fmt::Formatter<'_>, attribute: &Attribute<'_>) -> fmt::Result {
    let known = SHORT_NAMES.iter().find(|(oid, _)| *oid == attribute.oid);
    match known {
        Some((_, name)) => write!(f, "{name}=")?,
        None => write!(f, "{}=", attribute.oid)?,
    }
    match attribute.text() {
        Some(text) => write_escaped(f, &text),
        None => {
            f.write_str("#")?;
            attribute.der.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
        }
    }
}

fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let last = text.chars().count().saturating_sub(1);
    for (index, character) in text.chars().enumerate() {
        let at_edge = character == ' ' && (index == 0 || index == last) || character == '#' && index == 0;
        if at_edge || "\"+,;<>\\".contains(character) {
            write!(f, "\\{character}")?;
        } else if character.is_control() || string_prep::is_invisible(character) {
            let mut octets = [0; 4];
            character.encode_utf8(&mut octets).bytes().try_for_each(|octet| write!(f, "\\{octet:02X}"))?;
        } else {
            write!(f, "{character}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_value(tag: u8, octets: &[u8]) -> Name {
        let pair = encode::sequence(&[&oid::COMMON_NAME.to_der(), &encode::value(tag, octets)]);
        Name::from_der(&encode::sequence(&[&encode::value(tlv::SET, &pair)])).unwrap()
    }

    #[test]
    fn string_type_case_and_spaces_do_not_matter() {
        let plain = with_value(tlv::PRINTABLE_STRING, b"Good CA");
        assert_eq!(plain, with_value(tlv::UTF8_STRING, b"  good   ca "));
        assert_eq!(plain, with_value(tlv::BMP_STRING, b"\0G\0o\0o\0d\0 \0C\0A"));
        assert_ne!(plain, with_value(tlv::UTF8_STRING, b"GoodCA"));
        assert_ne!(plain, with_value(tlv::OCTET_STRING, b"Good CA"));
        assert_ne!(plain, with_value(tlv::UTF8_STRING, b"Good\0 CA"));
    }

    #[test]
    fn compatibility_forms_and_case_of_any_script_match() {
        assert_eq!(
            with_value(tlv::UTF8_STRING, "ÀÉ".as_bytes()),
            with_value(tlv::TELETEX_STRING, b"\xe0\xe9")
        );
        assert_eq!(
            with_value(tlv::UTF8_STRING, "ｆｕｌｌ".as_bytes()),
            with_value(tlv::UTF8_STRING, b"FULL")
        );
        assert_eq!(
            with_value(tlv::UTF8_STRING, "e\u{301}".as_bytes()),
            with_value(tlv::UTF8_STRING, "é".as_bytes())
        );
    }

    #[test]
    fn a_subtree_is_a_prefix_of_whole_relative_names() {
        let base = Name::from_attributes(&[(oid::COUNTRY, "IT"), (oid::ORGANIZATION, "Example")]);
        let inside = Name::from_attributes(&[
            (oid::COUNTRY, "it"),
            (oid::ORGANIZATION, "EXAMPLE"),
            (oid::COMMON_NAME, "x"),
        ]);
        let beside = Name::from_attributes(&[(oid::COUNTRY, "IT"), (oid::ORGANIZATION, "Example2")]);
        assert!(inside.is_within(&base) && base.is_within(&base));
        assert!(!beside.is_within(&base) && !base.is_within(&inside));
    }

    #[test]
    fn what_is_prohibited_or_no_text_cannot_be_compared() {
        for text in ["Bank\u{e000}", "\u{10fffd}", "a\u{fffe}", "a\0", "\u{fffd}"] {
            assert!(!with_value(tlv::UTF8_STRING, text.as_bytes()).is_comparable(), "{text:?}");
        }
        assert!(!with_value(tlv::BMP_STRING, b"\0G\0").is_comparable());
        assert!(with_value(tlv::UTF8_STRING, "Bänk 銀行 🏦".as_bytes()).is_comparable());
        assert!(with_value(tlv::OCTET_STRING, b"\xff").is_comparable(), "octets are compared as they are");
    }

    #[test]
    fn text_follows_rfc_4514_and_is_safe_to_print() {
        let name = Name::from_attributes(&[
            (oid::COUNTRY, "IT"),
            (oid::ORGANIZATION, "A+B, \"C\" "),
            (oid::COMMON_NAME, "#x\u{202e}\n"),
        ]);
        assert_eq!(name.to_string(), "CN=\\#x\\E2\\80\\AE\\0A,O=A\\+B\\, \\\"C\\\"\\ ,C=IT");
    }

    #[test]
    fn an_empty_relative_name_is_malformed() {
        assert!(Name::from_der(&[0x30, 0x02, 0x31, 0x00]).is_err());
        assert!(Name::from_der(&[0x30, 0x00]).unwrap().is_empty());
    }
}
