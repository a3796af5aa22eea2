//! Reads the primitive values that CMS is made of: identifiers, small integers, times, algorithm identifiers.

use crate::ber::{Element, Form, Reader, Tag};
use crate::canonical::{self, SetOrder};
use crate::oid::Oid;
use crypto::{DigestAlgorithm, SignatureAlgorithm, UnknownAlgorithm};
use der::Decode;
use spki::AlgorithmIdentifierRef;
use std::borrow::Cow;
use types::{Budget, Malformed, Time};

/// What reading draws on and adds to.
pub(crate) struct Context<'b> {
    pub(crate) budget: &'b mut Budget,
    pub(crate) findings: Vec<types::Finding>,
}

impl<'b> Context<'b> {
    pub(crate) fn new(budget: &'b mut Budget) -> Context<'b> {
        Context { budget, findings: Vec::new() }
    }
}

const OID_CLAUSE: &str = "ITU-T X.690, 8.19";

impl<'a> Reader<'a> {
    /// An OBJECT IDENTIFIER.
    pub(crate) fn oid(&mut self, what: &'static str, budget: &mut Budget) -> Result<Oid, Malformed> {
        self.expect(Tag::OBJECT_IDENTIFIER, what, OID_CLAUSE, budget)?.oid()
    }

    /// An INTEGER of four bytes at most.
    pub(crate) fn small_integer(
        &mut self,
        what: &'static str,
        budget: &mut Budget,
    ) -> Result<i64, Malformed> {
        self.expect(Tag::INTEGER, what, "ITU-T X.690, 8.3", budget)?.small_integer()
    }

    /// An `AlgorithmIdentifier` whose digest algorithm is wanted.
    pub(crate) fn digest_algorithm(
        &mut self,
        what: &'static str,
        budget: &mut Budget,
    ) -> Result<Result<DigestAlgorithm, UnknownAlgorithm>, Malformed> {
        self.expect(Tag::SEQUENCE, what, "RFC 5652, 10.1.1", budget)?.digest_algorithm(budget)
    }
}

impl<'a> Element<'a> {
    /// The value of an OBJECT IDENTIFIER, whose tag may be implicit.
    pub(crate) fn oid(&self) -> Result<Oid, Malformed> {
        let read = Oid::from_content(self.content).filter(|_| self.form == Form::Primitive);
        read.ok_or_else(|| {
            self.malformed("object identifier is malformed or longer than 255 bytes", OID_CLAUSE)
        })
    }

    /// The value of an INTEGER of four bytes at most, whose tag may be implicit.
    pub(crate) fn small_integer(&self) -> Result<i64, Malformed> {
        let sign = match self.content.first() {
            Some(first) if self.content.len() <= 4 && self.form == Form::Primitive => {
                i64::from(*first as i8 >> 7)
            }
            _ => return Err(self.malformed("integer is empty or longer than four bytes", "ITU-T X.690, 8.3")),
        };
        Ok(self.content.iter().fold(sign, |value, byte| value << 8 | i64::from(*byte)))
    }

    /// The digest algorithm of an `AlgorithmIdentifier`.
    pub(crate) fn digest_algorithm(
        &self,
        budget: &mut Budget,
    ) -> Result<Result<DigestAlgorithm, UnknownAlgorithm>, Malformed> {
        let oid = self.open("RFC 5652, 10.1.1")?.oid("digest algorithm", budget)?;
        let unknown = || UnknownAlgorithm { oid: oid.to_string(), detail: "".into() };
        // RFC 3370, 2.1 and 3.2: signers have put the signature algorithm where the digest algorithm belongs.
        Ok(oid.known().and_then(DigestAlgorithm::from_oid).ok_or_else(unknown))
    }

    /// The signature algorithm of an `AlgorithmIdentifier`; `digest` is the one named beside it.
    pub(crate) fn signature_algorithm(
        &self,
        digest: Option<DigestAlgorithm>,
        budget: &mut Budget,
    ) -> Result<Result<SignatureAlgorithm, UnknownAlgorithm>, Malformed> {
        const SEQUENCE: u8 = 0x30;
        let oid = self.open("RFC 5652, 10.1.2")?.oid("signature algorithm", budget)?;
        let unknown = |detail: &'static str| UnknownAlgorithm { oid: oid.to_string(), detail: detail.into() };
        let mut bytes = Cow::Borrowed(self.encoded.bytes);
        if self.tag != Tag::SEQUENCE {
            bytes.to_mut()[0] = SEQUENCE;
        }
        if AlgorithmIdentifierRef::from_der(&bytes).is_err() {
            let base = self.encoded.span.start;
            bytes = Cow::Owned(canonical::to_der(&bytes, base, SetOrder::Received, budget)?);
        }
        Ok(match AlgorithmIdentifierRef::from_der(&bytes) {
            Ok(identifier) => SignatureAlgorithm::from_identifier(identifier, digest),
            Err(_) if oid.known().is_none() => Err(unknown("")),
            Err(_) => Err(unknown("its parameters are malformed")),
        })
    }

    /// The moment of a UTCTime or GeneralizedTime and the nanoseconds beyond its whole second.
    pub(crate) fn time(&self) -> Result<(Time, u32), Malformed> {
        let malformed = || self.malformed("time is malformed", "RFC 5652, 11.3");
        let text = std::str::from_utf8(self.content).map_err(|_| malformed())?;
        let read = match self.tag {
            Tag::UTC_TIME => parse_utc_time(text),
            Tag::GENERALIZED_TIME => parse_generalized_time(text),
            _ => None,
        };
        read.filter(|_| self.form == Form::Primitive).ok_or_else(malformed)
    }

    /// Characters of a string of any ASN.1 string type, read as UTF-8 or, failing that, Latin-1; BMPString as UTF-16.
    pub(crate) fn text(&self, budget: &mut Budget) -> Result<String, Malformed> {
        const BMP_STRING: Tag = Tag::universal(30);
        let octets = self.octets(budget)?;
        if self.tag == BMP_STRING {
            let units: Vec<u16> =
                octets.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            return Ok(String::from_utf16_lossy(&units));
        }
        Ok(match std::str::from_utf8(&octets) {
            Ok(text) => text.to_owned(),
            Err(_) => octets.iter().map(|byte| char::from(*byte)).collect(),
        })
    }
}

/// Cuts `len` decimal digits off the front.
fn digits(text: &mut &str, len: usize) -> Option<u32> {
    let (number, rest) = text.split_at_checked(len)?;
    let value = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())??;
    *text = rest;
    Some(value)
}

/// `YYMMDDhhmm[ss](Z|+hhmm|-hhmm)`; years from 50 on are of the last century (RFC 5280, 4.1.2.5.1).
fn parse_utc_time(mut text: &str) -> Option<(Time, u32)> {
    let year = digits(&mut text, 2)?;
    let century = if year >= 50 { 1900 } else { 2000 };
    parse_after_year(century + i64::from(year), text)
}

/// `YYYYMMDDhh[mm[ss[.f]]](Z|+hhmm|-hhmm)` (ITU-T X.680, 46).
fn parse_generalized_time(mut text: &str) -> Option<(Time, u32)> {
    let year = digits(&mut text, 4)?;
    parse_after_year(i64::from(year), text)
}

fn parse_after_year(year: i64, mut text: &str) -> Option<(Time, u32)> {
    let (month, day, hour) = (digits(&mut text, 2)?, digits(&mut text, 2)?, digits(&mut text, 2)?);
    let minute = digits(&mut text, 2).unwrap_or(0);
    let second = digits(&mut text, 2).unwrap_or(0);
    let nanoseconds = match text.strip_prefix(['.', ',']) {
        Some(fraction) => {
            let len = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let (part, rest) = fraction.split_at_checked(len).filter(|_| len > 0)?;
            text = rest;
            part.bytes()
                .chain(std::iter::repeat(b'0'))
                .take(9)
                .fold(0, |n, digit| n * 10 + u32::from(digit - b'0'))
        }
        None => 0,
    };
    let time = Time::from_civil(year, month, day, hour, minute, second)?;
    Some((time.plus(-parse_zone(text)?), nanoseconds))
}

/// Seconds east of UTC. Local time without a zone is nothing that a signature can rely on.
fn parse_zone(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let mut rest = text.get(1..)?;
    let (hours, minutes) = (digits(&mut rest, 2)?, digits(&mut rest, 2).unwrap_or(0));
    (rest.is_empty() && hours < 24 && minutes < 60).then_some(sign * i64::from(hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_centuries_zones_and_fractions() {
        let at = |text: &str| text.parse::<Time>().ok();
        assert_eq!(parse_utc_time("491231235959Z").map(|t| t.0), at("2049-12-31T23:59:59Z"));
        assert_eq!(parse_utc_time("500101000000Z").map(|t| t.0), at("1950-01-01T00:00:00Z"));
        assert_eq!(parse_utc_time("2601011200+0200").map(|t| t.0), at("2026-01-01T10:00:00Z"));
        let (time, nanoseconds) = parse_generalized_time("20260101000000.25Z").unwrap();
        assert_eq!((Some(time), nanoseconds), (at("2026-01-01"), 250_000_000));
        for text in ["", "2601011200", "260101120000", "26010112000Z", "20260101000000.Z", "261301120000Z"] {
            assert_eq!(parse_utc_time(text), None, "{text}");
        }
    }

    #[test]
    fn small_integers_keep_their_sign() {
        let mut budget = Budget::default();
        let mut read = |bytes: &[u8]| Reader::new(bytes, 0).small_integer("integer", &mut budget);
        assert_eq!(read(&[2, 1, 0xff]), Ok(-1));
        assert_eq!(read(&[2, 2, 0x01, 0x00]), Ok(256));
        assert!(read(&[2, 0]).is_err());
        assert!(read(&[2, 5, 1, 1, 1, 1, 1]).is_err());
    }
}
