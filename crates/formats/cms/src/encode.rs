//! Writes DER (ITU-T X.690, 10 and 11): just the values that CAdES signatures and time-stamps are made of.

use crate::canonical::length_octets;
use crate::oid::Oid;
use const_oid::ObjectIdentifier;
use crypto::{DigestAlgorithm, SignatureAlgorithm};
use der::Encode;
use types::Time;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const IA5_STRING: u8 = 0x16;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// The identifier octet of a constructed context-specific value; `number` below 31.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// Tag, length and the parts as content.
pub(crate) fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let len = parts.iter().map(|part| part.len()).sum();
    let length = length_octets(len);
    let mut out = Vec::with_capacity(1 + length.len() + len);
    out.push(tag);
    out.extend(length);
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// A SET OF with the elements sorted (X.690, 11.6), under the tag given.
pub(crate) fn set_of<'e>(tag: u8, elements: impl IntoIterator<Item = &'e [u8]>) -> Vec<u8> {
    let mut elements: Vec<&[u8]> = elements.into_iter().collect();
    elements.sort_unstable();
    value(tag, &elements)
}

pub(crate) fn oid(oid: ObjectIdentifier) -> Vec<u8> {
    value(OBJECT_IDENTIFIER, &[oid.as_bytes()])
}

/// An INTEGER from 0 to 127.
pub(crate) fn version(number: u8) -> Vec<u8> {
    value(INTEGER, &[&[number & 0x7f]])
}

/// The contents of a non-negative INTEGER, from big-endian octets, in its shortest form.
pub(crate) fn unsigned_content(octets: &[u8]) -> Vec<u8> {
    let shortest: Vec<u8> = octets.iter().copied().skip_while(|octet| *octet == 0).collect();
    let sign = shortest.first().is_none_or(|first| *first >= 0x80);
    [if sign { &[0][..] } else { &[] }, &shortest].concat()
}

/// An `AlgorithmIdentifier` without parameters, as RFC 5754, 2 and RFC 8702, 3.1 want them for digests.
pub(crate) fn digest_identifier(algorithm: DigestAlgorithm) -> Vec<u8> {
    value(SEQUENCE, &[&oid(algorithm.oid())])
}

/// The `AlgorithmIdentifier` of a signature algorithm; `None` if it has none.
pub(crate) fn signature_identifier(algorithm: &SignatureAlgorithm) -> Option<Vec<u8>> {
    algorithm.to_identifier().ok()?.to_der().ok()
}

/// UTCTime from 1950 to 2049, GeneralizedTime otherwise (RFC 5652, 11.3).
pub(crate) fn time(time: Time) -> Vec<u8> {
    let (year, month, day, hour, minute, second) = time.civil();
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    match year {
        1950..=2049 => value(UTC_TIME, &[format!("{:02}", year % 100).as_bytes(), rest.as_bytes()]),
        _ => value(GENERALIZED_TIME, &[format!("{year:04}").as_bytes(), rest.as_bytes()]),
    }
}

/// A GeneralizedTime in whole seconds (RFC 3161, 2.4.2).
pub(crate) fn generalized_time(time: Time) -> Vec<u8> {
    let (year, month, day, hour, minute, second) = time.civil();
    let text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    value(GENERALIZED_TIME, &[text.as_bytes()])
}

/// `Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue }` (RFC 5652, 5.3).
pub(crate) fn attribute<'v>(kind: impl Into<Oid>, values: impl IntoIterator<Item = &'v [u8]>) -> Vec<u8> {
    value(SEQUENCE, &[&kind.into().der(), &set_of(SET, values)])
}
