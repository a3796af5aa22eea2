//! General names and name constraints (RFC 5280, 4.2.1.6 and 4.2.1.10) as found, without judging them.

use crate::Name;
use crate::oid::{self, Oid};
use crate::tlv::{self, Element, Reader};
use std::fmt;
use types::Malformed;

/// A name of one of the nine forms of X.509.
///
/// ```text
/// GeneralName ::= CHOICE {
///     otherName                 [0]  OtherName,
///     rfc822Name                [1]  IA5String,
///     dNSName                   [2]  IA5String,
///     x400Address               [3]  ORAddress,
///     directoryName             [4]  Name,
///     ediPartyName              [5]  EDIPartyName,
///     uniformResourceIdentifier [6]  IA5String,
///     iPAddress                 [7]  OCTET STRING,
///     registeredID              [8]  OBJECT IDENTIFIER }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GeneralName {
    /// A form defined elsewhere: its type and the DER of its value.
    Other(Oid, Box<[u8]>),
    /// An e-mail address.
    Email(Box<str>),
    /// A DNS name.
    Dns(Box<str>),
    /// An X.400 address, not read further.
    X400(Box<[u8]>),
    /// A distinguished name.
    Directory(Name),
    /// An EDI party name, not read further.
    EdiParty(Box<[u8]>),
    /// A URI.
    Uri(Box<str>),
    /// An address of 4 or 16 octets; in a constraint address and mask, 8 or 32 octets.
    Ip(Box<[u8]>),
    /// A registered identifier.
    RegisteredId(Oid),
}

/// The form of a [`GeneralName`], in the order of its tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameForm {
    /// otherName.
    Other,
    /// rfc822Name.
    Email,
    /// dNSName.
    Dns,
    /// x400Address.
    X400,
    /// directoryName.
    Directory,
    /// ediPartyName.
    EdiParty,
    /// uniformResourceIdentifier.
    Uri,
    /// iPAddress.
    Ip,
    /// registeredID.
    RegisteredId,
}

const CLAUSE: &str = "RFC 5280, 4.2.1.6";

impl GeneralName {
    pub(crate) fn read(element: &Element<'_>) -> Result<GeneralName, Malformed> {
        let boxed = || element.content.into();
        Ok(match element.tag {
            0xa0 => {
                let mut reader = element.reader();
                let oid = Oid::read(&reader.expect(tlv::OID, "the type of an other name")?)?;
                let value = reader.expect(tlv::constructed(0), "the value of an other name")?;
                reader.finish("an other name")?;
                GeneralName::Other(oid, value.content.into())
            }
            0x81 => GeneralName::Email(ia5(element)?),
            0x82 => GeneralName::Dns(ia5(element)?),
            0xa3 => GeneralName::X400(boxed()),
            0xa4 => {
                let mut reader = element.reader();
                let name = Name::read(&reader.expect(tlv::SEQUENCE, "a distinguished name")?)?;
                reader.finish("a directory name")?;
                GeneralName::Directory(name)
            }
            0xa5 => GeneralName::EdiParty(boxed()),
            0x86 => GeneralName::Uri(ia5(element)?),
            0x87 => GeneralName::Ip(boxed()),
            0x88 => GeneralName::RegisteredId(
                Oid::from_octets(element.content)
                    .ok_or_else(|| element.malformed("a malformed registered identifier", CLAUSE))?,
            ),
            _ => return Err(element.malformed("not a general name", CLAUSE)),
        })
    }

    /// Reads all names that the contents of a GeneralNames value hold; at least one must be there.
    pub(crate) fn read_all(mut names: Reader<'_>) -> Result<Vec<GeneralName>, Malformed> {
        let mut out = Vec::new();
        if names.is_empty() {
            return Err(names.malformed("general names without a name", CLAUSE));
        }
        while !names.is_empty() {
            let element = names.any()?;
            let name = GeneralName::read(&element)?;
            if matches!(&name, GeneralName::Ip(octets) if !matches!(octets.len(), 4 | 16)) {
                return Err(element.malformed("an IP address is neither 4 nor 16 octets long", CLAUSE));
            }
            out.push(name);
        }
        Ok(out)
    }

    /// The address if it is an e-mail address in the form of another name (SmtpUTF8Mailbox, RFC 9598, 3); one that cannot
    /// be read is empty.
    pub fn smtp_utf8_mailbox(&self) -> Option<&str> {
        let GeneralName::Other(oid::SMTP_UTF8_MAILBOX, value) = self else { return None };
        let text = tlv::only(value, tlv::UTF8_STRING, "a mailbox").ok().map(|element| element.content);
        Some(text.and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default())
    }

    /// Its form.
    pub fn form(&self) -> NameForm {
        match self {
            GeneralName::Other(..) => NameForm::Other,
            GeneralName::Email(_) => NameForm::Email,
            GeneralName::Dns(_) => NameForm::Dns,
            GeneralName::X400(_) => NameForm::X400,
            GeneralName::Directory(_) => NameForm::Directory,
            GeneralName::EdiParty(_) => NameForm::EdiParty,
            GeneralName::Uri(_) => NameForm::Uri,
            GeneralName::Ip(_) => NameForm::Ip,
            GeneralName::RegisteredId(_) => NameForm::RegisteredId,
        }
    }
}

fn ia5(element: &Element<'_>) -> Result<Box<str>, Malformed> {
    std::str::from_utf8(element.content)
        .ok()
        .filter(|text| text.is_ascii())
        .map(Into::into)
        .ok_or_else(|| element.malformed("an IA5String with other characters", CLAUSE))
}

impl fmt::Display for NameForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NameForm::Other => "other name",
            NameForm::Email => "e-mail address",
            NameForm::Dns => "DNS name",
            NameForm::X400 => "X.400 address",
            NameForm::Directory => "directory name",
            NameForm::EdiParty => "EDI party name",
            NameForm::Uri => "URI",
            NameForm::Ip => "IP address",
            NameForm::RegisteredId => "registered identifier",
        })
    }
}

impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GeneralName::Other(oid, _) => write!(f, "other name {oid}"),
            GeneralName::Email(text) | GeneralName::Dns(text) | GeneralName::Uri(text) => {
                write!(f, "{}", text.escape_debug())
            }
            GeneralName::Directory(name) => write!(f, "{name}"),
            GeneralName::Ip(octets) => write_ip(f, octets),
            GeneralName::RegisteredId(oid) => write!(f, "{oid}"),
            GeneralName::X400(_) | GeneralName::EdiParty(_) => write!(f, "{}", self.form()),
        }
    }
}

/// Address, or address and mask.
fn write_ip(f: &mut fmt::Formatter<'_>, octets: &[u8]) -> fmt::Result {
    let address = |octets: &[u8]| -> Option<std::net::IpAddr> {
        <[u8; 4]>::try_from(octets)
            .map(Into::into)
            .or_else(|_| <[u8; 16]>::try_from(octets).map(Into::into))
            .ok()
    };
    let half = octets.split_at(octets.len() / 2);
    match (address(octets), address(half.0), address(half.1)) {
        (None, Some(base), Some(mask)) => write!(f, "{base}/{mask}"),
        (Some(address), ..) => write!(f, "{address}"),
        _ => write!(f, "{octets:02x?}"),
    }
}

/// Name constraints of a certification authority (RFC 5280, 4.2.1.10).
///
/// ```text
/// NameConstraints ::= SEQUENCE {
///     permittedSubtrees [0] GeneralSubtrees OPTIONAL,
///     excludedSubtrees  [1] GeneralSubtrees OPTIONAL }
/// GeneralSubtree ::= SEQUENCE {
///     base    GeneralName,
///     minimum [0] BaseDistance DEFAULT 0,
///     maximum [1] BaseDistance OPTIONAL }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameConstraints {
    /// Names must lie in one of these, form by form.
    pub permitted: Vec<GeneralSubtree>,
    /// Names must lie in none of these.
    pub excluded: Vec<GeneralSubtree>,
}

/// A subtree of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneralSubtree {
    /// The root of the subtree.
    pub base: GeneralName,
    /// Zero in the profile.
    pub minimum: u32,
    /// Absent in the profile.
    pub maximum: Option<u32>,
}

impl NameConstraints {
    /// Reads the DER of a `NameConstraints` value.
    pub fn from_der(der: &[u8]) -> Result<NameConstraints, Malformed> {
        NameConstraints::read(Reader::new(der))
    }

    pub(crate) fn read(mut reader: Reader<'_>) -> Result<NameConstraints, Malformed> {
        let sequence = reader.expect(tlv::SEQUENCE, "name constraints")?;
        reader.finish("name constraints")?;
        let mut fields = sequence.reader();
        let permitted = subtrees(fields.optional(tlv::constructed(0))?)?;
        let excluded = subtrees(fields.optional(tlv::constructed(1))?)?;
        fields.finish("name constraints")?;
        Ok(NameConstraints { permitted, excluded })
    }
}

fn subtrees(element: Option<Element<'_>>) -> Result<Vec<GeneralSubtree>, Malformed> {
    let mut out = Vec::new();
    let Some(element) = element else { return Ok(out) };
    let mut reader = element.reader();
    if reader.is_empty() {
        return Err(element.malformed("a list of subtrees without a subtree", "RFC 5280, 4.2.1.10"));
    }
    while !reader.is_empty() {
        out.push(subtree(&reader.expect(tlv::SEQUENCE, "a subtree")?)?);
    }
    Ok(out)
}

fn subtree(element: &Element<'_>) -> Result<GeneralSubtree, Malformed> {
    let mut fields = element.reader();
    let base = GeneralName::read(&fields.any()?)?;
    let minimum = fields.optional(tlv::primitive(0))?.map(|value| tlv::unsigned(&value)).transpose()?;
    let maximum = fields.optional(tlv::primitive(1))?.map(|value| tlv::unsigned(&value)).transpose()?;
    fields.finish("a subtree")?;
    let address_ok = match &base {
        GeneralName::Ip(octets) => is_prefix_mask(octets),
        _ => true,
    };
    if !address_ok {
        return Err(
            element.malformed("an IP constraint is not an address and a prefix mask", "RFC 5280, 4.2.1.10")
        );
    }
    Ok(GeneralSubtree { base, minimum: minimum.unwrap_or(0), maximum })
}

/// Whether the octets are an address and a mask of leading ones (RFC 4632).
fn is_prefix_mask(octets: &[u8]) -> bool {
    let (_, mask) = octets.split_at(octets.len() / 2);
    let bits = mask.iter().take(16).fold(0u128, |bits, octet| bits << 8 | u128::from(*octet));
    let aligned = if mask.len() == 4 { bits << 96 } else { bits };
    matches!(octets.len(), 8 | 32) && aligned.leading_ones() == aligned.count_ones()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_must_be_prefixes() {
        assert!(is_prefix_mask(&[192, 0, 2, 0, 255, 255, 255, 0]));
        assert!(is_prefix_mask(&[192, 0, 2, 0, 255, 255, 254, 0]));
        assert!(is_prefix_mask(&[0; 8]) && is_prefix_mask(&[0; 32]));
        assert!(!is_prefix_mask(&[192, 0, 2, 0, 255, 0, 255, 0]));
        assert!(!is_prefix_mask(&[192, 0, 2, 0, 255, 253, 0, 0]));
        assert!(!is_prefix_mask(&[192, 0, 2, 0]));
    }
}
